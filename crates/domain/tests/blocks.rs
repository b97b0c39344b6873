//! Blocking: who can write to whom, who sees whom, and that nobody is told.

use domain::event::{Audience, Event, EventBody};
use domain::failure::Kind;
use domain::ids::UserId;
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

/// What one's own devices are told.
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
