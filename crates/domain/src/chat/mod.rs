//! Chats and who is in them.

mod changes;
mod create;
mod delete;
mod list;
mod members;
mod port;
mod read;
mod rename;
pub mod rules;

pub use changes::{Changes, ChangesError};
pub use create::{CreateGroupError, OpenDirectError};
pub use delete::DeleteError;
pub use list::{ChatCursor, ChatPage, GetError};
pub use members::{MemberPage, RemoveMemberError, SetMemberError, SetMemberOutcome};
pub use port::{ChatStore, MemberChange, MemberStore, NewGroup};
#[cfg(feature = "mocks")]
pub use port::{MockChatStore, MockMemberStore};
pub use read::{ReadError, ReadMarker};
pub use rename::RenameError;

use crate::clock::{Clock, Timestamp};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::ids::{ChatId, Seq, UserId, Version};
use crate::limits;
use crate::message::Message;
use crate::session::Caller;
use crate::text::{self, TextError};
use crate::user::UserSummary;
use std::fmt;
use std::sync::Arc;

/// What the use cases of chats stand on.
pub struct ChatPorts {
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// Who is in them.
    pub members: Arc<dyn MemberStore>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of chats.
pub struct Chats {
    ports: ChatPorts,
}

impl Chats {
    /// Over the given ports.
    pub fn new(ports: ChatPorts) -> Self {
        Self { ports }
    }

    /// Where the caller stands in a chat; everything that concerns one begins with this.
    async fn standing(&self, caller: &Caller, chat: ChatId) -> Result<Standing, GetError> {
        Ok(self.ports.members.standing(chat, caller.user).await?)
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}

/// What sort of chat it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChatKind {
    /// Two people, or one alone with their notes. It is opened, never made twice.
    Direct,
    /// Invited people, with a title.
    Group,
}

impl ChatKind {
    /// Those that are between two people, and are closed when one of them is not to be written to.
    pub const BETWEEN_TWO: [Self; 1] = [Self::Direct];

    /// Its word in the native API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Direct, Self::Group].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a member may do in a chat, from least to most. In a direct chat everybody is a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChatRole {
    /// Talks.
    Member,
    /// Invites and removes people, deletes messages, changes the title.
    Admin,
    /// Makes admins and deletes the chat. A group has one owner.
    Owner,
}

impl ChatRole {
    /// Its word in the native API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == word)
    }
}

/// A chat's title: 1 to [`limits::TITLE_CHARS`] visible characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        text::visible(typed, limits::TITLE_CHARS).map(|title| Self(title.to_owned()))
    }
    /// For adapters: a title that was checked before.
    pub fn stored(title: String) -> Self {
        Self(title)
    }
    /// The title.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The two people of a direct chat, the lower id first; both the same for one's notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    lower: UserId,
    higher: UserId,
}

impl Pair {
    /// Two people, in any order.
    pub fn new(a: UserId, b: UserId) -> Self {
        Self { lower: a.min(b), higher: a.max(b) }
    }
    /// The lower id.
    pub fn lower(self) -> UserId {
        self.lower
    }
    /// The higher id, or the same again.
    pub fn higher(self) -> UserId {
        self.higher
    }
    /// Each of them once.
    pub fn people(self) -> Vec<UserId> {
        if self.lower == self.higher { vec![self.lower] } else { vec![self.lower, self.higher] }
    }
}

impl fmt::Display for Pair {
    /// `<lower>_<higher>`, as stored and as the events dialect writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.lower, self.higher)
    }
}

/// A chat, as every member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its number.
    pub id: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// Its title, which a direct chat has not.
    pub title: Option<Title>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The version of the last change of the above (not of what is in the chat).
    pub version: Version,
}

/// Somebody who is, or was, in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// In which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserSummary,
    /// What they may do.
    pub role: ChatRole,
    /// When they came in, the last time.
    pub joined_at: Timestamp,
    /// When they left or were removed; `None` while they are in.
    pub left_at: Option<Timestamp>,
    /// Up to where they have read.
    pub read_seq: Seq,
    /// The version of the last change of the above.
    pub version: Version,
}

/// Where somebody who is in a chat stands; what permissions are decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The chat.
    pub chat: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: ChatRole,
    /// Up to where they have read.
    pub read_seq: Seq,
    /// Whether nobody may write in it: one of the two people that it is between has blocked the
    /// other, is disabled or was deleted.
    pub closed: bool,
    /// The chat's last message.
    pub last_seq: Seq,
    /// The chat's version now.
    pub version: Version,
}

/// A chat, as one member sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatView {
    /// The chat.
    pub chat: Chat,
    /// What the viewer may do.
    pub role: ChatRole,
    /// How many people are in it.
    pub member_count: i64,
    /// The other one of a direct chat; oneself in one's notes.
    pub peer: Option<UserSummary>,
    /// Up to where the viewer has read.
    pub read_seq: Seq,
    /// Messages after that which others wrote and nobody deleted; counted up to
    /// [`limits::UNREAD_COUNT_MAX`].
    pub unread_count: i64,
    /// Those of them that mention the viewer, counted as far.
    pub mention_count: i64,
    /// The last message, perhaps a tombstone.
    pub last_message: Option<Message>,
    /// The place of the last message.
    pub last_seq: Seq,
    /// When the last message was sent, or else when the chat was made.
    pub active_at: Timestamp,
    /// The chat's version now.
    pub version: Version,
}
