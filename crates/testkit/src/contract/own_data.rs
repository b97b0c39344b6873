//! Promises of [`domain::own_data::OwnDataStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_ended, assert_not_found, assert_refused, at, changes, deleting,
    draft, group, joining, leaving, people, person, say, session, sessions, set_active, set_member,
};
use crate::replica::Replica;
use domain::admin::{AuditAction, AuditKind, AuditQuery, AuditTarget, Record};
use domain::chat::{ChatRole, JoinError, NewGroup, Pair, Permissions, Title};
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, Seq, UserId};
use domain::message::{Emoji, React, SendRefusal, Star};
use domain::own_data::{LeftMessages, OwnReactions, PendingDeletion, Withdrawal};
use domain::user::{Email, PersonName, ProfileChange};

fn deletion(user: UserId, messages: LeftMessages) -> PendingDeletion {
    PendingDeletion { user, messages, at: at(50) }
}

async fn delete(stores: &Stores, user: UserId) {
    stores.own.begin_deletion(deletion(user, LeftMessages::Keep), None).await.unwrap();
}

async fn direct(stores: &Stores, a: UserId, b: UserId) -> ChatId {
    stores.chats.open_direct(Pair::new(a, b), at(1)).await.unwrap().0.id
}

fn changes_logged() -> AuditQuery {
    AuditQuery { kind: Some(AuditKind::Change), before: None, limit: 10 }
}

pub async fn a_deletion_takes_the_account_away(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let change = ProfileChange {
        first_name: Some(PersonName::new("Anna").unwrap()),
        email: Some(Email::new("anna@example.org").unwrap()),
        ..ProfileChange::default()
    };
    stores.users.set_profile(anna, change).await.unwrap();
    let ended = session(stores, anna, 10).await;
    let notes = direct(stores, anna, anna).await;
    let (message, user, on) = (say(stores, notes, anna, "mine").await.id, anna, true);
    stores.marks.star(Star { message, user, on }).await.unwrap();
    stores.blocks.block(anna, ben, 10, at(11)).await.unwrap();
    stores.blocks.block(ben, anna, 10, at(11)).await.unwrap();
    let record = Record {
        actor: Some(ben),
        at: at(50),
        action: AuditAction::UserDeleted,
        detail: "messages: keep".into(),
        origin: None,
    };
    let begin = deletion(anna, LeftMessages::Keep);
    stores.own.begin_deletion(begin, Some(record.clone())).await.unwrap();

    let gone = stores.users.get(anna).await.unwrap();
    assert_eq!((gone.name.as_str(), gone.active), ("deleted user", false));
    assert_eq!((gone.deleted_at, gone.last_seen_at), (Some(at(50)), None));
    assert_eq!(gone.profile, domain::user::Profile::default());
    assert_not_found(stores.users.account(anna).await);
    assert_not_found(stores.users.credentials("anna").await);
    assert_eq!(sessions(stores, anna, 50).await, []);
    assert_ended(stores, ended.id, 50).await;
    assert_eq!(changes(stores).await.ended[0].session, ended.id);
    assert_eq!(stores.blocks.list(anna, None, 10).await.unwrap().blocks, []);
    assert_eq!(stores.marks.stars_among(anna, &[message]).await.unwrap(), []);
    assert_eq!(stores.blocks.list(ben, None, 10).await.unwrap().blocks, []);
    stores.users.set_last_seen(&[anna], at(60)).await.unwrap();
    assert_eq!(stores.users.get(anna).await.unwrap(), gone, "nothing is noted of it");
    assert_not_found(stores.users.set_profile(anna, ProfileChange::default()).await);
    assert_not_found(set_active(stores, anna, true, at(60)).await);
    let log = stores.admin.audit(changes_logged()).await.unwrap().entries;
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].target, &log[0].record), (AuditTarget::User(anna), &record));
    assert_not_found(stores.own.begin_deletion(begin, Some(record)).await);
    let nobody = deletion(UserId::stored(NOBODY), LeftMessages::Keep);
    assert_not_found(stores.own.begin_deletion(nobody, None).await);
    assert_eq!(stores.admin.audit(changes_logged()).await.unwrap().entries.len(), 1);
}

pub async fn a_deletion_is_a_change_of_each_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[ben, anna]).await.id;
    let pair = direct(stores, anna, ben).await;
    let mut copy = Replica::download(stores, chat, ben).await;
    let begin = deletion(anna, LeftMessages::Keep);
    let told = stores.own.begin_deletion(begin, None).await.unwrap();
    let told: Vec<_> = told.iter().map(|m| (m.chat, &*m.user.name, m.version.get())).collect();
    assert_eq!(told, [(chat, "deleted user", 2), (pair, "deleted user", 2)]);
    copy.catch_up(stores, chat, 1).await;
    assert_eq!(copy, Replica::download(stores, chat, ben).await);
    assert_eq!(copy.members[&anna].user.name, "deleted user");
    let peer = stores.chats.view(pair, ben).await.unwrap().peer.unwrap();
    assert_eq!((peer.id, &*peer.name), (anna, "deleted user"));
}

pub async fn a_name_is_free_after_a_deletion(stores: &Stores) {
    let anna = person(stores, "Anna").await;
    let ben = person(stores, "Ben").await;
    delete(stores, anna.id).await;
    delete(stores, ben.id).await;
    let again = person(stores, "anna").await;
    assert_ne!(again.id, anna.id);
    assert_eq!(stores.users.credentials("anna").await.unwrap().user, again);
    let found = stores.users.get_many(&[anna.id, again.id]).await.unwrap();
    assert_eq!(found.len(), 2, "the old number stays that of the old one");
    let query = |folded: &str| domain::user::UserQuery {
        folded: folded.into(),
        after: None,
        limit: 10,
        sharing_with: None,
    };
    assert_eq!(stores.users.find(query("")).await.unwrap().users, [again]);
    assert_eq!(stores.users.find(query("deleted")).await.unwrap().users, []);
    let all = domain::admin::AccountQuery { limit: 10, ..Default::default() };
    assert_eq!(stores.admin.find_users(all).await.unwrap().accounts.len(), 1);
}

pub async fn nobody_chats_with_a_deleted_account_any_more(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let pair = direct(stores, anna, ben).await;
    let chat = group(stores, &[ben]).await.id;
    delete(stores, anna).await;
    let sent = stores.messages.append(draft(pair, ben, "hello?")).await;
    assert_refused(sent, SendRefusal::PeerUnavailable);
    assert_conflict(stores.chats.open_direct(Pair::new(anna, ben), at(60)).await);
    assert_not_found(stores.chats.open_direct(Pair::new(anna, cleo), at(60)).await);
    let back = stores.members.add(joining(chat, anna, 10, at(60))).await;
    assert!(matches!(back, Err(JoinError::Store(StoreError::NotFound))), "{back:?}");
    let (owner, members) = (ben, vec![anna]);
    let made = NewGroup {
        title: Title::new("New").unwrap(),
        owner,
        members,
        open: false,
        permissions: Permissions::default(),
        external_id: None,
        data: None,
        created_at: at(60),
    };
    assert_not_found(stores.chats.create_group(made).await);
    assert_not_found(stores.blocks.block(ben, anna, 10, at(60)).await);
    assert_not_found(stores.sessions.open(super::fixtures::new_session(anna, 60)).await);
}

pub async fn a_deletion_is_pending_until_it_is_finished(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let later = PendingDeletion { at: at(60), ..deletion(anna, LeftMessages::Keep) };
    let first = deletion(ben, LeftMessages::Delete);
    stores.own.begin_deletion(first, None).await.unwrap();
    stores.own.begin_deletion(later, None).await.unwrap();
    assert_eq!(stores.own.pending_deletions(10).await.unwrap(), [first, later]);
    assert_eq!(stores.own.pending_deletions(1).await.unwrap(), [first]);
    stores.own.finish_deletion(ben).await.unwrap();
    stores.own.finish_deletion(ben).await.unwrap();
    assert_eq!(stores.own.pending_deletions(10).await.unwrap(), [later]);
}

pub async fn chats_that_were_left_are_one_s_own_too(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut chats = Vec::new();
    for _ in 0..4 {
        chats.push(group(stores, &[ben, anna]).await.id);
        group(stores, &[ben]).await;
    }
    stores.members.remove(leaving(chats[1], anna, at(5))).await.unwrap();
    stores.chats.delete(deleting(chats.remove(2))).await.unwrap();
    for limit in [1, 2, 5] {
        let mut found: Vec<ChatId> = Vec::new();
        loop {
            let page = stores.own.chats(anna, found.last().copied(), limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert_eq!(found, chats, "limit {limit}");
    }
}

pub async fn one_s_messages_are_paged_by_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (chat, other) = (group(stores, &[ben, anna]).await.id, group(stores, &[anna]).await.id);
    let mut said = Vec::new();
    for nth in 0..5 {
        said.push(say(stores, chat, anna, &format!("{nth}")).await);
        say(stores, chat, ben, "not hers").await;
        say(stores, other, anna, "elsewhere").await;
    }
    said[2] = super::fixtures::delete(stores, said[2].id, at(200)).await.unwrap().unwrap();
    stores.members.remove(leaving(chat, anna, at(201))).await.unwrap();
    for limit in [1, 2, 5, 6] {
        let (mut found, mut after) = (Vec::new(), Seq::ZERO);
        loop {
            let page = stores.own.messages(chat, anna, after, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.seq;
            found.extend(page);
        }
        assert_eq!(found, said, "limit {limit}");
    }
    let nowhere = ChatId::stored(NOBODY);
    assert_eq!(stores.own.messages(nowhere, anna, Seq::ZERO, 10).await.unwrap(), []);
}

pub async fn deleted_messages_are_tombstones(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[ben, anna]).await.id;
    for nth in 0..3 {
        say(stores, chat, anna, &format!("{nth}")).await;
        say(stores, chat, ben, "stays").await;
    }
    let gone = stores.messages.page(chat, domain::message::Page::Latest, 10).await.unwrap();
    super::fixtures::delete(stores, gone.messages[2].id, at(40)).await.unwrap();
    let mut copy = Replica::download(stores, chat, ben).await;
    let delete = async |after| {
        let deleted = stores.own.delete_messages(chat, anna, after, 1, at(50)).await.unwrap();
        deleted.iter().map(|m| (m.seq.get(), m.text.clone(), m.deleted_at)).collect::<Vec<_>>()
    };
    let tombstone = |seq| vec![(seq, String::new(), Some(at(50)))];
    assert_eq!(delete(Seq::ZERO).await, tombstone(1));
    assert_eq!(delete(Seq::stored(1)).await, tombstone(5), "the one between was none any more");
    assert_eq!(delete(Seq::stored(5)).await, []);
    assert_eq!(delete(Seq::ZERO).await, [], "each once");
    copy.catch_up(stores, chat, 1).await;
    assert_eq!(copy, Replica::download(stores, chat, ben).await);
    assert_eq!(copy.messages.values().filter(|m| m.text == "stays").count(), 3);
    let nowhere = ChatId::stored(NOBODY);
    let none = stores.own.delete_messages(nowhere, anna, Seq::ZERO, 10, at(50)).await.unwrap();
    assert_eq!(none, []);
}

async fn react(stores: &Stores, message: MessageId, user: UserId, emoji: &str) {
    let emoji = Ok(Emoji::new(emoji).unwrap());
    stores
        .marks
        .react(React { chat: None, message, user, emoji, on: true, at: at(2) })
        .await
        .unwrap();
}

pub async fn one_s_reactions_are_paged_by_message(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (chat, other) =
        (group(stores, &[ben, anna]).await.id, group(stores, &[ben, anna]).await.id);
    let mut expected = Vec::new();
    for nth in 0..3 {
        for chat in [chat, other] {
            let message = say(stores, chat, ben, &format!("{nth}")).await.id;
            say(stores, chat, ben, "nobody reacts to this").await;
            react(stores, message, ben, "\u{1f389}").await;
            react(stores, message, anna, "\u{1f44d}").await;
            react(stores, message, anna, "\u{1f389}").await;
            let emoji = ["\u{1f389}", "\u{1f44d}"].map(|emoji| Emoji::new(emoji).unwrap());
            expected.push(OwnReactions { chat, message, emoji: emoji.to_vec() });
        }
    }
    let deleted = expected.remove(2);
    super::fixtures::delete(stores, deleted.message, at(200)).await.unwrap();
    stores.members.remove(leaving(chat, anna, at(201))).await.unwrap();
    for limit in [1, 2, 5, 6] {
        let (mut found, mut after) = (Vec::<OwnReactions>::new(), None);
        loop {
            let page = stores.own.reactions(anna, after, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= limit);
            after = Some(last.message);
            found.extend(page);
        }
        assert_eq!(found, expected, "limit {limit}, where she was before, too");
    }
    assert_eq!(stores.own.reactions(UserId::stored(NOBODY), None, 10).await.unwrap(), []);
}

pub async fn removed_reactions_are_changes_of_their_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (chat, other) =
        (group(stores, &[ben, anna]).await.id, group(stores, &[ben, anna]).await.id);
    let mut said = Vec::new();
    for chat in [chat, chat, chat, other] {
        said.push(say(stores, chat, ben, "Hello").await.id);
    }
    for message in [said[0], said[1], said[3]] {
        react(stores, message, anna, "\u{1f44d}").await;
    }
    react(stores, said[0], anna, "\u{1f389}").await;
    react(stores, said[0], ben, "\u{1f44d}").await;
    react(stores, said[2], ben, "\u{1f44d}").await;
    stores.members.remove(leaving(chat, anna, at(50))).await.unwrap();
    let mut copy = Replica::download(stores, chat, ben).await;
    let before = copy.version.get();
    let bare = stores.own.remove_reactions(chat, anna, &said).await.unwrap();
    let shown: Vec<_> =
        bare.iter().map(|m| (m.id, m.version.get() - before, m.extras.reactions.clone())).collect();
    let thumb =
        domain::message::Reaction { emoji: Emoji::new("\u{1f44d}").unwrap(), users: vec![ben] };
    assert_eq!(shown, [(said[0], 1, vec![thumb]), (said[1], 2, vec![])]);
    assert!(bare.iter().all(|message| message.edited_at.is_none()), "nothing was edited");
    copy.catch_up(stores, chat, 1).await;
    assert_eq!(copy, Replica::download(stores, chat, ben).await);
    assert_eq!(stores.own.remove_reactions(chat, anna, &said).await.unwrap(), [], "each once");
    let elsewhere = stores.own.reactions(anna, None, 10).await.unwrap();
    assert_eq!(elsewhere.iter().map(|own| own.message).collect::<Vec<_>>(), [said[3]]);
    let nowhere = ChatId::stored(NOBODY);
    assert_eq!(stores.own.remove_reactions(nowhere, anna, &said).await.unwrap(), []);
}

pub async fn an_owner_who_withdraws_is_followed(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let chat = group(stores, &[anna, ben, cleo, dora]).await.id;
    stores.members.set(set_member(chat, anna, dora, ChatRole::Admin)).await.unwrap();
    stores.members.set(set_member(chat, anna, cleo, ChatRole::Admin)).await.unwrap();
    delete(stores, cleo).await;
    delete(stores, anna).await;
    let mut copy = Replica::download(stores, chat, ben).await;
    let before = copy.version.get();
    let withdrawn = stores.own.withdraw(chat, anna, at(51)).await.unwrap();
    let Withdrawal::Left { heir: Some(heir), left } = withdrawn else { panic!("{withdrawn:?}") };
    assert_eq!((heir.user.id, heir.role), (dora, ChatRole::Owner), "who is there follows");
    assert_eq!((left[0].user.id, left[0].left_at), (anna, Some(at(51))));
    assert_eq!((heir.version.get(), left[0].version.get()), (before + 1, before + 2));
    copy.catch_up(stores, chat, 1).await;
    assert_eq!(copy, Replica::download(stores, chat, ben).await);
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().member_count, 3);
    let withdrawn = stores.own.withdraw(chat, cleo, at(52)).await.unwrap();
    assert!(matches!(withdrawn, Withdrawal::Left { heir: None, .. }), "it was not hers");
    assert_eq!(stores.members.standing(chat, dora).await.unwrap().role, ChatRole::Owner);
}

pub async fn who_withdraws_leaves_no_empty_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let (alone, pair) = (group(stores, &[anna]).await.id, direct(stores, anna, ben).await);
    let notes = direct(stores, anna, anna).await;
    delete(stores, anna).await;
    for chat in [alone, notes] {
        let withdrawn = stores.own.withdraw(chat, anna, at(51)).await.unwrap();
        assert_eq!(withdrawn, Withdrawal::Dissolved(vec![chat]));
        assert_not_found(stores.members.standing(chat, anna).await);
    }
    let before = stores.chats.view(pair, ben).await.unwrap();
    assert_eq!(stores.own.withdraw(pair, anna, at(51)).await.unwrap(), Withdrawal::Stayed);
    assert_eq!(stores.chats.view(pair, ben).await.unwrap(), before, "the other one reads on");
    delete(stores, ben).await;
    let last = stores.own.withdraw(pair, ben, at(52)).await.unwrap();
    assert_eq!(last, Withdrawal::Dissolved(vec![pair]), "nobody is left");
}

pub async fn withdrawing_twice_is_withdrawing_once(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    delete(stores, anna).await;
    let calls = (0..8).map(|_| {
        let own = stores.own.clone();
        async move { own.withdraw(chat, anna, at(51)).await.unwrap() }
    });
    let answers = super::fixtures::at_once(calls).await;
    let left = answers.iter().filter(|a| matches!(a, Withdrawal::Left { .. })).count();
    assert_eq!(left, 1, "{answers:?}");
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().member_count, 1);
    let nowhere = ChatId::stored(NOBODY);
    assert_eq!(stores.own.withdraw(nowhere, anna, at(51)).await.unwrap(), Withdrawal::Stayed);
    let stranger = person(stores, "Cleo").await.id;
    assert_eq!(stores.own.withdraw(chat, stranger, at(51)).await.unwrap(), Withdrawal::Stayed);
}
