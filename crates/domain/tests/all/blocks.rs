//! Blocking: who can write to whom, who sees whom, and that the blocked person is not told.

use domain::chat::Member;
use domain::event::{Audience, Event, EventBody};
use domain::failure::Kind;
use domain::ids::{Seq, UserId, Version};
use domain::limits::OFFLINE_GRACE;
use domain::message::Send;
use domain::presence::ConnectionId;
use domain::session::Caller;
use futures_executor::block_on;
use testkit::world::{World, refusal};

const FIRST: ConnectionId = ConnectionId(1);
const UNAVAILABLE: (Kind, &str) = (Kind::Forbidden, "peer_unavailable");

async fn world() -> (World, [Caller; 3]) {
    let world = World::default();
    let people =
        [world.person("Anna").await, world.person("Ben").await, world.person("Cleo").await];
    (world, people)
}

#[test]
fn a_blocked_person_writes_and_reacts_no_more_and_types_for_nobody() {
    block_on(async {
        let (world, [anna, ben, cleo]) = world().await;
        let chat = world.chats.open_direct(&anna, ben.user).await.unwrap().0.chat.id;
        let (hers, his) = (world.say(&anna, chat, "one").await, world.say(&ben, chat, "two").await);
        world.blocks.block(&anna, ben.user).await.unwrap();
        world.bus.take();
        for (who, other, own) in [(&ben, anna.user, &his), (&anna, ben.user, &hers)] {
            let send = Send::new(chat, "hello");
            assert_eq!(refusal(world.messages.send(who, send).await), UNAVAILABLE);
            assert_eq!(refusal(world.messages.edit(who, chat, own.id, "x").await), UNAVAILABLE);
            assert_eq!(refusal(world.chats.open_direct(who, other).await), UNAVAILABLE);
            let react = world.messages.react(who, (None, hers.id), "👍", true).await;
            assert_eq!(refusal(react), UNAVAILABLE);
            world.typing.set(who, chat, true).await.unwrap();
        }
        assert_eq!(world.bus.take(), [], "nothing happened, so nobody heard of it");
        assert_eq!(
            refusal(world.chats.open_direct(&ben, UserId::stored(999)).await).1,
            "user_not_found"
        );
        world.chats.open_direct(&ben, cleo.user).await.unwrap();
        world.blocks.unblock(&anna, ben.user).await.unwrap();
        world.say(&ben, chat, "again").await;
    });
}

/// The event that one's own devices get.
fn own(blocker: &Caller, blocked: &Caller, on: bool) -> Event {
    let audience = Audience::Users(vec![blocker.user]);
    Event { audience, body: EventBody::Blocked { user: blocked.user, on } }
}

#[test]
fn taking_a_block_back_is_told_to_oneself_only() {
    block_on(async {
        let (world, [anna, ben, _]) = world().await;
        world.group(&anna, &[&ben]).await;
        world.blocks.block(&anna, ben.user).await.unwrap();
        world.bus.take();
        world.blocks.unblock(&anna, ben.user).await.unwrap();
        assert_eq!(world.bus.take(), [own(&anna, &ben, false)]);
        world.blocks.unblock(&anna, ben.user).await.unwrap();
        assert_eq!(world.bus.take(), [], "once");
    });
}

#[test]
fn who_blocks_seems_to_go_and_is_not_seen_again() {
    block_on(async {
        let (world, [anna, ben, cleo]) = world().await;
        world.group(&anna, &[&ben, &cleo]).await;
        world.presence.connect(anna.user, FIRST).await.unwrap();
        world.presence.settle().await.unwrap();
        world.bus.take();
        world.blocks.block(&anna, ben.user).await.unwrap();
        let told = world.bus.take();
        assert_eq!(told.len(), 2);
        assert_eq!(told[0], own(&anna, &ben, true));
        assert_eq!(told[1].audience, Audience::Users(vec![ben.user]));
        assert!(matches!(told[1].body, EventBody::Presence { online: false, .. }));
        world.blocks.block(&anna, ben.user).await.unwrap();
        assert_eq!(world.bus.take(), [], "once");

        let seen = async |by: &Caller| {
            let visible = world.presence.online(by, &[anna.user]).await.unwrap();
            (visible.of(anna.user), visible.shows_last_seen(anna.user))
        };
        assert_eq!(seen(&ben).await, (Some(false), false));
        assert_eq!(seen(&cleo).await, (Some(true), true));
        assert_eq!(seen(&anna).await, (Some(true), true));
        world.presence.disconnect(anna.user, FIRST).await.unwrap();
        world.clock.advance(OFFLINE_GRACE);
        world.presence.settle().await.unwrap();
        let told = world.bus.take();
        assert_eq!(told[0].audience, Audience::Users(vec![cleo.user]), "he hears of nothing");
    });
}

/// To whom each event goes, of those that tell what somebody does.
fn told(events: Vec<Event>) -> Vec<(&'static str, Audience)> {
    let kind = |body: &EventBody| match body {
        EventBody::MessageCreated(_) => "message",
        EventBody::Typing { until: Some(_), .. } => "types",
        EventBody::Typing { until: None, .. } => "stopped",
        EventBody::Read { .. } => "read",
        EventBody::Presence { .. } => "presence",
        other => panic!("{other:?}"),
    };
    events.into_iter().map(|event| (kind(&event.body), event.audience)).collect()
}

#[test]
fn who_is_blocked_is_told_nothing_of_what_the_other_does_but_say_things() {
    block_on(async {
        let (world, [anna, ben, cleo]) = world().await;
        let group = world.group(&anna, &[&ben, &cleo]).await;
        let direct = world.chats.open_direct(&anna, ben.user).await.unwrap().0.chat.id;
        let his = world.say(&ben, direct, "before").await;
        world.say(&ben, group, "before").await;
        world.say(&ben, direct, "more").await;
        world.blocks.block(&anna, ben.user).await.unwrap();
        world.bus.take();

        let not_ben = |mut others: Vec<UserId>| {
            others.push(ben.user);
            Audience::MembersExcept(group, others)
        };
        world.typing.set(&anna, group, true).await.unwrap();
        world.typing.set(&anna, group, false).await.unwrap();
        world.typing.set(&anna, direct, true).await.unwrap();
        let typed = not_ben(vec![anna.user]);
        assert_eq!(told(world.bus.take()), [("types", typed.clone()), ("stopped", typed.clone())]);
        world.typing.set(&anna, group, true).await.unwrap();
        world.say(&anna, group, "both go on as before").await;
        let said = ("message", Audience::Members(group));
        assert_eq!(told(world.bus.take()), [("types", typed.clone()), ("stopped", typed), said]);

        world.messages.read(&anna, his.id).await.unwrap();
        world.chats.mark_read(&anna, direct, Seq::stored(2)).await.unwrap();
        world.chats.mark_read(&anna, group, Seq::stored(1)).await.unwrap();
        let read = ("read", Audience::MembersExcept(direct, vec![ben.user]));
        let in_group = ("read", Audience::Members(group));
        assert_eq!(told(world.bus.take()), [read.clone(), read, in_group]);
        world.presence.connect(anna.user, FIRST).await.unwrap();
        world.presence.settle().await.unwrap();
        assert_eq!(told(world.bus.take()), [("presence", Audience::Users(vec![cleo.user]))]);

        // It is told to the one who blocks as ever.
        world.typing.set(&ben, group, true).await.unwrap();
        world.chats.mark_read(&ben, direct, Seq::stored(1)).await.unwrap();
        let types = ("types", Audience::MembersExcept(group, vec![ben.user]));
        assert_eq!(told(world.bus.take()), [types, ("read", Audience::Members(direct))]);
    });
}

#[test]
fn who_blocks_seems_to_have_read_nothing_in_the_direct_chat() {
    block_on(async {
        let (world, [anna, ben, _]) = world().await;
        let group = world.group(&anna, &[&ben]).await;
        let direct = world.chats.open_direct(&anna, ben.user).await.unwrap().0.chat.id;
        for chat in [group, direct] {
            world.say(&ben, chat, "one").await;
            world.chats.mark_read(&anna, chat, Seq::stored(1)).await.unwrap();
        }
        let markers = async |viewer: &Caller, chat| {
            let listed = world.chats.members(viewer, chat, None, 10).await.unwrap().members;
            let changes = world.chats.changes(viewer, chat, Version::ZERO, 10).await.unwrap();
            let marker = |members: &[Member]| {
                members.iter().find(|m| m.user.id == anna.user).unwrap().read_seq.get()
            };
            (marker(&listed), marker(&changes.members))
        };
        assert_eq!(markers(&ben, direct).await, (1, 1));
        world.blocks.block(&anna, ben.user).await.unwrap();
        assert_eq!(markers(&ben, direct).await, (0, 0));
        assert_eq!(markers(&anna, direct).await, (1, 1), "one's own is one's own");
        assert_eq!(markers(&ben, group).await, (1, 1), "in groups all is as before");
        world.blocks.unblock(&anna, ben.user).await.unwrap();
        world.blocks.block(&ben, anna.user).await.unwrap();
        assert_eq!(markers(&ben, direct).await, (1, 1), "he has blocked her now");
    });
}

#[test]
fn every_refusal_of_a_block_has_its_word() {
    block_on(async {
        let (world, [anna, ben, _]) = world().await;
        let own = world.blocks.block(&anna, anna.user).await;
        assert_eq!(refusal(own), (Kind::Conflict, "own_account"));
        let nobody = world.blocks.block(&anna, UserId::stored(999)).await;
        assert_eq!(refusal(nobody), (Kind::NotFound, "user_not_found"));
        for person in 0..1_000 {
            let person = world.person(&format!("Person {person}")).await;
            world.blocks.block(&anna, person.user).await.unwrap();
        }
        let one_more = world.blocks.block(&anna, ben.user).await;
        assert_eq!(refusal(one_more), (Kind::Conflict, "too_many_blocks"));
    });
}
