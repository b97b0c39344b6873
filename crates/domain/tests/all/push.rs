//! Web Push with the in-memory adapters.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::PreferencesUpdate;
use domain::clock::Clock;
use domain::failure::Kind;
use domain::ids::{ChatId, SessionId};
use domain::limits::PUSH_REFUSALS;
use domain::message::{Draft, Message, MessageKind, MessageText};
use domain::push::{Burst, Content, Delivery, Due, NewSubscription, Notice, OldSubscription, Told};
use domain::session::Caller;
use futures_executor::block_on;
use std::time::Duration;
use testkit::world::{World, refusal, refused_fields};

fn given(endpoint: &str) -> NewSubscription<'_> {
    let (p256dh, auth) = (&[4; 65], &[1; 16]);
    NewSubscription { endpoint, p256dh, auth, expires_at: None }
}

async fn subscribe(world: &World, caller: &Caller, content: Content) {
    let endpoint = format!("https://push.example.org/{}", caller.session);
    world.pushes.subscribe(caller, given(&endpoint), content).await.unwrap();
}

async fn due(world: &World, message: &Message) -> Vec<Due> {
    let notice = Notice::of(message);
    if world.pushes.reachable([&notice].into_iter()).await.unwrap().is_empty() {
        return Vec::new();
    }
    let [mut burst] = Burst::gather([notice]).try_into().unwrap();
    let page = world.pushes.due(&mut burst, None).await.unwrap();
    assert_eq!(page.next, None);
    page.due
}

async fn told(world: &World, message: &Message) -> Vec<SessionId> {
    due(world, message).await.into_iter().map(|due| due.to.session).collect()
}

/// A group of Ada, who writes, and Ben and Cleo, who are notified.
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
fn nobody_is_told_of_what_does_not_count() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        for (counts, expected) in [(false, vec![]), (true, vec![ben.session, cleo.session])] {
            let kind = MessageKind::System { counts };
            let text = MessageText::new("Shipped").unwrap();
            let draft = Draft { kind, ..Draft::new(chat, ada.user, text, world.clock.now()) };
            let message = world.stores.messages.append(draft).await.unwrap().message;
            assert_eq!(told(&world, &message).await, expected);
        }
    });
}

#[test]
fn a_burst_is_told_message_by_message_to_all_but_each_author() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        let other = world.group(&ada, &[&cleo]).await;
        let first = world.say(&ada, chat, "one").await;
        let elsewhere = world.say(&ada, other, "elsewhere").await;
        let second = world.say(&ben, chat, "two").await;
        let deleted = world.say(&ada, chat, "three").await;
        let last = world.say(&ada, chat, "four").await;
        world.messages.delete(&ada, chat, deleted.id).await.unwrap();
        world.blocks.block(&cleo, ben.user).await.unwrap();
        let all = [&first, &elsewhere, &second, &deleted, &last].map(Notice::of);
        let [mut here, mut there] = Burst::gather(all).try_into().unwrap();
        let told = async |burst: &mut Burst| -> Vec<_> {
            let page = world.pushes.due(burst, None).await.unwrap();
            assert_eq!(page.next, None);
            page.due.into_iter().map(|due| (due.told.seq, due.to.session)).collect()
        };
        let expected = [
            (first.seq, ben.session),
            (first.seq, cleo.session),
            // Cleo has blocked Ben.
            (second.seq, ada.session),
            (last.seq, ben.session),
            (last.seq, cleo.session),
        ];
        assert_eq!(told(&mut here).await, expected);
        assert_eq!(told(&mut there).await, [(elsewhere.seq, cleo.session)]);
        assert!(Burst::gather([]).is_empty());
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
fn who_wants_mentions_only_hears_of_those() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        let mentions = PreferencesUpdate { mentions_only: Some(true), ..Default::default() };
        world.chats.set_preferences(&ben, chat, mentions).await.unwrap();
        for (text, expected) in [
            ("Hello", vec![cleo.session]),
            ("@Cleo, hello", vec![cleo.session]),
            ("`@Ben` is code", vec![cleo.session]),
            ("@Ben, hello", vec![ben.session, cleo.session]),
            ("@Cleo and @Ben", vec![ben.session, cleo.session]),
        ] {
            let message = world.say(&ada, chat, text).await;
            assert_eq!(told(&world, &message).await, expected, "{text}");
        }
        // Silence is silence.
        let message = world.say(&ada, chat, "@Ben, hello").await;
        let until = Some(world.clock.now().plus(Duration::from_secs(60)));
        let muted = PreferencesUpdate { muted_until: Some(until), ..Default::default() };
        world.chats.set_preferences(&ben, chat, muted).await.unwrap();
        assert_eq!(told(&world, &message).await, [cleo.session]);
        world.clock.advance(Duration::from_secs(61));
        assert_eq!(told(&world, &message).await, [ben.session, cleo.session]);
        let all = PreferencesUpdate { mentions_only: Some(false), ..Default::default() };
        world.chats.set_preferences(&ben, chat, all).await.unwrap();
        let message = world.say(&ada, chat, "Hello").await;
        assert_eq!(told(&world, &message).await, [ben.session, cleo.session]);
    });
}

#[test]
fn before_another_try_things_are_looked_at_anew() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, cleo], chat) = three(&world).await;
        let message = world.say(&ada, chat, "Hello").await;
        let notice = Notice::of(&message);
        let still = async |session| world.pushes.still_due(notice, session).await.unwrap();
        assert_eq!(still(ben.session).await.map(|due| due.to.session), Some(ben.session));
        world.sessions.end(&ben, ben.session).await.unwrap();
        assert_eq!(still(ben.session).await, None, "and it is not the next one's");
        assert!(still(cleo.session).await.is_some());
        assert_eq!(still(ada.session).await, None);
    });
}

#[test]
fn a_message_is_told_as_it_is_by_then() {
    block_on(async {
        let world = World::default();
        let ([ada, _, cleo], chat) = three(&world).await;
        subscribe(&world, &cleo, Content::SenderAndText).await;
        let message = world.say(&ada, chat, "A secret").await;
        let text = async || due(&world, &message).await.pop().and_then(|due| due.told.text);
        assert_eq!(text().await.as_deref(), Some("A secret"));
        world.messages.edit(&ada, chat, message.id, "Nothing").await.unwrap();
        assert_eq!(text().await.as_deref(), Some("Nothing"));
        world.messages.delete(&ada, chat, message.id).await.unwrap();
        assert_eq!(told(&world, &message).await, []);
        let notice = Notice::of(&message);
        assert_eq!(world.pushes.still_due(notice, cleo.session).await.unwrap(), None);
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
        let new = given("https://push.example.org/new");
        world.pushes.subscribe(&ben, new, Content::Sender).await.unwrap();
        assert_eq!(world.pushes.deliver(&due).await.unwrap(), Delivery::Gone);
        let kept = world.pushes.subscription(&ben).await.unwrap().expect("the new one");
        let due = Due { to: kept, ..due };
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
fn what_is_refused_again_and_again_is_forgotten() {
    block_on(async {
        let world = World::default();
        let ([ada, ben, _], chat) = three(&world).await;
        let message = world.say(&ada, chat, "Hello").await;
        let due = due(&world, &message).await.remove(0);
        let try_once = async |answer: Delivery| {
            world.sender.answer(answer);
            world.pushes.deliver(&due).await.unwrap();
            world.pushes.subscription(&ben).await.unwrap().is_some()
        };
        for _ in 1..PUSH_REFUSALS {
            assert!(try_once(Delivery::Refused).await);
        }
        assert!(try_once(Delivery::Later(None)).await);
        assert!(try_once(Delivery::Taken).await, "the counting begins anew");
        for _ in 1..PUSH_REFUSALS {
            assert!(try_once(Delivery::Refused).await);
        }
        assert!(!try_once(Delivery::Refused).await);
    });
}

#[test]
fn what_is_no_subscription_is_refused() {
    block_on(async {
        let world = World::default();
        let ada = world.person("Ada").await;
        let good = given("https://push.example.org/x");
        for (new, field, code) in [
            (given("https://10.0.0.1/x"), "endpoint", "address_not_public"),
            (given("https://inside/x"), "endpoint", "address_not_public"),
            (given("nonsense"), "endpoint", "not_an_endpoint"),
            (NewSubscription { p256dh: &[4; 64], ..good }, "keys.p256dh", "not_a_key"),
            (NewSubscription { p256dh: &[2; 65], ..good }, "keys.p256dh", "not_a_key"),
            (NewSubscription { auth: &[0; 17], ..good }, "keys.auth", "not_a_key"),
        ] {
            let answer = world.pushes.subscribe(&ada, new, Content::Sender).await;
            assert_eq!(refused_fields(answer), [(field, code)]);
        }
        world.sessions.end(&ada, ada.session).await.unwrap();
        let answer = world.pushes.subscribe(&ada, good, Content::Sender).await;
        assert_eq!(refusal(answer), (Kind::Unauthenticated, "token_invalid"));
    });
}

#[test]
fn who_shows_the_old_subscription_renews_it() {
    block_on(async {
        let world = World::default();
        let ada = world.person("Ada").await;
        let (old, new) = ("https://push.example.org/old", "https://push.example.org/new");
        let subscribed =
            world.pushes.subscribe(&ada, given(old), Content::SenderAndText).await.unwrap();
        let renew = async |endpoint, auth: &[u8], new| {
            world.pushes.renew(OldSubscription { endpoint, auth }, new).await
        };
        let unknown = (Kind::NotFound, "subscription_not_found");
        for (endpoint, auth) in [
            (old, &[1; 15][..]),
            (old, &[1; 17]),
            (old, &[]),
            (old, &[0; 16]),
            (new, &[1; 16]),
            ("nonsense", &[1; 16]),
        ] {
            // What is wrong with the new one is told to nobody else.
            assert_eq!(refusal(renew(endpoint, auth, given("https://inside/x")).await), unknown);
        }
        for (new, field, code) in [
            (given("https://inside/x"), "endpoint", "address_not_public"),
            (NewSubscription { auth: &[0; 17], ..given(new) }, "keys.auth", "not_a_key"),
        ] {
            let answer = renew(old, &[1; 16], new).await;
            assert_eq!(refused_fields(answer), [(field, code)]);
        }
        assert_eq!(world.pushes.subscription(&ada).await.unwrap(), Some(subscribed));
        let renewed = renew(old, &[1; 16], given(new)).await.unwrap();
        let told = (renewed.session, renewed.endpoint.as_str(), renewed.content);
        assert_eq!(told, (ada.session, new, Content::SenderAndText));
        assert_eq!(world.pushes.subscription(&ada).await.unwrap(), Some(renewed));
        assert_eq!(refusal(renew(old, &[1; 16], given(old)).await), unknown);
        world.sessions.end(&ada, ada.session).await.unwrap();
        assert_eq!(refusal(renew(new, &[1; 16], given(old)).await), unknown);
    });
}
