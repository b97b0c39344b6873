//! Messages and read markers.

use super::{Attachment, GivenId, data_of, given, rfc_3339};
use domain::chat::ReadMarker;
use domain::ids::{AttachmentId, ChatId, MessageId, UserId, Version};
use domain::message;
use http_core::body;
use http_core::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

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
    fn kind(self, counts: Option<bool>) -> Result<message::MessageKind, Problem> {
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
    kind: GivenKind,
    /// Not empty, after trimming.
    #[schema(example = "Hello")]
    text: String,
    /// An object of 4,096 bytes at most that is kept with it and shown as it is; members that are `null` are left
    /// out. A message of the kind `app` has one.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
    /// Of a message of the kind `system`, whether it counts as unread; `false` unless given.
    #[serde(default)]
    counts_as_unread: Option<bool>,
    /// Whispers it to this member of the chat.
    #[serde(default)]
    pub(crate) to: Option<GivenId>,
    /// The message of this chat that it answers.
    #[serde(default)]
    reply_to: Option<i64>,
    /// So that sending twice sends once: 1 to 64 visible ASCII characters, yours alone for ever.
    #[serde(default)]
    client_id: Option<String>,
    /// Your uploads that go with it, 10 at most; beside them the text may be empty.
    #[serde(default)]
    attachments: Vec<i64>,
}

/// A message to be sent, as a request of the socket.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendRequest {
    chat: GivenId,
    #[serde(default)]
    to: Option<GivenId>,
    #[serde(default)]
    kind: GivenKind,
    text: String,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    counts_as_unread: Option<bool>,
    #[serde(default)]
    reply_to: Option<i64>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    attachments: Vec<i64>,
}

impl SendRequest {
    /// The chat, and the message.
    pub(crate) fn into_parts(self) -> (GivenId, NewMessage) {
        let new = NewMessage {
            kind: self.kind,
            text: self.text,
            data: self.data,
            counts_as_unread: self.counts_as_unread,
            to: self.to,
            reply_to: self.reply_to,
            client_id: self.client_id,
            attachments: self.attachments,
        };
        (self.chat, new)
    }
}

/// A message to be sent, whose fields were read. Whom `to` names has to be looked up.
pub(crate) struct Prepared {
    kind: message::MessageKind,
    text: String,
    data: Option<String>,
    reply_to: Option<MessageId>,
    pub(crate) client_id: Option<String>,
    attachments: Vec<AttachmentId>,
}

impl NewMessage {
    /// Refuses a wrong kind and wrong attachments. REST reports these before it looks up `to`, the socket after.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        self.kind.kind(self.counts_as_unread)?;
        attachment_ids(&self.attachments)?;
        Ok(())
    }

    /// Reads all fields but `to`, and refuses the first wrong one of the kind, `reply_to` and the attachments.
    pub(crate) fn prepare(self) -> Result<Prepared, Problem> {
        Ok(Prepared {
            kind: self.kind.kind(self.counts_as_unread)?,
            text: self.text,
            data: self.data.map(|data| data.to_string()),
            reply_to: self.reply_to.map(|reply| body::number("reply_to", reply)).transpose()?,
            client_id: self.client_id,
            attachments: attachment_ids(&self.attachments)?,
        })
    }
}

impl Prepared {
    /// The message as one to send to that chat, or to whisper to somebody there.
    pub(crate) fn command(&self, chat: ChatId, to: Option<UserId>) -> message::Send<'_> {
        message::Send {
            chat,
            to,
            kind: self.kind,
            text: &self.text,
            data: self.data.as_deref(),
            reply_to: self.reply_to,
            client_id: self.client_id.as_deref(),
            attachments: &self.attachments,
        }
    }
}

/// The ids of the uploads that a message names.
fn attachment_ids(numbers: &[i64]) -> Result<Vec<AttachmentId>, Problem> {
    numbers.iter().map(|id| body::number("attachments", *id)).collect()
}

/// What is to be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMessage {
    /// Not empty, after trimming.
    #[serde(default)]
    text: Option<String>,
    /// Merged into the data that is there, as JSON Merge Patch (RFC 7396) says; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

/// What is to be different in which message, as a request of the socket.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditRequest {
    chat: GivenId,
    message: i64,
    #[serde(default)]
    text: Option<String>,
    #[serde(default, deserialize_with = "given")]
    data: Option<Value>,
}

impl EditRequest {
    /// The chat, the message, and what is to be different.
    pub(crate) fn into_parts(self) -> (GivenId, i64, EditMessage) {
        (self.chat, self.message, EditMessage { text: self.text, data: self.data })
    }
}

/// What is to be different, whose fields were read.
pub(crate) struct PreparedEdit {
    text: Option<String>,
    data: Option<String>,
}

impl EditMessage {
    /// Reads all fields.
    pub(crate) fn prepare(self) -> PreparedEdit {
        PreparedEdit { text: self.text, data: self.data.map(|data| data.to_string()) }
    }
}

impl PreparedEdit {
    /// The change that is wanted.
    pub(crate) fn wanted(&self) -> message::MessageUpdate<'_> {
        message::MessageUpdate { text: self.text.as_deref(), data: self.data.as_deref() }
    }
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
            reply_to: message.reply_to.map(MessageId::get),
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
        Self { seq: marker.seq.get(), version: marker.moved.version().map(Version::get) }
    }
}
