//! Messages and read markers.

use super::rfc_3339;
use domain::chat::ReadMarker;
use domain::message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A message to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// 1 to 8,192 characters after trimming.
    #[schema(example = "Hello")]
    pub(crate) text: String,
    /// The message of this chat that it answers.
    #[serde(default)]
    pub(crate) reply_to: Option<i64>,
    /// So that sending twice sends once: 1 to 64 visible ASCII characters, yours alone for ever.
    #[serde(default)]
    pub(crate) client_id: Option<String>,
}

/// The text wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMessage {
    pub(crate) text: String,
}

/// A message, or the tombstone of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Message {
    id: i64,
    chat_id: i64,
    /// Its place in the chat: 1, 2, 3 …
    seq: i64,
    /// The chat's version when it last changed.
    version: i64,
    author_id: i64,
    client_id: Option<String>,
    reply_to: Option<i64>,
    /// Empty in a tombstone.
    text: String,
    created_at: String,
    edited_at: Option<String>,
    /// Set in a tombstone.
    deleted_at: Option<String>,
    /// In the order of each emoji's first use.
    reactions: Vec<Reaction>,
}

/// An emoji and who reacted with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reaction {
    #[schema(example = "👍")]
    emoji: String,
    /// In the order in which they did.
    user_ids: Vec<i64>,
}

impl From<&message::Reaction> for Reaction {
    fn from(reaction: &message::Reaction) -> Self {
        Self {
            emoji: reaction.emoji.to_string(),
            user_ids: reaction.users.iter().map(|user| user.get()).collect(),
        }
    }
}

impl From<&message::Message> for Message {
    fn from(message: &message::Message) -> Self {
        Self {
            id: message.id.get(),
            chat_id: message.chat.get(),
            seq: message.seq.get(),
            version: message.version.get(),
            author_id: message.author.get(),
            client_id: message.client_id.as_ref().map(|id| id.as_str().to_owned()),
            reply_to: message.reply_to.map(domain::ids::MessageId::get),
            text: message.text.clone(),
            created_at: rfc_3339(message.created_at),
            edited_at: message.edited_at.map(rfc_3339),
            deleted_at: message.deleted_at.map(rfc_3339),
            reactions: message.extras.reactions.iter().map(Reaction::from).collect(),
        }
    }
}

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// The newest messages before this seq.
    pub(crate) before: Option<i64>,
    /// The oldest messages after this seq.
    pub(crate) after: Option<i64>,
    /// The messages around this seq.
    pub(crate) around: Option<i64>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// A part of a history, in the order of `seq`.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagePage {
    items: Vec<Message>,
    /// Whether there are messages before the first of these.
    older: bool,
    /// Whether there are messages after the last of these.
    newer: bool,
}

impl From<&message::MessagePage> for MessagePage {
    fn from(page: &message::MessagePage) -> Self {
        Self {
            items: page.messages.iter().map(Message::from).collect(),
            older: page.older,
            newer: page.newer,
        }
    }
}

/// Up to where somebody has read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    pub(crate) seq: i64,
}

/// Where a read marker is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Marker {
    seq: i64,
    /// The version of the move; `null` if the marker was there already, or further.
    version: Option<i64>,
}

impl From<ReadMarker> for Marker {
    fn from(marker: ReadMarker) -> Self {
        Self { seq: marker.seq.get(), version: marker.moved.map(domain::ids::Version::get) }
    }
}
