//! Messages to send and to compare with.

use domain::clock::Timestamp;
use domain::data::Data;
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::message::{ClientId, Draft, Extras, Message, MessageKind, MessageText};
use domain::user::AccountRole;

/// The first message of a chat, a text with nothing that is optional.
pub fn first_message(chat: ChatId, author: UserId, created_at: Timestamp) -> Message {
    Message {
        id: MessageId::stored(1),
        chat,
        seq: Seq::stored(1),
        version: Version::stored(2),
        author,
        author_role: None,
        client_id: None,
        reply_to: None,
        kind: MessageKind::Text,
        text: "Hello".into(),
        data: None,
        created_at,
        edited_at: None,
        deleted_at: None,
        pinned_at: None,
        extras: Extras::default(),
    }
}

/// A message to be sent that has everything which needs nothing else in the store: it replies to nothing, mentions
/// nobody and has no files.
pub fn full_draft(chat: ChatId, author: UserId, sent_at: Timestamp) -> Draft {
    Draft {
        chat,
        author,
        author_role: Some(AccountRole::User),
        is_key: false,
        client_id: Some(ClientId::new("0f8fad5b-d9cb-469f-a165-70867728950e").unwrap()),
        reply_to: None,
        kind: MessageKind::App,
        text: MessageText::new("Order 7").unwrap(),
        data: Some(Data::stored(r#"{"order":7}"#.to_owned())),
        attachments: Vec::new(),
        sent_at,
    }
}
