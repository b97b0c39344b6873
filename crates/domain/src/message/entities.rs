//! Messages, their texts and client ids.

use super::emoji::Emoji;
use super::mention::{Mention, Mentions, mentioned};
use crate::clock::Timestamp;
use crate::data::Data;
use crate::ids::{ChatId, MessageId, Seq, UserId, Version};
use crate::limits;
use crate::media::Attachment;
use crate::text::{self, TextError};
use crate::user::AccountRole;
use crate::words;

/// A message, or the tombstone of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id, unique over all chats.
    pub id: MessageId,
    /// Its chat, which never changes.
    pub chat: ChatId,
    /// Its place in the chat, which never changes.
    pub seq: Seq,
    /// The version of its last change.
    pub version: Version,
    /// Who wrote it.
    pub author: UserId,
    /// The role of the author's account at that time, for dialects that show it; `None` if it was not recorded.
    pub author_role: Option<AccountRole>,
    /// The id that the author's client gave it, if it gave one.
    pub client_id: Option<ClientId>,
    /// The message of the same chat that it replies to.
    pub reply_to: Option<MessageId>,
    /// Its kind.
    pub kind: MessageKind,
    /// Its text; empty in a tombstone.
    pub text: String,
    /// The data that the author's client or the host keeps with it; `None` in a tombstone.
    pub data: Option<Data>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When its text was last changed.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted, which makes it a tombstone.
    pub deleted_at: Option<Timestamp>,
    /// When it was pinned; `None` if it is not pinned.
    pub pinned_at: Option<Timestamp>,
    /// Reactions, mentions and attachments; empty in a tombstone.
    pub extras: Extras,
}

impl Message {
    /// Whether it has certainly changed since it was sent: it has a pin or a reaction. Data does not count,
    /// since it may have been sent with the message.
    pub fn is_marked(&self) -> bool {
        self.pinned_at.is_some() || !self.extras.reactions.is_empty()
    }

    /// Makes it a tombstone.
    pub fn bury(&mut self, at: Timestamp) {
        self.text = String::new();
        self.data = None;
        self.pinned_at = None;
        self.extras = Extras::default();
        self.deleted_at = Some(at);
    }
}

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageKind {
    /// An ordinary message.
    #[default]
    Text,
    /// A message whose data clients of the host's product draw; others show its text.
    App,
    /// A report of the host's product that something happened.
    System {
        /// Whether it counts as unread.
        counts: bool,
    },
}

impl MessageKind {
    /// The word for it in APIs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::App => "app",
            Self::System { .. } => "system",
        }
    }

    /// For adapters: the word for it in the database and between nodes; `None` for a text, so that most rows
    /// have none.
    pub const fn stored_word(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::App => Some("app"),
            Self::System { counts: true } => Some("counted_system"),
            Self::System { counts: false } => Some("system"),
        }
    }

    /// For adapters: the kind of such a word. An unknown word, from a later version, is a text to this version.
    pub fn stored(word: Option<&str>) -> Self {
        let others = [Self::App, Self::System { counts: true }, Self::System { counts: false }];
        let known = others.into_iter().find(|kind| kind.stored_word() == word);
        known.unwrap_or_default()
    }

    /// Whether it counts as unread and notifies devices.
    pub const fn counts_as_unread(self) -> bool {
        !matches!(self, Self::System { counts: false })
    }
}

/// What is stored beside a message, in tables of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extras {
    /// Reactions, in the order of each emoji's first use.
    pub reactions: Vec<Reaction>,
    /// The members whom its text mentions, by ascending id.
    pub mentions: Vec<UserId>,
    /// The places in its text that mention them, in the order of the text.
    pub mention_ranges: Vec<Mention>,
    /// Its files, in the order in which they were named.
    pub attachments: Vec<Attachment>,
}

impl Extras {
    /// Sets who is mentioned, and where.
    pub fn set_mentions(&mut self, mentions: Vec<Mention>) {
        self.mentions = mentioned(&mentions);
        self.mention_ranges = mentions;
    }
}

/// An emoji and who reacted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: Emoji,
    /// The people, in the order in which they reacted; never empty.
    pub users: Vec<UserId>,
}

/// The text of a message, with what is derived from it: 1 to [`limits::MESSAGE_CHARS`] characters after
/// trimming, without control characters other than line feeds and tabs. It is empty only beside attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageText {
    text: String,
    words: Vec<String>,
    mentions: Mentions,
}

impl MessageText {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        text::lines(typed, limits::MESSAGE_CHARS).map(|text| Self {
            words: words::words(&text),
            mentions: Mentions::of(&text),
            text,
        })
    }
    /// The words by which search finds it.
    pub fn words(&self) -> &[String] {
        &self.words
    }
    /// The names that it may mention; the store knows which are members.
    pub fn mentions(&self) -> &Mentions {
        &self.mentions
    }
    /// Forgets the names that it may mention for which `is_known` is false.
    pub fn keep_names(&mut self, is_known: impl Fn(&str) -> bool) {
        self.mentions.keep(is_known);
    }
    /// The same for a message with attachments, whose text may be empty.
    pub fn beside_attachments(typed: &str) -> Result<Self, TextError> {
        match Self::new(typed) {
            Err(TextError::Empty) => {
                Ok(Self { text: String::new(), words: Vec::new(), mentions: Mentions::of("") })
            }
            text => text,
        }
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The id that a client gives a message before sending it, so that sending it twice stores it once. Unique
/// per author, for ever: 1 to [`limits::CLIENT_ID_BYTES`] visible ASCII characters, such as a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

/// The text is not a client id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {} visible ASCII characters", limits::CLIENT_ID_BYTES)]
pub struct NotAClientId;

impl ClientId {
    /// Checks what a client sent.
    pub fn new(sent: &str) -> Result<Self, NotAClientId> {
        let good = (1..=limits::CLIENT_ID_BYTES).contains(&sent.len())
            && sent.bytes().all(|b| b.is_ascii_graphic());
        good.then(|| Self(sent.to_owned())).ok_or(NotAClientId)
    }
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
