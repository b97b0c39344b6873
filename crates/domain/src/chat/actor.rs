//! Who changes a chat: somebody who is in it, or a service key that reaches every chat (ADR 70).

use super::{ChatKind, ChatRole, Horizon, Permissions, Silenced, Standing};
use crate::admin::{AuditAction, Record};
use crate::clock::Timestamp;
use crate::ids::{ChatId, Seq, UserId, Version};
use crate::session::Caller;

/// Who changes a chat, and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatActor {
    /// Somebody who may do what their role in the chat permits.
    Member(UserId),
    /// A service key that reaches every chat, by its account. What it does then is noted in the audit log.
    Host(UserId, Timestamp),
}

/// What a chat is, whoever is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatFacts {
    /// The chat.
    pub chat: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// See [`Standing::closed`].
    pub closed: bool,
    /// See [`Standing::hushed`].
    pub hushed: bool,
    /// See [`super::Chat::open`].
    pub open: bool,
    /// What it lets its people do.
    pub permissions: Permissions,
    /// How many people are in it.
    pub member_count: i64,
    /// Its last message.
    pub last_seq: Seq,
    /// Its version now.
    pub version: Version,
}

impl ChatFacts {
    /// Where somebody stands there with that role, who has read up to there, sees what comes after the horizon, and
    /// says nothing for so long.
    pub fn standing(
        self,
        user: UserId,
        role: ChatRole,
        (read_seq, horizon, silenced): (Seq, Horizon, Silenced),
    ) -> Standing {
        let Self { chat, kind, closed, hushed, open, permissions, .. } = self;
        let Self { member_count, last_seq, version, .. } = self;
        Standing {
            chat,
            kind,
            user,
            role,
            read_seq,
            horizon,
            silenced,
            closed,
            hushed,
            open,
            permissions,
            member_count,
            last_seq,
            version,
        }
    }

    /// Where a service key stands that reaches every chat: it may do what an owner may.
    pub fn reached_by(self, key: UserId) -> Standing {
        self.standing(key, ChatRole::Owner, (self.last_seq, Horizon::NONE, Silenced::Never))
    }
}

impl ChatActor {
    /// The caller, in whatever chats they reach.
    pub fn of(caller: &Caller, now: Timestamp) -> Self {
        if caller.reaches_all() { Self::Host(caller.user, now) } else { Self::Member(caller.user) }
    }

    /// The account.
    pub fn user(self) -> UserId {
        match self {
            Self::Member(user) | Self::Host(user, _) => user,
        }
    }

    /// Whether it is a key that reaches every chat.
    pub fn is_host(self) -> bool {
        matches!(self, Self::Host(..))
    }

    /// Where it stands in a chat, given where its account stands as a member, if it is one, and what the chat is.
    /// `None` if there is no such chat, or it does not reach it.
    pub fn stands(self, member: Option<Standing>, chat: Option<ChatFacts>) -> Option<Standing> {
        match self {
            Self::Member(_) => member,
            Self::Host(key, _) => chat.map(|chat| chat.reached_by(key)),
        }
    }

    /// The line of the audit log for what it did, if there is to be one: what members do to each other is theirs.
    pub fn record(self, action: AuditAction, detail: String) -> Option<Record> {
        match self {
            Self::Member(_) => None,
            Self::Host(key, at) => Some(Record::new(Some(key), action, detail, at)),
        }
    }

    /// The same of the moderation of a chat.
    pub(super) fn moderated(self, detail: String) -> Option<Record> {
        self.record(AuditAction::ChatModerated, detail)
    }
}

impl From<UserId> for ChatActor {
    fn from(user: UserId) -> Self {
        Self::Member(user)
    }
}
