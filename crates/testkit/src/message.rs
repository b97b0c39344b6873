//! Messages to compare with.

use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::message::{Extras, Message, MessageKind};

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
