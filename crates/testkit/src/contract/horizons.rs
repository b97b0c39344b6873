//! Promises about what somebody who comes into a chat sees of it, where newcomers do not see its past.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, assert_refused, at, at_once, change_settings, draft,
    draft_with_client_id, editing, group, joining, leaving, new_user, owner, people, person,
    refused, reply, say, set_member, text,
};
use super::media::upload;
use domain::chat::{
    ChangeSettings, ChatRole, Followed, HistoryShown, Horizon, Member, Membership,
    PermissionsUpdate, RoomName,
};
use domain::host::Issuer;
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::message::{
    Author, ChangeRefusal, DeleteMessage, Draft, Emoji, MarkRefusal, Message, MessageQuery, Page,
    Pin, React, Search, SendRefusal, Star,
};
use domain::service_key::{KeyRate, NewServiceKey, Scopes};
use domain::session::Seed;

const HIDDEN: HistoryShown = HistoryShown::FromJoining;

/// Sets what newcomers of a chat see, as its owner.
async fn shows(stores: &Stores, chat: ChatId, owner: UserId, history: HistoryShown) {
    let permissions = PermissionsUpdate { history: Some(history), ..Default::default() };
    let wanted = ChangeSettings { permissions, ..change_settings(chat, owner) };
    assert!(stores.chats.update(wanted).await.unwrap().is_some(), "{history:?} is a change");
}

async fn comes_in(stores: &Stores, chat: ChatId, user: UserId) -> Member {
    let joined = stores.members.add(joining(chat, user, 1_000, at(50))).await.unwrap().joined;
    joined.into_iter().find(|member| member.chat == chat).expect("they came in")
}

/// What is hidden if that is the last message that is.
fn up_to(message: &Message) -> Horizon {
    Horizon::at(message.seq, message.id)
}

async fn seqs(stores: &Stores, viewer: UserId, chat: ChatId, page: Page) -> (Vec<i64>, bool, bool) {
    let page = stores.messages.history(viewer, chat, page, 3).await.unwrap().page;
    let seqs = page.messages.iter().map(|message| message.seq.get()).collect();
    (seqs, page.older, page.newer)
}

async fn found(stores: &Stores, viewer: UserId, q: &str) -> Vec<MessageId> {
    let query = MessageQuery::read(&Search { q, ..Search::default() }).unwrap();
    let page = stores.messages.find(viewer, query, None, 10).await.unwrap();
    page.messages.iter().map(|message| message.id).collect()
}

/// Lists are read at once with where their viewer stands: Cleo, who came in after the last message, and Ben, who saw
/// all three.
async fn reads_with_standing(stores: &Stores, last: &Message, [anna, ben, cleo]: [UserId; 3]) {
    let chat = last.chat;
    let pin = Pin { chat, message: last.id, actor: anna.into(), on: true, at: at(55) };
    stores.marks.pin(pin).await.unwrap();
    for (viewer, horizon, seen) in [(cleo, up_to(last), 0), (ben, Horizon::NONE, 3)] {
        let shown = stores.messages.shown(viewer, chat, 0, 10).await.unwrap();
        assert_eq!((shown.messages.len(), shown.count), (seen, seen));
        let one = seen.min(1);
        assert_eq!(stores.media.in_chat(viewer, chat, 10).await.unwrap().len(), one);
        assert_eq!(stores.marks.pinned(chat, Some(viewer)).await.unwrap().len(), one);
        let chats = &stores.chats;
        let found = chats.changes_with_standing(viewer, chat, Version::ZERO, 100).await.unwrap();
        let all = chats.changes(chat, Version::ZERO, 100).await.unwrap();
        assert_eq!(found.1, all, "it says what they see, and leaves nothing out");
        assert_eq!(found.0, stores.members.standing(chat, viewer).await.unwrap());
        assert_eq!((found.0.horizon, found.0.version), (horizon, all.version));
    }
    let outside = person(stores, "Outside").await.id;
    let nowhere = MessageId::stored(NOBODY);
    for (viewer, seen) in [(cleo, vec![]), (outside, vec![]), (ben, vec![last.clone()])] {
        let found = stores.messages.seen_among(viewer, &[nowhere, last.id, last.id]).await;
        let found = found.unwrap();
        let ids = |messages: &[Message]| messages.iter().map(|m| m.id).collect::<Vec<_>>();
        assert_eq!(ids(&found), ids(&seen));
        assert!(found.iter().all(|message| message.pinned_at == Some(at(55))), "as it is now");
    }
    let since = Version::ZERO;
    assert_not_found(stores.chats.changes_with_standing(outside, chat, since, 10).await);
    assert_not_found(stores.marks.pinned(chat, Some(outside)).await);
}

pub async fn newcomers_see_what_is_said_from_then_on(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "zebra one").await;
    shows(stores, chat, anna, HIDDEN).await;
    let file = upload(stores, anna, 1).await.id;
    let sent = Draft { attachments: vec![file], ..draft(chat, anna, "zebra two") };
    stores.messages.append(sent).await.unwrap();
    let last = say(stores, chat, ben, "zebra three").await;
    let joined = comes_in(stores, chat, cleo).await;
    assert_eq!((joined.horizon, joined.read_seq), (up_to(&last), last.seq));
    let standing = stores.members.standing(chat, cleo).await.unwrap();
    assert_eq!(standing.horizon, up_to(&last));
    assert_eq!(stores.members.standing(chat, ben).await.unwrap().horizon, Horizon::NONE);
    let version = joined.version;
    let followed = [Followed { chat, version, horizon: up_to(&last) }];
    assert_eq!(stores.chats.followed(cleo).await.unwrap(), followed);
    let memberships = [Membership { user: cleo, chat, version, horizon: up_to(&last) }];
    assert_eq!(stores.members.memberships(&[cleo]).await.unwrap(), memberships);
    let hidden = [(cleo, up_to(&last))];
    for (of, expected) in [(None, &hidden[..]), (Some(cleo), &hidden), (Some(ben), &[])] {
        assert_eq!(stores.members.horizons(chat, of).await.unwrap(), expected, "{of:?}");
    }

    let view = stores.chats.view(chat, cleo).await.unwrap();
    assert_eq!((view.horizon, view.last_message, view.unread_count), (up_to(&last), None, 0));
    let view = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!((view.horizon, view.last_message), (Horizon::NONE, Some(last.clone())));
    let around = Page::Around(first.seq);
    for page in [Page::Latest, Page::Before(last.seq), Page::After(Seq::ZERO), around] {
        assert_eq!(seqs(stores, cleo, chat, page).await, (vec![], false, false), "{page:?}");
    }
    assert_eq!(seqs(stores, ben, chat, Page::Latest).await, (vec![1, 2, 3], false, false));
    assert_eq!(found(stores, cleo, "zebra").await, []);
    assert_eq!(found(stores, ben, "zebra").await.len(), 3);
    reads_with_standing(stores, &last, [anna, ben, cleo]).await;

    // What was said since is there as if it were all.
    let mut since = Vec::new();
    for said in ["zebra four", "zebra five", "zebra six", "zebra seven"] {
        since.push(say(stores, chat, anna, said).await);
    }
    for (page, expected) in [
        (Page::Latest, (vec![5, 6, 7], true, false)),
        (Page::Before(Seq::stored(6)), (vec![4, 5], false, true)),
        (Page::Before(Seq::stored(3)), (vec![], false, true)),
        (Page::After(Seq::ZERO), (vec![4, 5, 6], false, true)),
        (Page::After(Seq::stored(2)), (vec![4, 5, 6], false, true)),
        (Page::After(Seq::stored(5)), (vec![6, 7], true, false)),
        (Page::Around(first.seq), (vec![4, 5], false, true)),
        (Page::Around(Seq::stored(5)), (vec![4, 5, 6], false, true)),
    ] {
        assert_eq!(seqs(stores, cleo, chat, page).await, expected, "{page:?}");
    }
    let newest_first: Vec<_> = since.iter().rev().map(|message| message.id).collect();
    assert_eq!(found(stores, cleo, "zebra").await, newest_first);
    assert_eq!(found(stores, cleo, &format!("in:{chat} from:Anna")).await, newest_first);
    assert_eq!(found(stores, cleo, "before:2100-01-01").await, newest_first);
    let view = stores.chats.view(chat, cleo).await.unwrap();
    assert_eq!((view.last_message, view.unread_count), (since.last().cloned(), 4));
}

pub async fn what_is_hidden_is_not_changed_or_answered(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna]).await.id;
    shows(stores, chat, anna, HIDDEN).await;
    let old = say(stores, chat, anna, "zebra").await;
    comes_in(stores, chat, ben).await;
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    let edit = editing((chat, old.id), ben, Ok(text("mine")), at(60));
    assert_eq!(refused(stores.messages.edit(edit).await), ChangeRefusal::NotFound);
    let delete = DeleteMessage { chat, message: old.id, actor: ben.into(), at: at(60) };
    assert_eq!(refused(stores.messages.delete(delete).await), ChangeRefusal::NotFound);
    let (emoji, on) = (Emoji::new("👍"), true);
    let react =
        |chat| React { chat, message: old.id, user: ben, emoji: emoji.clone(), on, at: at(2) };
    for chat in [None, Some(chat)] {
        assert_eq!(refused(stores.marks.react(react(chat)).await), MarkRefusal::NotFound);
    }
    let pin = Pin { chat, message: old.id, actor: ben.into(), on, at: at(60) };
    assert_eq!(refused(stores.marks.pin(pin).await), MarkRefusal::NotFound);
    let answer = stores.messages.append(reply(chat, ben, old.id)).await;
    assert_refused(answer, SendRefusal::ReplyNotFound);
    let star = Star { message: old.id, user: ben, on };
    stores.marks.star(star).await.unwrap();
    let starred = stores.marks.starred(ben, true, None, 10).await.unwrap();
    assert_eq!((starred.messages, starred.more), (vec![], false));
    assert_eq!(stores.messages.get(old.id).await.unwrap(), old, "nothing was changed");

    // Whoever sees it may answer it, and others see the answer only.
    let answer = stores.messages.append(reply(chat, anna, old.id)).await.unwrap().message;
    let page = stores.messages.history(ben, chat, Page::Latest, 10).await.unwrap().page;
    assert_eq!((page.messages, page.quoted), (vec![answer.clone()], vec![]));
    let page = stores.messages.history(anna, chat, Page::After(old.seq), 10).await.unwrap().page;
    assert_eq!((page.messages, page.quoted), (vec![answer.clone()], vec![old.clone()]));
    let shown = stores.messages.shown(ben, chat, 0, 10).await.unwrap();
    assert_eq!((shown.messages, shown.count, shown.quoted), (vec![answer], 1, vec![]));
}

pub async fn who_comes_back_sees_from_then_on(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let own =
        stores.messages.append(draft_with_client_id(chat, ben, "once")).await.unwrap().message;
    shows(stores, chat, anna, HIDDEN).await;
    assert_eq!(found(stores, ben, "said").await, [own.id], "who was there sees what they saw");
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    let meanwhile = say(stores, chat, anna, "said meanwhile").await;
    assert_eq!(comes_in(stores, chat, ben).await.horizon, up_to(&meanwhile));
    assert_eq!(found(stores, ben, "said").await, []);
    let by_author = MessageQuery { author: Some(Author::Id(ben)), ..MessageQuery::default() };
    let page = stores.messages.find(ben, by_author, None, 10).await.unwrap();
    assert_eq!((page.messages, page.next), (vec![], None));
    let again = stores.messages.append(draft_with_client_id(chat, ben, "once")).await;
    assert_refused(again, SendRefusal::ClientIdReused);
    let edit = editing((chat, own.id), ben, Ok(text("mine")), at(60));
    assert_eq!(refused(stores.messages.edit(edit).await), ChangeRefusal::NotFound);
    let left = stores.members.remove(leaving(chat, ben, at(70))).await.unwrap().left;
    assert_eq!(left[0].horizon, up_to(&meanwhile), "it stays what it was");
    let hidden = vec![(ben, up_to(&meanwhile))];
    assert_eq!(stores.members.horizons(chat, Some(ben)).await.unwrap(), hidden);

    // Those who come in once it is all shown again see all of it.
    shows(stores, chat, anna, HistoryShown::Everything).await;
    assert_eq!(comes_in(stores, chat, ben).await.horizon, Horizon::NONE);
    assert_eq!(found(stores, ben, "said").await, [meanwhile.id, own.id]);
    let again = stores.messages.append(draft_with_client_id(chat, ben, "once")).await.unwrap();
    assert_eq!((again.replayed, again.message.id), (true, own.id));
}

pub async fn in_an_empty_chat_nothing_is_hidden(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna]).await.id;
    shows(stores, chat, anna, HIDDEN).await;
    assert_eq!(comes_in(stores, chat, ben).await.horizon, Horizon::NONE);
    assert_eq!(stores.members.horizons(chat, None).await.unwrap(), []);
    say(stores, chat, anna, "first").await;
    assert_eq!(seqs(stores, ben, chat, Page::Latest).await, (vec![1], false, false));
}

pub async fn service_keys_see_everything(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let key = NewServiceKey {
        user: new_user("Shop"),
        hash: [9; 32],
        seed: Seed([3; 16]),
        scopes: Scopes::parse("messages:read").unwrap(),
        issuer: Issuer::new("https://shop.example").unwrap(),
        rate: KeyRate::new(7).unwrap(),
        actor: None,
        at: at(10),
        expires_at: at(1_000),
    };
    let shop = stores.service_keys.add(key).await.unwrap().account;
    let chat = group(stores, &[anna]).await.id;
    shows(stores, chat, anna, HIDDEN).await;
    let old = say(stores, chat, anna, "zebra").await;
    assert_eq!(comes_in(stores, chat, shop).await.horizon, Horizon::NONE);
    assert_eq!(found(stores, shop, "zebra").await, [old.id]);
}

pub async fn a_room_that_hides_its_past_tells_nothing_outside(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let name = RoomName::new("salon").unwrap();
    let (room, _) = stores.addresses.open_room(&name, owner(anna), at(1)).await.unwrap();
    let last = say(stores, room.id, anna, "zebra").await;
    let said = async |viewer| {
        let last = stores.addresses.last_said(&[room.id], viewer, at(9)).await.unwrap();
        let writers = stores.addresses.writers(&[room.id], viewer, 10).await.unwrap();
        (last.len(), writers.len())
    };
    assert_eq!(said(cleo).await, (1, 1), "anybody sees it who could come in");
    shows(stores, room.id, anna, HIDDEN).await;
    assert_eq!(said(cleo).await, (0, 0));
    assert_eq!(said(anna).await, (1, 1));
    assert_eq!(comes_in(stores, room.id, ben).await.horizon, up_to(&last));
    assert_eq!(said(ben).await, (0, 0));
    say(stores, room.id, ben, "new").await;
    assert_eq!((said(cleo).await, said(ben).await, said(anna).await), ((0, 0), (1, 1), (1, 2)));
}

pub async fn who_comes_in_among_messages_misses_none(stores: &Stores) {
    let anna = person(stores, "Anna").await.id;
    let chat = group(stores, &[anna]).await.id;
    shows(stores, chat, anna, HIDDEN).await;
    say(stores, chat, anna, "zebra").await;
    let mut newcomers = Vec::new();
    for number in 0..12 {
        newcomers.push(person(stores, &format!("Newcomer {number}")).await.id);
    }
    let calls = newcomers.iter().flat_map(|user| [Some(*user), None, None]).map(|joins| {
        let stores = stores.clone();
        async move {
            match joins {
                Some(user) => Some(comes_in(&stores, chat, user).await),
                None => {
                    say(&stores, chat, anna, "zebra").await;
                    None
                }
            }
        }
    });
    let joined: Vec<_> = at_once(calls).await.into_iter().flatten().collect();
    assert_eq!(joined.len(), newcomers.len());
    let all = stores.messages.page(chat, Page::Latest, 100).await.unwrap().messages;
    for member in joined {
        let seen = stores.messages.history(member.user.id, chat, Page::Latest, 100).await.unwrap();
        // Nothing was changed, so a message has the version of its creation.
        let since = all.iter().filter(|message| message.version > member.version);
        let since: Vec<_> = since.cloned().collect();
        assert_eq!(seen.page.messages, since, "{:?}", member.horizon);
        assert_eq!((seen.page.older, seen.page.newer), (false, false));
        assert_eq!(found(stores, member.user.id, "zebra").await.len(), since.len().min(10));
    }
}

pub async fn what_is_hidden_is_not_found_among_many(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let mut chats = Vec::new();
    for _ in 0..40 {
        let chat = group(stores, &[anna, ben]).await.id;
        shows(stores, chat, anna, HIDDEN).await;
        chats.push(chat);
    }
    // More messages than are searched without an index.
    let calls = (0..52).map(|n| {
        let (stores, chat) = (stores.clone(), chats[n % 2]);
        async move {
            for _ in 0..100 {
                say(&stores, chat, ben, "plain needlework").await;
            }
        }
    });
    at_once(calls).await;
    // Dora comes into many chats and Cleo into few, which are searched in different ways.
    for chat in &chats {
        comes_in(stores, *chat, dora).await;
    }
    for chat in &chats[..2] {
        comes_in(stores, *chat, cleo).await;
    }
    let new = say(stores, chats[0], ben, "plain needlework, new").await;
    let newer = say(stores, chats[1], ben, "plain needlework, newer").await;
    let queries = [
        "needlework",
        "need",
        "plain need",
        "needlework from:ben",
        "from:ben",
        "plain need from:ben",
        "before:2023-11-15",
    ];
    for q in queries {
        for viewer in [cleo, dora] {
            assert_eq!(found(stores, viewer, q).await, [newer.id, new.id], "{q}");
        }
        assert_eq!(found(stores, ben, q).await.len(), 10, "{q}");
    }
    let first = format!("in:{} needle", chats[0]);
    assert_eq!(found(stores, dora, &first).await, [new.id]);
}
