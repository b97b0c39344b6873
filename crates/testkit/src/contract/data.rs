//! Promises about what hosts keep with messages and chats, and about the kinds of messages.

use super::Stores;
use super::fixtures::{
    at, at_once, change_settings, delete, draft, edit, editing, group, people, refused, say, text,
    title,
};
use domain::chat::{ChangeSettings, Chat, NewGroup, Permissions, SettingsRefusal};
use domain::data::{Data, DataError, DataPatch};
use domain::ids::{MessageId, UserId, Version};
use domain::limits::DATA_BYTES;
use domain::message::{
    ChangeRefusal, Draft, Edit, Message, MessageKind, MessageQuery, Page, Search,
};

/// The result of applying a patch to no data.
pub(super) fn data(json: &str) -> Option<Data> {
    DataPatch::parse(json).unwrap().apply(None).unwrap()
}

/// An edit that only changes a message's data.
fn patching(message: &Message, actor: UserId, is_key: bool, patch: &str) -> Edit {
    let Message { chat, id: message, .. } = *message;
    let data = Some(DataPatch::parse(patch));
    Edit { is_key, data, ..Edit::new(chat, message, actor.into(), at(200)) }
}

pub async fn data_comes_back_as_it_was_sent(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let longest = format!("{{\"a\":\"{}\"}}", "\u{e9}".repeat((DATA_BYTES - 8) / 2));
    for (kind, json) in [
        (MessageKind::Text, r#"{"order":{"id":7,"lines":[1,2.50]}}"#),
        (MessageKind::App, r#"{"\u0000":"\ud83d\ude00 '\"; --"}"#),
        (MessageKind::System { counts: true }, "{}"),
        (MessageKind::System { counts: false }, &longest),
    ] {
        let sent = Draft { kind, data: data(json), ..draft(chat, anna, "See") };
        let sent = stores.messages.append(sent).await.unwrap().message;
        assert_eq!((sent.kind, &sent.data), (kind, &data(json)));
        assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent);
        let page = stores.messages.page(chat, Page::Latest, 1).await.unwrap();
        assert_eq!(page.messages, std::slice::from_ref(&sent));
        assert_eq!(stores.chats.view(chat, ben).await.unwrap().last_message, Some(sent));
    }
    let plain = say(stores, chat, anna, "plain").await;
    assert_eq!((plain.kind, plain.data), (MessageKind::Text, None));
}

/// The texts of the messages that somebody finds, the newest first.
async fn found(stores: &Stores, viewer: UserId, q: &str) -> Vec<String> {
    let query = MessageQuery::read(&Search { q, ..Search::default() }).unwrap();
    let page = stores.messages.find(viewer, query, None, 10).await.unwrap();
    page.messages.into_iter().map(|message| message.text).collect()
}

pub async fn words_of_data_are_found_by_whoever_asks_for_them(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let order =
        data(r#"{"city":"Lisbon","lines":[{"what":"Red shoes"},"Socks"],"key":7,"note":null}"#);
    let sent = Draft { data: order, ..draft(chat, anna, "Order shoes") };
    let sent = stores.messages.append(sent).await.unwrap().message;
    say(stores, chat, ben, "Lisbon, data").await;
    let one = ["Order shoes"];
    let nothing: [&str; 0] = [];
    for (q, expected) in [
        ("data:lisbon", &one[..]),
        ("data:LIS", &one),
        ("data:\"shoes red\"", &one),
        ("data:\"lisbon socks\" order", &one),
        ("data:shoes from:Anna", &one),
        ("data:shoes from:Ben", &nothing),
        ("data:red data", &nothing),
        // Neither the names in it nor its numbers are texts.
        ("data:city", &nothing),
        ("data:7", &nothing),
        ("data:order", &nothing),
        ("lisbon", &["Lisbon, data"]),
        ("red", &nothing),
        ("_dred", &nothing),
        ("shoes", &one),
    ] {
        assert_eq!(found(stores, ben, q).await, expected, "{q}");
    }
    assert_eq!(found(stores, cleo, "data:lisbon").await, nothing, "whoever is not in the chat");
    assert_eq!(found(stores, ben, &format!("data:lisbon in:{chat}")).await, one);

    // It is found by what it is now, however it became so.
    stores.messages.edit(patching(&sent, anna, false, r#"{"city":"Porto"}"#)).await.unwrap();
    assert_eq!(found(stores, ben, "data:lisbon").await, nothing);
    assert_eq!(found(stores, ben, "data:porto shoes").await, one);
    let both =
        Edit { text: Some(Ok(text("Sent"))), ..patching(&sent, anna, false, r#"{"city":"Faro"}"#) };
    stores.messages.edit(both).await.unwrap();
    assert_eq!(found(stores, ben, "data:faro").await, ["Sent"]);
    assert_eq!(found(stores, ben, "data:porto").await, nothing);
    edit(stores, sent.id, text("Arrived"), at(300)).await.unwrap();
    assert_eq!(found(stores, ben, "data:faro arr").await, ["Arrived"]);
    stores.messages.edit(patching(&sent, anna, false, "null")).await.unwrap();
    assert_eq!(found(stores, ben, "data:faro").await, nothing);
    assert_eq!(found(stores, ben, "arrived").await, ["Arrived"]);
}

/// What is further back than messages are compared one by one, is found by the index.
pub async fn words_of_data_are_found_among_many(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let card = move |text: &str, json| Draft { data: data(json), ..draft(chat, anna, text) };
    stores.messages.append(card("the oldest", r#"{"city":"Lisbon"}"#)).await.unwrap();
    let calls = (0..52).map(|_| {
        let stores = stores.clone();
        async move {
            for nth in 0..100 {
                let card = card(&format!("card {nth}"), r#"{"city":"Porto"}"#);
                stores.messages.append(card).await.unwrap();
            }
        }
    });
    at_once(calls).await;
    for q in ["data:lisbon", "data:lisb", "data:lisbon old", "data:lis in:"] {
        let q = q.replace("in:", &format!("in:{chat}"));
        assert_eq!(found(stores, ben, &q).await, ["the oldest"], "{q}");
    }
    assert_eq!(found(stores, ben, "data:porto").await.len(), 10);
    assert_eq!(found(stores, ben, "lisbon").await, [""; 0]);
}

pub async fn a_patch_of_data_is_one_change(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = Draft { data: data(r#"{"a":1}"#), ..draft(chat, anna, "Order 7") };
    let sent = stores.messages.append(sent).await.unwrap().message;
    let patched = stores.messages.edit(patching(&sent, anna, false, r#"{"b":2}"#)).await.unwrap();
    let version = Version::stored(3);
    let expected = Message { data: data(r#"{"a":1,"b":2}"#), version, ..sent };
    assert_eq!(patched.as_ref(), Some(&expected), "its text is not edited");
    assert_eq!(stores.messages.get(expected.id).await.unwrap(), expected);
    assert_eq!(stores.messages.edits(expected.id).await.unwrap(), []);
    let changes = stores.chats.changes(chat, Version::stored(2), 10).await.unwrap();
    assert_eq!(changes.messages, std::slice::from_ref(&expected));
    // A change without effect makes no version.
    let again = stores.messages.edit(patching(&expected, anna, false, r#"{"b":2}"#)).await;
    assert_eq!(again.unwrap(), None);
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().version, version);
    // Editing the text keeps the data, and changing both at once is one change.
    let edited = edit(stores, expected.id, text("Order 8"), at(201)).await.unwrap();
    assert_eq!(edited.data, expected.data);
    let both = Edit {
        data: Some(DataPatch::parse("null")),
        ..editing((chat, edited.id), anna, Ok(text("Order 9")), at(202))
    };
    let both = stores.messages.edit(both).await.unwrap().unwrap();
    assert_eq!((both.text.as_str(), both.data), ("Order 9", None));
    assert_eq!(both.version, Version::stored(5));
}

pub async fn keys_keep_up_the_data_of_others(stores: &Stores) {
    let [anna, ben, shop] = people(stores, ["Anna", "Ben", "Shop"]).await;
    let chat = group(stores, &[anna, ben, shop]).await.id;
    let sent = say(stores, chat, anna, "Order 7").await;
    let patch = r#"{"a":1}"#;
    let by = |actor, is_key| stores.messages.edit(patching(&sent, actor, is_key, patch));
    assert_eq!(refused(by(ben, false).await), ChangeRefusal::NotAllowed);
    let patched = by(shop, true).await.unwrap().unwrap();
    assert_eq!(patched.data, data(patch));
    let words = Edit { is_key: true, ..editing((chat, sent.id), shop, Ok(text("?")), at(201)) };
    assert_eq!(refused(stores.messages.edit(words).await), ChangeRefusal::NotAllowed);
    let [stranger] = people(stores, ["Stranger"]).await;
    assert_eq!(refused(by(stranger, true).await), ChangeRefusal::NotFound);
    let never = Message { id: MessageId::stored(super::fixtures::NOBODY), ..sent };
    let never = stores.messages.edit(patching(&never, shop, true, patch)).await;
    assert_eq!(refused(never), ChangeRefusal::NotFound);
}

pub async fn data_that_grows_too_long_is_refused(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let most = format!("{{\"a\":\"{}\"}}", "x".repeat(DATA_BYTES - 8));
    let sent = Draft { kind: MessageKind::App, data: data(&most), ..draft(chat, anna, "Form") };
    let sent = stores.messages.append(sent).await.unwrap().message;
    let patch = |patch| stores.messages.edit(patching(&sent, anna, false, patch));
    let long = ChangeRefusal::Data(DataError::TooLong);
    assert_eq!(refused(patch(r#"{"b":1}"#).await), long);
    assert_eq!(refused(patch("null").await), ChangeRefusal::DataMissing, "an app shows something");
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent);
    let view = stores.chats.view(chat, ben).await.unwrap();
    assert_eq!(view.version, sent.version, "a refusal uses up no version");
}

pub async fn a_tombstone_has_no_data(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = Draft { kind: MessageKind::App, data: data("{}"), ..draft(chat, anna, "Card") };
    let sent = stores.messages.append(sent).await.unwrap().message;
    let tombstone = delete(stores, sent.id, at(101)).await.unwrap().unwrap();
    assert_eq!((tombstone.kind, &tombstone.data), (MessageKind::App, &None));
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), tombstone);
    let late = stores.messages.edit(patching(&sent, anna, true, "{}")).await;
    assert_eq!(refused(late), ChangeRefusal::Deleted);
}

pub async fn quiet_system_messages_are_not_counted(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for kind in [
        MessageKind::System { counts: false },
        MessageKind::System { counts: true },
        MessageKind::System { counts: false },
        MessageKind::App,
    ] {
        stores.messages.append(Draft { kind, ..draft(chat, anna, "shipped") }).await.unwrap();
    }
    say(stores, chat, anna, "said").await;
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().unread_count, 3);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().unread_count, 0);
}

pub async fn a_chat_keeps_data(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let new = NewGroup {
        title: title("Order 7"),
        owner: anna,
        members: vec![ben],
        open: false,
        permissions: Permissions::default(),
        external_id: None,
        data: data(r#"{"order":7}"#),
        created_at: at(1),
    };
    let made = stores.chats.create_group(new).await.unwrap();
    assert_eq!(made.data, data(r#"{"order":7}"#));
    assert_eq!(stores.chats.view(made.id, ben).await.unwrap().chat, made);
    let patching = |actor, is_key, patch: &str| {
        let data = Some(DataPatch::parse(patch));
        stores.chats.update(ChangeSettings { is_key, data, ..change_settings(made.id, actor) })
    };
    let patched = patching(ben, true, r#"{"state":"paid"}"#).await.unwrap().unwrap();
    let now = data(r#"{"order":7,"state":"paid"}"#);
    let expected = Chat { data: now, version: Version::stored(2), ..made.clone() };
    assert_eq!(patched, expected);
    let changes = stores.chats.changes(made.id, made.version, 10).await.unwrap();
    assert_eq!((changes.chat, changes.version), (Some(expected.clone()), expected.version));
    // Neither a change without effect nor a refusal makes a version.
    assert_eq!(patching(ben, true, r#"{"state":"paid"}"#).await.unwrap(), None);
    assert_eq!(refused(patching(anna, false, "null").await), SettingsRefusal::KeyNeeded);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(DATA_BYTES - 8));
    let long = refused(patching(anna, true, &long).await);
    assert_eq!(long, SettingsRefusal::Data(DataError::TooLong));
    let [stranger] = people(stores, ["Stranger"]).await;
    assert_eq!(refused(patching(stranger, true, "{}").await), SettingsRefusal::ChatNotFound);
    assert_eq!(stores.chats.view(made.id, ben).await.unwrap().chat, expected);
    let renamed = super::fixtures::titled(made.id, anna, title("Order 8"));
    let renamed = stores.chats.update(renamed).await.unwrap().unwrap();
    assert_eq!(renamed.data, expected.data);
    assert_eq!(patching(anna, true, "null").await.unwrap().unwrap().data, None);
}
