//! The data that hosts store with messages, the kinds of messages, and who may send and change which.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::event::{Audience, Event, EventBody};
use domain::failure::Kind;
use domain::ids::ChatId;
use domain::message::{MessageKind, MessageUpdate, Send};
use domain::service_key::{AddKey, Scope};
use domain::session::Caller;
use futures_executor::block_on;
use testkit::world::{World, refusal, refused_fields};

const QUIET: MessageKind = MessageKind::System { counts: false };

fn card(chat: ChatId, data: Option<&'static str>) -> Send<'static> {
    Send { kind: MessageKind::App, data, ..Send::new(chat, "Order 7") }
}

/// A service key, acting for itself and for somebody.
async fn key(world: &World, person: &Caller) -> [Caller; 2] {
    let scopes = "messages:write,act_as";
    let wanted = AddKey { name: "Shop", scopes, issuer: "https://shop.example", rate: None };
    let actor = domain::admin::Actor::OPERATOR;
    let key = world.service_keys.add(actor, wanted).await.unwrap().key;
    let as_person = Some(domain::host::Reference::Id(person.user));
    let keys = &world.service_keys;
    let route = || Scope::MessagesWrite.into();
    [
        keys.admit(&key, route(), None).await.unwrap(),
        keys.admit(&key, route(), as_person).await.unwrap(),
    ]
}

#[test]
fn data_is_sent_and_patched_and_told() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let chat = world.group(&anna, &[&ben]).await;
        let data = Some(r#"{"order": 7, "note": null}"#);
        let sent = world.messages.send(&ben, card(chat, data)).await.unwrap().message;
        assert_eq!(sent.data.as_ref().unwrap().as_str(), r#"{"order":7}"#);
        world.bus.take();
        let patch = MessageUpdate { data: Some(r#"{"state": "paid"}"#), ..Default::default() };
        assert_eq!(
            refusal(world.messages.update(&anna, chat, sent.id, patch).await),
            (Kind::Forbidden, "not_allowed"),
            "the owner neither"
        );
        let patched = world.messages.update(&ben, chat, sent.id, patch).await.unwrap();
        assert_eq!(patched.data.as_ref().unwrap().as_str(), r#"{"order":7,"state":"paid"}"#);
        let body = EventBody::MessageUpdated(patched.clone());
        assert_eq!(world.bus.take(), [Event { audience: Audience::Members(chat), body }]);
        // Repeating it, or changing nothing, has no effect, and nobody is told.
        for wanted in [patch, MessageUpdate::default()] {
            let same = world.messages.update(&ben, chat, sent.id, wanted).await.unwrap();
            assert_eq!(same, patched);
        }
        assert_eq!(world.bus.take(), []);
        for (patch, code) in [
            ("[]", "data_not_an_object"),
            ("null", "data_missing"),
            (&*format!("{{\"a\":\"{}\"}}", "x".repeat(4_090)), "data_too_long"),
            (&*format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16)), "data_too_deep"),
        ] {
            let patch = MessageUpdate { data: Some(patch), text: Some("Order 8") };
            let refused = world.messages.update(&ben, chat, sent.id, patch).await;
            assert_eq!(refused_fields(refused), [("data", code)]);
        }
        assert_eq!(world.messages.get(&anna, chat, sent.id).await.unwrap(), patched);
        let removed = Send { data: Some("null"), ..Send::new(chat, "plain") };
        assert_eq!(world.messages.send(&ben, removed).await.unwrap().message.data, None);
    });
}

#[test]
fn what_an_app_shows_has_a_text_and_data() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let chat = world.group(&anna, &[]).await;
        for (data, code) in [
            (None, "data_missing"),
            (Some("null"), "data_missing"),
            (Some("7"), "data_not_an_object"),
            (Some("[{}]"), "data_not_an_object"),
        ] {
            let refused = world.messages.send(&anna, card(chat, data)).await;
            assert_eq!(refused_fields(refused), [("data", code)]);
        }
        let wordless = Send { text: " ", ..card(chat, Some("{}")) };
        assert_eq!(refused_fields(world.messages.send(&anna, wordless).await), [("text", "empty")]);
        let sent = world.messages.send(&anna, card(chat, Some("{}"))).await.unwrap().message;
        let emptied = world.messages.edit(&anna, chat, sent.id, "").await;
        assert_eq!(refused_fields(emptied), [("text", "empty")]);
    });
}

#[test]
fn only_a_key_as_itself_sends_system_messages() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let [shop, as_anna] = key(&world, &anna).await;
        let chat = world.group(&anna, &[&ben, &shop]).await;
        let shipped = |kind| Send { kind, ..Send::new(chat, "Shipped, @Ben") };
        for caller in [&anna, &as_anna] {
            let refused = world.messages.send(caller, shipped(QUIET)).await;
            assert_eq!(refusal(refused), (Kind::Forbidden, "key_needed"));
        }
        let quiet = world.messages.send(&shop, shipped(QUIET)).await.unwrap().message;
        assert_eq!((quiet.author, &quiet.extras.mentions), (shop.user, &Vec::new()));
        let edited = world.messages.edit(&shop, chat, quiet.id, "Lost, @Ben").await.unwrap();
        assert_eq!((edited.kind, edited.extras.mentions), (QUIET, Vec::new()));
        let view = world.chats.get(&ben, chat).await.unwrap();
        assert_eq!((view.unread_count, view.mention_count), (0, 0));
        let counted = shipped(MessageKind::System { counts: true });
        let counted = world.messages.send(&shop, counted).await.unwrap().message;
        assert_eq!(counted.extras.mentions, [ben.user]);
        let view = world.chats.get(&ben, chat).await.unwrap();
        assert_eq!((view.unread_count, view.mention_count), (1, 1));
    });
}

#[test]
fn a_key_keeps_up_the_data_of_its_chats_as_itself_only() {
    block_on(async {
        let world = World::default();
        let [anna, ben] = [world.person("Anna").await, world.person("Ben").await];
        let [shop, as_anna] = key(&world, &anna).await;
        let chat = world.group(&anna, &[&ben, &shop]).await;
        let sent = world.messages.send(&ben, card(chat, Some("{}"))).await.unwrap().message;
        let patch = MessageUpdate { data: Some(r#"{"state":"paid"}"#), ..Default::default() };
        let not_allowed = (Kind::Forbidden, "not_allowed");
        let acting = world.messages.update(&as_anna, chat, sent.id, patch).await;
        assert_eq!(refusal(acting), not_allowed);
        let text = world.messages.edit(&shop, chat, sent.id, "Mine").await;
        assert_eq!(refusal(text), not_allowed);
        let patched = world.messages.update(&shop, chat, sent.id, patch).await.unwrap();
        assert_eq!((patched.author, patched.edited_at), (ben.user, None));
        let elsewhere = world.group(&anna, &[&ben]).await;
        let other = world.messages.send(&ben, card(elsewhere, Some("{}"))).await.unwrap().message;
        let stranger = world.messages.update(&shop, elsewhere, other.id, patch).await;
        assert_eq!(refusal(stranger), (Kind::NotFound, "message_not_found"));
    });
}
