//! Messages and read markers.

use super::{Attachment, ChatBase, GivenId, data_of, given, rfc_3339};
use domain::chat::ReadMarker;
use domain::message;
use http_core::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// What sort of message it is to be.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GivenKind {
    /// Somebody says something.
    #[default]
    Text,
    /// Clients of your product show its `data`, others its text.
    App,
    /// Your product says that something happened. Only a service key sends these.
    System,
}

impl GivenKind {
    /// The kind of a message; only one of the system may say whether it counts as unread.
    pub(crate) fn kind(self, counts: Option<bool>) -> Result<message::MessageKind, Problem> {
        match (self, counts) {
            (Self::System, counts) => {
                Ok(message::MessageKind::System { counts: counts.unwrap_or(false) })
            }
            (Self::Text, None) => Ok(message::MessageKind::Text),
            (Self::App, None) => Ok(message::MessageKind::App),
            (Self::Text | Self::App, Some(_)) => {
                let detail = "counts_as_unread is for messages of the kind system.".to_owned();
                Err(Problem::field("counts_as_unread", "conflicting_parameters", detail))
            }
        }
    }
}

/// A message to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    #[serde(default)]
    #[schema(inline)]
    pub(crate) kind: GivenKind,
    /// Not empty, after trimming.
    #[schema(example = "Hello")]
    pub(crate) text: String,
    /// An object of 4,096 bytes at most that is kept with it and shown as it is; members that are `null` are left
    /// out. A message of the kind `app` has one.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Option<Value>,
    /// Of a message of the kind `system`, whether it counts as unread; `false` unless given.
    #[serde(default)]
    pub(crate) counts_as_unread: Option<bool>,
    /// Whispers it to this member of the chat.
    #[serde(default)]
    pub(crate) to: Option<GivenId>,
    /// The message of this chat that it answers.
    #[serde(default)]
    pub(crate) reply_to: Option<i64>,
    /// So that sending twice sends once: 1 to 64 visible ASCII characters, yours alone for ever.
    #[serde(default)]
    pub(crate) client_id: Option<String>,
    /// Your uploads that go with it, 10 at most; beside them the text may be empty.
    #[serde(default)]
    pub(crate) attachments: Vec<i64>,
}

/// What is to be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMessage {
    /// Not empty, after trimming.
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Option<Value>,
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
    /// `text`, `app` or `system`.
    kind: &'static str,
    /// Whether it counts as unread; `false` only for some of the kind `system`.
    counts_as_unread: bool,
    /// Empty in a tombstone.
    text: String,
    /// What is kept with it; `null` if there is none, and in a tombstone.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
    created_at: String,
    edited_at: Option<String>,
    /// Set in a tombstone.
    deleted_at: Option<String>,
    /// Set while it is pinned.
    pinned_at: Option<String>,
    /// In the order of each emoji's first use.
    reactions: Vec<Reaction>,
    /// Members whom the text mentions, in the order of their ids.
    mentions: Vec<i64>,
    /// Where in the text they are mentioned, in the order of the text.
    mention_ranges: Vec<MentionRange>,
    /// Files that came with it.
    attachments: Vec<Attachment>,
}

/// Where a text mentions a member: the `@` and the name as it is spelt there. Both numbers count
/// characters, which are Unicode code points and not UTF-16 units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MentionRange {
    user_id: i64,
    /// How many characters stand before the `@`.
    offset: usize,
    /// How many characters the `@` and the name have.
    length: usize,
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

impl From<&message::Mention> for MentionRange {
    fn from(message::Mention { user, offset, length }: &message::Mention) -> Self {
        Self { user_id: user.get(), offset: *offset, length: *length }
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
            kind: message.kind.as_str(),
            counts_as_unread: message.kind.counts_as_unread(),
            text: message.text.clone(),
            data: data_of(message.data.as_ref()),
            created_at: rfc_3339(message.created_at),
            edited_at: message.edited_at.map(rfc_3339),
            deleted_at: message.deleted_at.map(rfc_3339),
            pinned_at: message.pinned_at.map(rfc_3339),
            mentions: message.extras.mentions.iter().map(|user| user.get()).collect(),
            mention_ranges: message.extras.mention_ranges.iter().map(MentionRange::from).collect(),
            reactions: message.extras.reactions.iter().map(Reaction::from).collect(),
            attachments: message.extras.attachments.iter().map(Attachment::from).collect(),
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
    /// What some of these answer and is not among them, in the order of `seq`.
    quoted: Vec<Message>,
    /// Those of `items` that have your star.
    starred: Vec<i64>,
}

impl From<&message::History> for MessagePage {
    fn from(history: &message::History) -> Self {
        let page = &history.page;
        Self {
            quoted: page.quoted.iter().map(Message::from).collect(),
            starred: history.starred.iter().map(|id| id.get()).collect(),
            items: page.messages.iter().map(Message::from).collect(),
            older: page.older,
            newer: page.newer,
        }
    }
}

/// What a message said before it was edited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EarlierText {
    text: String,
    /// When that was written.
    written_at: String,
}

impl From<&message::EarlierText> for EarlierText {
    fn from(earlier: &message::EarlierText) -> Self {
        Self { text: earlier.text.clone(), written_at: rfc_3339(earlier.written_at) }
    }
}

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words, and `from:`, `in:`, `before:` and `data:`.
    #[serde(default)]
    pub(crate) q: String,
    /// Who wrote it: an id, `ext:` and an external id, or a name.
    pub(crate) from: Option<String>,
    /// In which chat: its id, or `ext:` and its external id.
    #[serde(rename = "in")]
    #[param(rename = "in")]
    pub(crate) chat: Option<String>,
    /// Before which day, in UTC: `2026-08-11`.
    pub(crate) before: Option<String>,
    /// Words of the texts in its data, all of them.
    pub(crate) data: Option<String>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 20 unless given.
    pub(crate) limit: Option<usize>,
}

/// Messages that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Found {
    /// The newest first.
    items: Vec<Message>,
    /// The chats that they are in.
    chats: Vec<ChatBase>,
    /// What to pass as `cursor` for the page after it; `null` on the last one.
    next: Option<String>,
}

impl From<&message::FoundPage> for Found {
    fn from(page: &message::FoundPage) -> Self {
        Self {
            items: page.messages.iter().map(Message::from).collect(),
            chats: page.chats.iter().map(ChatBase::from).collect(),
            next: page.next.map(|id| id.to_string()),
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
    /// The version of the move; `null` if the marker was there already, or further, or is yours alone.
    version: Option<i64>,
}

impl From<ReadMarker> for Marker {
    fn from(marker: ReadMarker) -> Self {
        Self {
            seq: marker.seq.get(),
            version: marker.moved.version().map(domain::ids::Version::get),
        }
    }
}
