//! What a message is.

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
    /// Its number, unique over all chats.
    pub id: MessageId,
    /// In which chat.
    pub chat: ChatId,
    /// Its place there, for ever.
    pub seq: Seq,
    /// The version of its last change.
    pub version: Version,
    /// Who wrote it.
    pub author: UserId,
    /// The role of their account when they did; `None` where that was not noted.
    pub author_role: Option<AccountRole>,
    /// What its author's client called it.
    pub client_id: Option<ClientId>,
    /// The message of the same chat that it answers.
    pub reply_to: Option<MessageId>,
    /// What sort it is.
    pub kind: MessageKind,
    /// What it says; empty in a tombstone.
    pub text: String,
    /// What its author's client or host keeps with it; nothing in a tombstone.
    pub data: Option<Data>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When its text was last changed.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted, which makes it a tombstone.
    pub deleted_at: Option<Timestamp>,
    /// When it was pinned, if it is.
    pub pinned_at: Option<Timestamp>,
    /// What hangs on it; nothing on a tombstone.
    pub extras: Extras,
}

impl Message {
    /// Whether people have put something on it since it was sent. Data tells nothing: it may have come with it.
    pub fn is_marked(&self) -> bool {
        self.pinned_at.is_some() || !self.extras.reactions.is_empty()
    }
}

/// What sort of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageKind {
    /// Somebody says something.
    #[default]
    Text,
    /// Clients of the host's product show its data; others show its text.
    App,
    /// The host's product says that something happened.
    System {
        /// Whether it counts as unread.
        counts: bool,
    },
}

impl MessageKind {
    /// Its word for clients.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::App => "app",
            Self::System { .. } => "system",
        }
    }

    /// For adapters: the word that it is kept by, and other nodes are told; `None` for a text.
    pub const fn stored_word(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::App => Some("app"),
            Self::System { counts: true } => Some("counted_system"),
            Self::System { counts: false } => Some("system"),
        }
    }

    /// For adapters: the kind of such a word. What a later version may know is a text to this one.
    pub fn stored(word: Option<&str>) -> Self {
        let others = [Self::App, Self::System { counts: true }, Self::System { counts: false }];
        let known = others.into_iter().find(|kind| kind.stored_word() == word);
        known.unwrap_or_default()
    }

    /// Whether it counts as unread, and is worth a notification.
    pub const fn counts_as_unread(self) -> bool {
        !matches!(self, Self::System { counts: false })
    }
}

/// What hangs on a message and is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extras {
    /// Reactions, in the order of each emoji's first use.
    pub reactions: Vec<Reaction>,
    /// The members whom its text mentions, in the order of their ids.
    pub mentions: Vec<UserId>,
    /// Where in its text they are mentioned, in the order of the text.
    pub mention_ranges: Vec<Mention>,
    /// Files that came with it, in the order in which they were named.
    pub attachments: Vec<Attachment>,
}

impl Extras {
    /// Takes note of whom the text mentions.
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
    /// Who, in the order in which they did; never empty.
    pub users: Vec<UserId>,
}

/// What a message says: 1 to [`limits::MESSAGE_CHARS`] characters after trimming, no control character
/// but line feeds and tabs; none at all only beside attachments.
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
    /// The words that it is found by.
    pub fn words(&self) -> &[String] {
        &self.words
    }
    /// The names that it may mention.
    pub fn mentions(&self) -> &Mentions {
        &self.mentions
    }
    /// Forgets names that it would mention if anybody had them.
    pub fn keep_names(&mut self, is_known: impl Fn(&str) -> bool) {
        self.mentions.keep(is_known);
    }
    /// The same for a message that has attachments, which may say nothing.
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
    /// The text, to keep.
    pub fn into_string(self) -> String {
        self.text
    }
}

/// What a client calls a message that it sends, so that sending it twice sends it once. Unique per
/// author for ever: 1 to [`limits::CLIENT_ID_BYTES`] visible ASCII characters, a UUID for one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(String);

/// A client id that is none.
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
