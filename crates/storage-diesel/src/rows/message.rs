//! Rows of messages.

use crate::error::Failure;
use crate::schema::messages;
use crate::types::Instant;
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use domain::data::Data;
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::message::{ClientId, Edited, Extras, Message, MessageKind};
use domain::user::AccountRole;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    pub(crate) id: i64,
    chat_id: i64,
    pub(crate) seq: i64,
    pub(crate) version: i64,
    author_id: i64,
    author_role: Option<String>,
    client_id: Option<String>,
    pub(crate) reply_to: Option<i64>,
    kind: Option<String>,
    pub(crate) text: String,
    data: Option<String>,
    pub(crate) created_at: Instant,
    pub(crate) edited_at: Option<Instant>,
    pub(crate) deleted_at: Option<Instant>,
    /// What may hang on it: see `queries/hydrate.rs`.
    pub(crate) extras: i64,
    pinned_at: Option<Instant>,
}

impl TryFrom<MessageRow> for Message {
    type Error = Failure;

    /// Without what hangs on it.
    fn try_from(row: MessageRow) -> Result<Self, Failure> {
        let client_id = row.client_id.as_deref().map(ClientId::new).transpose();
        Ok(Self {
            id: MessageId::stored(row.id),
            chat: ChatId::stored(row.chat_id),
            seq: Seq::stored(row.seq),
            version: Version::stored(row.version),
            author: UserId::stored(row.author_id),
            author_role: row.author_role.as_deref().and_then(AccountRole::parse),
            client_id: client_id.map_err(|_| Failure::damaged("messages.client_id"))?,
            reply_to: row.reply_to.map(MessageId::stored),
            kind: MessageKind::stored(row.kind.as_deref()),
            text: row.text,
            data: row.data.map(Data::stored),
            created_at: row.created_at.0,
            edited_at: row.edited_at.map(|at| at.0),
            deleted_at: row.deleted_at.map(|at| at.0),
            pinned_at: row.pinned_at.map(|at| at.0),
            extras: Extras::default(),
        })
    }
}

/// What may hang on a message, as bits of its row. A bit is set by the first of its sort and stays; a
/// deletion takes all of it away and clears them.
pub(crate) mod extras {
    /// Somebody has reacted.
    pub(crate) const REACTIONS: i64 = 1;
    /// It was edited, and what it said before is kept.
    pub(crate) const EDITS: i64 = 2;
    /// Somebody has starred it.
    pub(crate) const STARS: i64 = 4;
    /// Its text mentions somebody.
    pub(crate) const MENTIONS: i64 = 8;
    /// It came with files.
    pub(crate) const ATTACHMENTS: i64 = 16;
}

/// A message to be inserted.
#[derive(Debug, Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub(crate) struct NewMessageRow<'a> {
    id: i64,
    chat_id: i64,
    seq: i64,
    version: i64,
    created_version: i64,
    author_id: i64,
    author_role: Option<&'a str>,
    client_id: Option<&'a str>,
    reply_to: Option<i64>,
    kind: Option<&'static str>,
    text: &'a str,
    data: Option<&'a str>,
    created_at: Instant,
    extras: i64,
}

/// What hangs on a new message.
fn extras_of(message: &Message) -> i64 {
    let bit = |is_there: bool, bit: i64| if is_there { bit } else { 0 };
    bit(!message.extras.mentions.is_empty(), extras::MENTIONS)
        | bit(!message.extras.attachments.is_empty(), extras::ATTACHMENTS)
}

impl<'a> From<&'a Message> for NewMessageRow<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            id: message.id.get(),
            chat_id: message.chat.get(),
            seq: message.seq.get(),
            version: message.version.get(),
            created_version: message.version.get(),
            author_id: message.author.get(),
            author_role: message.author_role.as_ref().map(AccountRole::as_str),
            client_id: message.client_id.as_ref().map(ClientId::as_str),
            reply_to: message.reply_to.map(MessageId::get),
            kind: message.kind.stored_word(),
            text: &message.text,
            data: message.data.as_ref().map(Data::as_str),
            created_at: Instant(message.created_at),
            extras: extras_of(message),
        }
    }
}

/// What a change of a message sets; `None` leaves a column as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = messages)]
pub(crate) struct MessageChange {
    pub(crate) text: Option<String>,
    pub(crate) data: Option<Option<String>>,
    pub(crate) edited_at: Option<Instant>,
    pub(crate) deleted_at: Option<Instant>,
    pub(crate) extras: Option<i64>,
    pub(crate) pinned_at: Option<Option<Instant>>,
}

impl MessageChange {
    /// What an edit sets, without what may hang on the message from then on.
    pub(crate) fn edited(Edited { text, data }: &Edited, at: Instant) -> Self {
        Self {
            text: text.as_ref().map(|text| text.as_str().to_owned()),
            data: data.as_ref().map(|data| data.as_ref().map(|data| data.as_str().to_owned())),
            edited_at: text.is_some().then_some(at),
            ..Self::default()
        }
    }

    /// Leaves a tombstone.
    pub(crate) fn tombstone(at: Instant) -> Self {
        Self {
            text: Some(String::new()),
            data: Some(None),
            edited_at: None,
            deleted_at: Some(at),
            extras: Some(0),
            pinned_at: Some(None),
        }
    }
}
