//! Promises of [`domain::chat::ChatStore`], but for lists and changes.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, assert_refused, at, at_once, change_settings, deleting, draft,
    draft_with_client_id, group, leaving, people, person, refused, say, set_member, summary, title,
    titled, versions,
};
use crate::replica::Replica;
use domain::chat::{
    ChangeSettings, Chat, ChatKind, ChatRole, ChatView, DeleteChat, DeleteRefusal, Description,
    Horizon, NewGroup, Pair, Permissions, Preferences, SettingsRefusal,
};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::SLOW_MODE_MAX;
use domain::message::{Page, SendRefusal};
use domain::text::TextError;
use std::time::Duration;

const FIRST: Version = Version::stored(1);

pub async fn a_direct_chat_is_opened_once(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let (chat, made) = stores.chats.open_direct(Pair::new(ben, anna), at(1)).await.unwrap();
    let expected = Chat {
        id: chat.id,
        kind: ChatKind::Direct,
        title: None,
        description: Description::default(),
        slow_mode: Duration::ZERO,
        open: false,
        permissions: Permissions::default(),
        created_at: at(1),
        external_id: None,
        data: None,
        version: FIRST,
    };
    assert_eq!((&chat, made), (&expected, true));
    say(stores, chat.id, anna, "Hello").await;
    let again = stores.chats.open_direct(Pair::new(anna, ben), at(9)).await.unwrap();
    assert_eq!(again, (expected, false), "it is as it was made");
    let (other, made) = stores.chats.open_direct(Pair::new(anna, cleo), at(2)).await.unwrap();
    assert!(made && other.id != chat.id);

    let copy = Replica::download(stores, chat.id, ben).await;
    assert_eq!(copy.members.keys().copied().collect::<Vec<_>>(), [anna, ben]);
    for member in copy.members.values() {
        assert_eq!((member.role, member.joined_at), (ChatRole::Member, at(1)));
        assert_eq!((member.left_at, member.read_seq, member.version), (None, Seq::ZERO, FIRST));
    }
}

pub async fn a_direct_chat_opened_at_once_is_one(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let calls = (0..20).map(|nth| {
        let chats = stores.chats.clone();
        let pair = if nth % 2 == 0 { Pair::new(anna, ben) } else { Pair::new(ben, anna) };
        async move { chats.open_direct(pair, at(1)).await.unwrap() }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|(_, made)| *made).count(), 1);
    assert!(answers.iter().all(|(chat, _)| *chat == answers[0].0), "{answers:?}");
    let versions = versions(stores, anna).await;
    assert_eq!(versions, [(answers[0].0.id, FIRST)]);
}

pub async fn notes_are_a_direct_chat_with_oneself(stores: &Stores) {
    let anna = person(stores, "Anna").await;
    let pair = Pair::new(anna.id, anna.id);
    let (chat, made) = stores.chats.open_direct(pair, at(1)).await.unwrap();
    assert!(made);
    assert!(!stores.chats.open_direct(pair, at(2)).await.unwrap().1);
    say(stores, chat.id, anna.id, "Milk").await;
    let view = stores.chats.view(chat.id, anna.id).await.unwrap();
    let oneself = summary(anna.id, "Anna");
    assert_eq!((view.peer, view.member_count, view.unread_count), (Some(oneself), 1, 0));
    assert_eq!(stores.members.contacts(anna.id, 10, 10).await.unwrap(), []);
}

pub async fn an_open_group_is_known_as_one(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let new = |open| NewGroup {
        title: title("Come in"),
        owner: anna,
        members: Vec::new(),
        open,
        permissions: Permissions::default(),
        external_id: None,
        data: None,
        created_at: at(1),
    };
    for open in [true, false] {
        let made = stores.chats.create_group(new(open)).await.unwrap();
        assert_eq!((made.kind, made.open), (ChatKind::Group, open));
        assert_eq!(stores.addresses.outline(made.id).await.unwrap().chat, made);
        assert_eq!(stores.members.standing(made.id, anna).await.unwrap().open, open);
        let changed = titled(made.id, anna, title("Still"));
        let changed = stores.chats.update(changed).await.unwrap().unwrap();
        assert_eq!(changed.open, open);
        assert_eq!(stores.chats.view(made.id, anna).await.unwrap().chat, changed);
    }
    assert!(!stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap().0.open);
}

pub async fn a_group_begins_at_version_1(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let made = group(stores, &[ben, cleo, anna]).await;
    let expected = Chat {
        id: made.id,
        kind: ChatKind::Group,
        title: Some(title("A group")),
        description: Description::default(),
        slow_mode: Duration::ZERO,
        open: false,
        permissions: Permissions::default(),
        created_at: at(1),
        external_id: None,
        data: None,
        version: FIRST,
    };
    assert_eq!(made, expected);
    let copy = Replica::download(stores, made.id, anna).await;
    assert_eq!((copy.version, &copy.chat), (FIRST, &Some(made.clone())));
    let roles: Vec<_> = copy.members.values().map(|m| (m.user.id, m.role)).collect();
    let (member, owner) = (ChatRole::Member, ChatRole::Owner);
    assert_eq!(roles, [(anna, member), (ben, owner), (cleo, member)]);
    assert!(copy.members.values().all(|m| m.version == FIRST && m.joined_at == at(1)));
    assert_ne!(group(stores, &[ben]).await.id, made.id, "a group is made anew each time");
}

pub async fn nobody_chats_without_an_account(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let nobody = UserId::stored(NOBODY);
    assert_not_found(stores.chats.open_direct(Pair::new(anna, nobody), at(1)).await);
    assert_not_found(stores.chats.open_direct(Pair::new(nobody, nobody), at(1)).await);
    let new = |owner, members| NewGroup {
        title: title("A"),
        owner,
        members,
        open: false,
        permissions: Permissions::default(),
        external_id: None,
        data: None,
        created_at: at(1),
    };
    assert_not_found(stores.chats.create_group(new(anna, vec![nobody])).await);
    assert_not_found(stores.chats.create_group(new(nobody, vec![anna])).await);
    assert_eq!(versions(stores, anna).await, [], "nothing was made");
}

pub async fn a_title_is_one_change(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let made = group(stores, &[anna, ben]).await;
    let other = group(stores, &[anna, ben]).await;
    let long = title(&"🦊".repeat(200));
    let renamed = stores.chats.update(titled(made.id, anna, long.clone())).await.unwrap().unwrap();
    let expected = Chat { title: Some(long), version: Version::stored(2), ..made.clone() };
    assert_eq!(renamed, expected);
    let view = stores.chats.view(made.id, ben).await.unwrap();
    assert_eq!((view.chat, view.version), (expected, Version::stored(2)));
    assert_eq!(view.active_at, at(1), "a title is no activity");
    assert_eq!(stores.chats.view(other.id, ben).await.unwrap().chat, other);
    let nowhere = stores.chats.update(titled(ChatId::stored(NOBODY), anna, title("A"))).await;
    assert_eq!(refused(nowhere), SettingsRefusal::ChatNotFound);
}

pub async fn a_description_is_one_change(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let made = group(stores, &[anna, ben]).await;
    let description = Description::new("What we talk about:\nall things").unwrap();
    let describing = |description| {
        let description = Some(Ok(description));
        stores.chats.update(ChangeSettings { description, ..change_settings(made.id, anna) })
    };
    let changed = describing(description.clone()).await.unwrap().unwrap();
    let expected = Chat { description, version: Version::stored(2), ..made.clone() };
    assert_eq!(changed, expected);
    assert_eq!(stores.chats.view(made.id, ben).await.unwrap().chat, expected);
    let titled = stores.chats.update(titled(made.id, anna, title("Us"))).await.unwrap().unwrap();
    assert_eq!(titled.description, expected.description);
    let nothing = describing(Description::default()).await.unwrap().unwrap();
    assert_eq!(nothing.description.as_str(), "");
}

/// Somebody may have been removed or lost their role since the use case checked.
pub async fn who_may_not_changes_no_settings(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let made = group(stores, &[anna, ben]).await;
    let chat = made.id;
    let set = |wanted| stores.chats.update(wanted);
    let slow = ChangeSettings { slow_mode: Some(SLOW_MODE_MAX), ..change_settings(chat, ben) };
    let too_slow = Some(SLOW_MODE_MAX + Duration::from_secs(1));
    let described = Some(Ok(Description::new("Mine").unwrap()));
    let described = ChangeSettings { description: described, ..change_settings(chat, ben) };
    let all = [titled(chat, ben, title("Mine")), slow, described];
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    let long = ChangeSettings { title: Some(Err(TextError::Empty)), ..change_settings(chat, ben) };
    assert_eq!(refused(set(long.clone()).await), SettingsRefusal::Title(TextError::Empty));
    let long = ChangeSettings { slow_mode: too_slow, ..long };
    assert_eq!(refused(set(long.clone()).await), SettingsRefusal::SlowMode);
    stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await.unwrap();
    for wanted in all.iter().chain([&long]) {
        assert_eq!(refused(set(wanted.clone()).await), SettingsRefusal::NotAllowed);
    }
    let deleted =
        stores.chats.delete(DeleteChat { chat, actor: Some(ben.into()), by_writers: false }).await;
    assert_eq!(refused(deleted), DeleteRefusal::NotAllowed);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    for wanted in all.iter().chain([&long]) {
        assert_eq!(refused(set(wanted.clone()).await), SettingsRefusal::ChatNotFound);
    }
    let deleted =
        stores.chats.delete(DeleteChat { chat, actor: Some(ben.into()), by_writers: false }).await;
    assert_eq!(refused(deleted), DeleteRefusal::ChatNotFound);
    let view = stores.chats.view(chat, anna).await.unwrap();
    assert_eq!((view.chat, view.version), (made, Version::stored(4)));
    let gone =
        stores.chats.delete(DeleteChat { chat, actor: Some(anna.into()), by_writers: false }).await;
    assert_eq!(gone.unwrap(), [chat]);
}

pub async fn the_view_is_the_members_own(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let (chat, _) = stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap();
    say(stores, chat.id, anna, "one").await;
    let last = say(stores, chat.id, ben, "two").await;
    stores.members.mark_read(chat.id, ben, Seq::stored(1)).await.unwrap();
    let hers = stores.chats.view(chat.id, anna).await.unwrap();
    let expected = ChatView {
        chat,
        role: ChatRole::Member,
        member_count: 2,
        peer: Some(summary(ben, "Ben")),
        read_seq: Seq::ZERO,
        horizon: Horizon::NONE,
        silence: None,
        preferences: Preferences::default(),
        unread_count: 1,
        mention_count: 0,
        last_message: Some(last),
        last_seq: Seq::stored(2),
        active_at: at(100),
        version: Version::stored(4),
    };
    assert_eq!(hers, expected);
    let his = stores.chats.view(expected.chat.id, ben).await.unwrap();
    let peer = Some(summary(anna, "Anna"));
    let expected = ChatView { peer, read_seq: Seq::stored(1), unread_count: 0, ..expected };
    assert_eq!(his, expected);
    assert_not_found(stores.chats.view(expected.chat.id, cleo).await);
    assert_not_found(stores.chats.view(ChatId::stored(NOBODY), anna).await);
}

pub async fn the_view_of_a_group_without_messages(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let made = group(stores, &[anna, ben]).await;
    let view = stores.chats.view(made.id, anna).await.unwrap();
    let expected = ChatView {
        chat: made,
        role: ChatRole::Owner,
        member_count: 2,
        peer: None,
        read_seq: Seq::ZERO,
        horizon: Horizon::NONE,
        silence: None,
        preferences: Preferences::default(),
        unread_count: 0,
        mention_count: 0,
        last_message: None,
        last_seq: Seq::ZERO,
        active_at: at(1),
        version: FIRST,
    };
    assert_eq!(view, expected);
}

pub async fn deleting_takes_everything_in_the_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let pair = Pair::new(anna, ben);
    let gone = stores.chats.open_direct(pair, at(1)).await.unwrap().0.id;
    let kept = group(stores, &[anna, ben]).await.id;
    let lost =
        stores.messages.append(draft_with_client_id(gone, anna, "first")).await.unwrap().message;
    stores.messages.append(draft_with_client_id(kept, anna, "second")).await.unwrap();
    say(stores, kept, ben, "stays").await;
    let before = Replica::download(stores, kept, anna).await;

    stores.chats.delete(deleting(gone)).await.unwrap();
    assert_not_found(stores.messages.get(lost.id).await);
    assert_eq!(stores.messages.page(gone, Page::Latest, 10).await.unwrap().messages, []);
    assert_eq!(stores.members.list(gone, None, 10).await.unwrap().members, []);
    assert_not_found(stores.members.standing(gone, anna).await);
    assert_not_found(stores.chats.view(gone, anna).await);
    assert_not_found(stores.chats.changes(gone, Version::ZERO, 10).await);
    assert_eq!(refused(stores.chats.delete(deleting(gone)).await), DeleteRefusal::ChatNotFound);
    assert_refused(stores.messages.append(draft(gone, anna, "?")).await, SendRefusal::ChatNotFound);
    assert_eq!(Replica::download(stores, kept, anna).await, before, "the other one is untouched");
    assert_eq!(versions(stores, ben).await, [(kept, before.version)]);

    let reused = stores.messages.append(draft_with_client_id(kept, anna, "first")).await.unwrap();
    assert!(!reused.replayed, "its client ids went with it");
    let replayed =
        stores.messages.append(draft_with_client_id(kept, anna, "second")).await.unwrap();
    assert!(replayed.replayed, "those of other chats did not");
    let (again, made) = stores.chats.open_direct(pair, at(5)).await.unwrap();
    assert!(made && again.id != gone, "it is opened anew");
    assert_eq!(stores.chats.view(again.id, ben).await.unwrap().last_message, None);
}

pub async fn of_deletions_at_once_one_deletes(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    say(stores, chat, anna, "Hello").await;
    let calls = (0..10).map(|_| {
        let chats = stores.chats.clone();
        async move { chats.delete(deleting(chat)).await }
    });
    let (done, missed): (Vec<_>, Vec<_>) =
        at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for answer in missed {
        assert_eq!(refused(answer), DeleteRefusal::ChatNotFound);
    }
}
