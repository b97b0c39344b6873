//! What sorts of chats there are, and what makes two calls mean the same one.

use super::RoomName;
use crate::ids::{ChatId, ProjectId, UserId};
use std::fmt;

/// What sort of chat it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChatKind {
    /// Two people, or one alone with their notes. It is opened, never made twice.
    Direct,
    /// Invited people, with a title.
    Group,
    /// The chat of a project; the application that knows the project says who is in it.
    Project(ProjectId),
    /// A name that anybody with an account may enter.
    Room,
    /// What two members of that chat say to each other there. It has members, numbers and events of
    /// its own, so nobody else's copy of the chat around it can tell that it is there.
    Whisper(ChatId),
}

impl ChatKind {
    /// The words of those that are between two people, and are closed when one of them is not to be
    /// written to.
    pub const WORDS_OF_TWO: [&'static str; 2] = ["direct", "whisper"];

    /// Its word in the native API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Project(_) => "project",
            Self::Room => "room",
            Self::Whisper(_) => "whisper",
        }
    }
    /// The project whose chat it is.
    pub const fn project(self) -> Option<ProjectId> {
        if let Self::Project(project) = self { Some(project) } else { None }
    }
    /// The chat that it is whispered in.
    pub const fn parent(self) -> Option<ChatId> {
        if let Self::Whisper(parent) = self { Some(parent) } else { None }
    }
    /// Whether it is between two people, who are then each other's peer.
    pub const fn is_between_two(self) -> bool {
        matches!(self, Self::Direct | Self::Whisper(_))
    }
}

/// The two people of a direct chat or of whispers, the lower id first; both the same for one's
/// notes.
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
    /// Whether this is one of them.
    pub fn has(self, user: UserId) -> bool {
        self.lower == user || self.higher == user
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

/// What a chat is found by that is opened and never made twice. Groups have none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ChatKey {
    /// The direct chat of two people.
    Direct(Pair),
    /// The chat of a project.
    Project(ProjectId),
    /// The room of a name, in its folded form.
    Room(String),
    /// What two people whisper in a chat.
    Whisper(ChatId, Pair),
}

impl From<&RoomName> for ChatKey {
    fn from(name: &RoomName) -> Self {
        Self::Room(name.folded().to_owned())
    }
}

impl fmt::Display for ChatKey {
    /// As stored; no two keys are written alike.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct(pair) => write!(f, "direct:{pair}"),
            Self::Project(project) => write!(f, "project:{project}"),
            Self::Room(folded) => write!(f, "room:{folded}"),
            Self::Whisper(parent, pair) => write!(f, "whisper:{parent}:{pair}"),
        }
    }
}
