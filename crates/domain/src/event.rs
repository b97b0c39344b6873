//! Events: what happened, for everybody who is connected.
//!
//! An event that changes a chat carries the chat's [`Version`] after that change. A chat's versions are
//! consecutive, but events may be published out of order, and one is never published if its process dies
//! after the commit. Whoever delivers events puts them in order, and fills gaps from
//! [`crate::chat::Chats::missed_since`].

use crate::chat::{Chat, Horizon, Member, Preferences, Silence};
use crate::clock::Timestamp;
use crate::ids::{ChatId, MessageId, Seq, UserId, Version};
use crate::message::Message;

/// Who receives an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who is a member of the chat when the event's version is reached.
    Members(ChatId),
    /// The chat's members at that moment, except these people, on any of their devices.
    MembersExcept(ChatId, Vec<UserId>),
    /// These people.
    Users(Vec<UserId>),
}

/// Something that happened, and who receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who receives it.
    pub audience: Audience,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventBody {
    /// A message was sent.
    MessageCreated(Message),
    /// A message's text was changed.
    MessageEdited(Message),
    /// Something else about a message changed: its reactions, its pin, or its data without its text.
    MessageUpdated(Message),
    /// A message was deleted; this is its tombstone.
    MessageDeleted(Message),
    /// A chat was created, or opened for the first time, with these members.
    ChatCreated {
        /// The chat, at its first version.
        chat: Chat,
        /// Everybody in it.
        members: Vec<UserId>,
        /// Who created it; `None` if that is not known.
        by: Option<UserId>,
    },
    /// A chat's settings were changed: its title, its slow mode.
    ChatUpdated(Chat),
    /// A chat was deleted with everything in it. It has no version, because nothing follows.
    ChatDeleted(ChatId),
    /// Somebody joined, for the first time or again.
    MemberJoined(Member),
    /// Somebody's role changed, or something that only they and whoever moderates them see. After missed events, this is a member's current state, and they may have
    /// joined by one of those.
    MemberUpdated(Member),
    /// Somebody left or was removed.
    MemberLeft(Member),
    /// Somebody's read marker moved forward.
    Read {
        /// In which chat.
        chat: ChatId,
        /// Whose.
        user: UserId,
        /// Up to where they have read.
        seq: Seq,
        /// The version of this change.
        version: Version,
    },
    /// Somebody's read marker moved forward in a chat that shows it only to them. It has no version, because
    /// nothing changed for anybody else.
    ReadAlone {
        /// In which chat.
        chat: ChatId,
        /// Whose.
        user: UserId,
        /// Up to where they have read.
        seq: Seq,
    },
    /// Somebody starred or unstarred a message. Only they see it, so it has no version.
    Starred {
        /// In which chat.
        chat: ChatId,
        /// On which message.
        message: MessageId,
        /// Whether it is starred now.
        on: bool,
    },
    /// Somebody changed their preferences for a chat. It has no version, because the chat did not change.
    ChatPreferences {
        /// Which chat.
        chat: ChatId,
        /// All of their preferences for it.
        preferences: Preferences,
    },
    /// Somebody was silenced in a chat, or is no more. Only they are told, beside what says in order that they changed
    /// ([`EventBody::MemberUpdated`]), so it has no version.
    Silenced {
        /// Which chat.
        chat: ChatId,
        /// Their silence, if they are silenced.
        silence: Option<Silence>,
    },
    /// Somebody blocked or unblocked somebody. Only they are told.
    Blocked {
        /// Whom.
        user: UserId,
        /// Whether they are blocked now.
        on: bool,
    },
    /// Somebody started or stopped typing. It has no version, because it is over in seconds.
    Typing {
        /// In which chat.
        chat: ChatId,
        /// Who.
        user: UserId,
        /// When it ends unless it is repeated; `None` if they stopped.
        until: Option<Timestamp>,
    },
    /// A member has opened the chat on another connection. It has no version, because it concerns only those who
    /// are connected at that moment.
    Arrived {
        /// Which chat.
        chat: ChatId,
        /// Who.
        user: UserId,
    },
    /// Somebody came online or went offline. It has no version either.
    Presence {
        /// Who.
        user: UserId,
        /// Whether they are connected.
        online: bool,
        /// When they were last connected.
        last_seen_at: Timestamp,
    },
}

impl EventBody {
    /// The chat that it is about; `None` if it is about a person.
    pub fn chat(&self) -> Option<ChatId> {
        match self {
            Self::Typing { chat, .. }
            | Self::Arrived { chat, .. }
            | Self::ReadAlone { chat, .. }
            | Self::Starred { chat, .. }
            | Self::ChatPreferences { chat, .. }
            | Self::Silenced { chat, .. }
            | Self::ChatDeleted(chat) => Some(*chat),
            body => body.version().map(|(chat, _)| chat),
        }
    }

    /// The message that was sent or changed, if it is about one.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::MessageCreated(message)
            | Self::MessageEdited(message)
            | Self::MessageUpdated(message)
            | Self::MessageDeleted(message) => Some(message),
            _ => None,
        }
    }

    /// Whether it is about something in its chat that is hidden from somebody: a message, or a marker at one. To
    /// them nothing happened.
    pub fn is_hidden(&self, horizon: Horizon) -> bool {
        match self {
            Self::Read { seq, .. } => horizon.hides_seq(*seq),
            body => body.message().is_some_and(|message| horizon.hides(message)),
        }
    }

    /// Somebody who is in a chat from now on or still, after this, and what they do not see of it.
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::MemberJoined(member) | Self::MemberUpdated(member) => Some(member),
            _ => None,
        }
    }

    /// The chat and its new version, if the event changes a chat.
    pub fn version(&self) -> Option<(ChatId, Version)> {
        match self {
            Self::MessageCreated(m)
            | Self::MessageEdited(m)
            | Self::MessageUpdated(m)
            | Self::MessageDeleted(m) => Some((m.chat, m.version)),
            Self::ChatCreated { chat, .. } | Self::ChatUpdated(chat) => {
                Some((chat.id, chat.version))
            }
            Self::MemberJoined(m) | Self::MemberUpdated(m) | Self::MemberLeft(m) => {
                Some((m.chat, m.version))
            }
            Self::Read { chat, version, .. } => Some((*chat, *version)),
            Self::ChatDeleted(_)
            | Self::ReadAlone { .. }
            | Self::Starred { .. }
            | Self::ChatPreferences { .. }
            | Self::Silenced { .. }
            | Self::Blocked { .. }
            | Self::Typing { .. }
            | Self::Arrived { .. }
            | Self::Presence { .. } => None,
        }
    }
}

/// Carries events to whoever is connected, on this node or on others.
///
/// A use case publishes after its change was committed, never before. Publishing neither waits nor fails: a
/// lost event is noticed by its missing version, and those without a version may get lost.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait EventBus: Send + Sync {
    /// Publishes an event.
    fn publish(&self, event: Event);
}
