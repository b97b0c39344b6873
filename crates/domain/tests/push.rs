//! Web Push over the adapters in memory.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::PreferencesUpdate;
use domain::clock::Clock;
use domain::failure::Kind;
use domain::ids::{ChatId, SessionId};
use domain::message::Message;
use domain::push::{Content, Delivery, Due, Notice, Subscribe, Told};
use domain::session::Caller;
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{World, refusal, refused_fields};

fn command(endpoint: &str) -> Subscribe<'_> {
    let (p256dh, auth) = (&[4; 65], &[1; 16]);
    Subscribe { endpoint, p256dh, auth, expires_at: None, content: Content::Sender }
}

async fn subscribe(world: &World, caller: &Caller, content: Content) {
    let endpoint = format!("https://push.example.org/{}", caller.session);
    let command = Subscribe { content, ..command(&endpoint) };
    world.pushes.subscribe(caller, command).await.unwrap();
}

async fn due(world: &World, message: &Message) -> Vec<Due> {
    let notice = Notice::of(message);
    if world.pushes.reachable([&notice].into_iter()).await.unwrap().is_empty() {
        return Vec::new();
    }
    let page = world.pushes.due(&notice, None).await.unwrap();
    assert_eq!(page.next, None);
    page.due
}

async fn told(world: &World, message: &Message) -> Vec<SessionId> {
    due(world, message).await.into_iter().map(|due| due.to.session).collect()
}

/// Ada, who writes, and Ben and Cleo, who are told; in a group.
async fn three(world: &World) -> ([Caller; 3], ChatId) {
    let people = [world.person("Ada").await, world.person("Ben").await, world.person("Cleo").await];
    let chat = world.group(&people[0], &[&people[1], &people[2]]).await;
    for person in &people {
        subscribe(world, person, Content::Sender).await;
    }
    (people, chat)
}

#[test]
fn everybody_else_is_told_who_wrote() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        subscribe(&world, &cleo, Content::SenderAndText).await;
        let message = world.say(&ada, chat, "Hello").await;
        let due = due(&world, &message).await;
        let told = |text: Option<&str>| Told {
            chat,
            seq: message.seq,
            sender: "Ada".to_owned(),
            text: text.map(str::to_owned),
        };
        let found: Vec<_> = due.into_iter().map(|due| (due.to.session, due.told)).collect();
        assert_eq!(found, [(ben.session, told(None)), (cleo.session, told(Some("Hello")))]);
    });
}

#[test]
fn a_long_text_is_cut() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, _], chat) = three(&world).await;
        subscribe(&world, &ben, Content::SenderAndText).await;
        for (said, expected) in [
            ("é".repeat(400), "é".repeat(400)),
            ("é".repeat(401), format!("{}…", "é".repeat(400))),
            (format!("{}  end", "x".repeat(399)), format!("{}…", "x".repeat(399))),
        ] {
            let message = world.say(&ada, chat, &said).await;
            assert_eq!(due(&world, &message).await[0].told.text, Some(expected));
        }
    });
}

#[test]
fn who_wants_to_hear_nothing_hears_nothing() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        let message = world.say(&ada, chat, "Hello").await;
        assert_eq!(told(&world, &message).await, [ben.session, cleo.session]);
        let now = world.clock.now();
        let muted = PreferencesUpdate {
            muted_until: Some(Some(now.plus(Duration::from_secs(60)))),
            ..PreferencesUpdate::default()
        };
        world.chats.set_preferences(&ben, chat, muted).await.unwrap();
        assert_eq!(told(&world, &message).await, [cleo.session]);
        world.chats.mark_read(&cleo, chat, message.seq).await.unwrap();
        assert_eq!(told(&world, &message).await, []);
        world.clock.advance(Duration::from_secs(61));
        let later = world.say(&ada, chat, "Hello?").await;
        assert_eq!(told(&world, &later).await, [ben.session, cleo.session]);
        let archived = PreferencesUpdate { archived: Some(true), ..PreferencesUpdate::default() };
        world.chats.set_preferences(&ben, chat, archived).await.unwrap();
        world.blocks.block(&cleo, ada.user).await.unwrap();
        assert_eq!(told(&world, &later).await, []);
    });
}

#[test]
fn before_another_try_things_are_looked_at_anew() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        let message = world.say(&ada, chat, "Hello").await;
        let notice = Notice::of(&message);
        let still = async |session| world.pushes.still_due(&notice, session).await.unwrap();
        assert_eq!(still(ben.session).await.map(|due| due.to.session), Some(ben.session));
        world.sessions.end(&ben, ben.session).await.unwrap();
        assert_eq!(still(ben.session).await, None, "and it is not the next one's");
        assert!(still(cleo.session).await.is_some());
        assert_eq!(still(ada.session).await, None);
    });
}

#[test]
fn what_is_gone_is_forgotten_unless_it_was_replaced() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, _], chat) = three(&world).await;
        let message = world.say(&ada, chat, "Hello").await;
        let due = due(&world, &message).await.remove(0);
        world.sender.answer(Delivery::Gone);
        world.pushes.subscribe(&ben, command("https://push.example.org/new")).await.unwrap();
        assert_eq!(world.pushes.deliver(&due).await.unwrap(), Delivery::Gone);
        let kept = world.pushes.subscription(&ben).await.unwrap().expect("the new one");
        let due = Due { to: kept, told: due.told };
        world.sender.answer(Delivery::Refused);
        world.pushes.deliver(&due).await.unwrap();
        assert!(world.pushes.subscription(&ben).await.unwrap().is_some());
        world.sender.answer(Delivery::Gone);
        world.pushes.deliver(&due).await.unwrap();
        assert_eq!(world.pushes.subscription(&ben).await.unwrap(), None);
        assert_eq!(world.sender.take().len(), 3);
    });
}

#[test]
fn what_is_no_subscription_is_refused() {
    block_on(async {
        let world = World::default();
        let ada = world.person("Ada").await;
        let good = command("https://push.example.org/x");
        for (command, field, code) in [
            (command("https://10.0.0.1/x"), "endpoint", "address_not_public"),
            (command("https://inside/x"), "endpoint", "address_not_public"),
            (command("nonsense"), "endpoint", "not_an_endpoint"),
            (Subscribe { p256dh: &[4; 64], ..good }, "keys.p256dh", "not_a_key"),
            (Subscribe { p256dh: &[2; 65], ..good }, "keys.p256dh", "not_a_key"),
            (Subscribe { auth: &[0; 17], ..good }, "keys.auth", "not_a_key"),
        ] {
            let answer = world.pushes.subscribe(&ada, command).await;
            assert_eq!(refused_fields(answer), [(field, code)]);
        }
        world.sessions.end(&ada, ada.session).await.unwrap();
        let answer = world.pushes.subscribe(&ada, good).await;
        assert_eq!(refusal(answer), (Kind::Unauthenticated, "token_invalid"));
    });
}
