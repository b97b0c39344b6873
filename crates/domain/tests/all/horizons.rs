//! What somebody sees of a chat that hides its past from newcomers, in every way of looking at it.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use crate::decide::{CHAT, ME, NOW, OTHER, actor, message, word};
use domain::chat::{
    ChatRole, HistoryShown, Horizon, Permissions, PermissionsUpdate, SettingsUpdate, Standing,
    rules,
};
use domain::event::EventBody;
use domain::failure::Kind;
use domain::ids::{ChatId, MessageId, Seq, Version};
use domain::message::{
    Circumstances, DeleteMessage, Draft, Message, MessageFacts, MessageText, Page, Search, Send,
};
use domain::session::Caller;
use futures_executor::block_on;
use testkit::world::{World, refusal};

const HIDDEN: (Kind, &str) = (Kind::NotFound, "message_not_found");

#[test]
fn newcomers_see_nothing_of_a_hidden_past_unless_they_are_keys() {
    let newest = Horizon::at(Seq::stored(3), MessageId::stored(70));
    let usual = Permissions::default();
    let hides = Permissions { history: HistoryShown::FromJoining, ..usual };
    for (permissions, is_service, expected) in [
        (usual, false, Horizon::NONE),
        (usual, true, Horizon::NONE),
        (hides, false, newest),
        (hides, true, Horizon::NONE),
    ] {
        assert_eq!(rules::horizon(permissions, newest, is_service), expected);
        assert_eq!(rules::hides_past(permissions), permissions == hides);
    }
    assert_eq!(rules::horizon(hides, Horizon::NONE, false), Horizon::NONE);
}

#[test]
fn what_is_hidden_is_as_if_it_were_not_there() {
    let horizon = Horizon::at(Seq::stored(2), MessageId::stored(2));
    let admin = actor("group admin").map(|actor| Standing { horizon, ..actor });
    let reply = Draft {
        reply_to: Some(MessageId::stored(1)),
        ..Draft::new(CHAT, ME, MessageText::new("Hello").unwrap(), NOW)
    };
    for (id, deleting, replying, replaying) in
        [(2, "NotFound", "ReplyNotFound", "ClientIdReused"), (3, "yes", "Append", "Replay")]
    {
        let message = Message { id: MessageId::stored(id), seq: Seq::stored(id), ..message(OTHER) };
        let facts = MessageFacts { actor: admin, message: Some(&message) };
        let delete = DeleteMessage { chat: CHAT, message: message.id, actor: ME.into(), at: NOW };
        assert_eq!(word(delete.decide(facts), |_| "yes".to_owned()), deleting);
        let found = Circumstances { role: Some(ChatRole::Admin), horizon, ..Default::default() };
        let answers = Circumstances { answered: Some(&message), ..found };
        let admitted = |found| word(reply.admit(found), |admitted| format!("{admitted:?}"));
        assert_eq!(admitted(answers), replying);
        assert_eq!(admitted(Circumstances { replayed: Some(&message), ..found }), replaying);
        let edited = EventBody::MessageEdited(message.clone());
        assert_eq!(edited.is_hidden(horizon), id == 2);
        let read =
            EventBody::Read { chat: CHAT, user: ME, seq: message.seq, version: message.version };
        assert_eq!(read.is_hidden(horizon), id == 2);
    }
}

/// A chat of Anna's, with an old message, into which Ben came after it.
struct Scene {
    world: World,
    anna: Caller,
    ben: Caller,
    chat: ChatId,
    old: MessageId,
}

async fn hide(world: &World, owner: &Caller, chat: ChatId) {
    let history = Some(HistoryShown::FromJoining);
    let permissions = PermissionsUpdate { history, ..PermissionsUpdate::default() };
    let update = SettingsUpdate { permissions, ..SettingsUpdate::default() };
    world.chats.update(owner, chat, update).await.unwrap();
}

async fn scene() -> Scene {
    let world = World::default();
    let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
    let chat = world.group(&anna, &[]).await;
    hide(&world, &anna, chat).await;
    let old = world.say(&anna, chat, "zebra").await.id;
    world.messages.edit(&anna, chat, old, "zebra, edited").await.unwrap();
    world.messages.pin(&anna, chat, old, true).await.unwrap();
    world.chats.set_member(&anna, chat, ben.user, ChatRole::Admin).await.unwrap();
    Scene { world, anna, ben, chat, old }
}

#[test]
fn no_way_of_looking_shows_what_is_hidden() {
    block_on(async {
        let Scene { world, anna, ben, chat, old } = scene().await;
        let messages = &world.messages;
        assert_eq!(refusal(messages.get(&ben, chat, old).await), HIDDEN);
        assert_eq!(refusal(messages.find(&ben, old).await), HIDDEN);
        assert_eq!(refusal(messages.find_overheard(&ben, old).await), HIDDEN);
        assert_eq!(refusal(messages.edits(&ben, chat, old).await), HIDDEN);
        assert_eq!(refusal(messages.read(&ben, old).await), HIDDEN);
        assert_eq!(refusal(messages.star(&ben, old, true).await), HIDDEN);
        assert_eq!(refusal(messages.react(&ben, (None, old), "👍", true).await), HIDDEN);
        assert_eq!(refusal(messages.pin(&ben, chat, old, false).await), HIDDEN);
        assert_eq!(refusal(messages.edit(&ben, chat, old, "mine").await), HIDDEN);
        assert_eq!(refusal(messages.delete(&ben, chat, old).await), HIDDEN);
        let answer = Send { reply_to: Some(old), ..Send::new(chat, "What?") };
        let refused = refusal(messages.send(&ben, answer).await);
        assert_eq!(refused, (Kind::Invalid, "invalid"));
        assert_eq!(messages.pinned(&ben, chat).await.unwrap(), []);
        let nothing = (Vec::new(), false);
        assert_eq!(messages.newest(&ben, chat, None, 10).await.unwrap(), nothing);
        assert_eq!(messages.newest_before(&ben, chat, None, 10).await.unwrap(), nothing);
        assert_eq!(messages.overheard(&ben, chat, None, 10).await.unwrap(), nothing);
        assert_eq!(messages.shown(&ben, chat, (0, 10)).await.unwrap().count, 0);
        let search = Search { q: "zebra", ..Search::default() };
        assert_eq!(messages.search(&ben, &search, None, 10).await.unwrap().messages, []);
        let changes = world.chats.changes(&ben, chat, Version::ZERO, 100).await.unwrap();
        assert_eq!((changes.messages, changes.more), (vec![], false));
        let missed = world.chats.missed_by(ben.user, chat, Version::ZERO, 100).await.unwrap();
        let missed = missed.unwrap();
        assert!(missed.events.iter().all(|event| event.body.message().is_none()));
        assert_eq!(messages.find(&anna, old).await.unwrap().text, "zebra, edited");
    });
}

#[test]
fn a_reply_to_what_is_hidden_is_shown_without_it() {
    block_on(async {
        let Scene { world, anna, ben, chat, old } = scene().await;
        let answer = Send { reply_to: Some(old), ..Send::new(chat, "It was") };
        let answer = world.messages.send(&anna, answer).await.unwrap().message;
        let page = world.messages.page(&ben, chat, Page::Latest, 10).await.unwrap().page;
        assert_eq!((&page.messages[..], &page.quoted[..]), (&[answer.clone()][..], &[][..]));
        let changes = world.chats.changes(&ben, chat, Version::ZERO, 100).await.unwrap();
        let seen = (&changes.messages[..], &changes.quoted[..]);
        assert_eq!(seen, (&[answer.clone()][..], &[][..]));
        let newest = world.messages.newest(&ben, chat, None, 10).await.unwrap();
        assert_eq!(newest, (vec![answer.clone()], false));
        let shown = world.messages.shown(&ben, chat, (0, 10)).await.unwrap();
        assert_eq!((shown.messages, shown.quoted), (vec![answer], vec![]));
    });
}

#[test]
fn a_room_that_hides_its_past_is_not_looked_into() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let room = world.chats.enter_room(&anna, "salon").await.unwrap().0.chat.id;
        let old = world.say(&anna, room, "zebra").await.id;
        let looks = async |who: &Caller| {
            let (said, _) = world.messages.overheard(who, room, None, 10).await.unwrap();
            let last = world.chats.last_said(who, &[room]).await.unwrap();
            (said.len(), last.len(), world.messages.find_overheard(who, old).await.is_ok())
        };
        assert_eq!(looks(&ben).await, (1, 1, true));
        hide(&world, &anna, room).await;
        assert_eq!(looks(&ben).await, (0, 0, false));
        assert_eq!(looks(&anna).await, (1, 1, true));
        world.chats.join(&ben, room).await.unwrap();
        assert_eq!(looks(&ben).await, (0, 0, false));
        world.say(&anna, room, "new").await;
        assert_eq!(looks(&ben).await, (1, 1, false));
    });
}
