//! Coming into a chat.

use super::{Ban, ChatKind, ChatRole, Chats, MemberChange, rules};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::{ChatId, UserId};
use crate::session::Caller;

/// Somebody who comes into an open room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joining {
    /// Into which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserId,
    /// How many members the chat has room for.
    pub capacity: usize,
    /// Now.
    pub at: Timestamp,
}

/// What a store found for somebody who wants in, under the chat's lock.
#[derive(Debug, Clone, Copy)]
pub struct JoinFacts<'a> {
    /// Whether they are in already.
    pub present: bool,
    /// How many are in.
    pub members: usize,
    /// Their ban, perhaps one that is over.
    pub ban: Option<&'a Ban>,
}

/// Why somebody may not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinRefusal {
    /// The chat is full.
    #[error("This chat has {capacity} members at most.")]
    Full {
        /// How many it has room for.
        capacity: usize,
    },
    /// They are banned.
    #[error("This user is banned from the chat.")]
    Banned {
        /// Until when; `None` is for ever.
        until: Option<Timestamp>,
    },
}

/// Why somebody did not come in.
pub type JoinError = WriteError<JoinRefusal>;

impl From<JoinRefusal> for Failure {
    fn from(refusal: JoinRefusal) -> Self {
        match refusal {
            JoinRefusal::Full { .. } => Self::new(Kind::Conflict, "too_many_members", refusal),
            JoinRefusal::Banned { .. } => Self::new(Kind::Forbidden, "banned", refusal),
        }
    }
}

impl Joining {
    /// What changes: nothing for whoever is in already.
    pub fn decide(&self, facts: JoinFacts<'_>) -> Result<Vec<MemberChange>, JoinRefusal> {
        if facts.present {
            return Ok(Vec::new());
        }
        rules::may_join(facts.members, self.capacity, facts.ban, self.at)?;
        Ok(vec![MemberChange::Join { user: self.user, role: ChatRole::Member }])
    }
}

impl Chats {
    /// Comes into an open group or a room by its number, if the caller finds rooms. Who is in already stays in,
    /// in whatever chat. `NotFound` for any other chat, as if there were none.
    pub async fn join(&self, caller: &Caller, chat: ChatId) -> Result<(), JoinError> {
        match self.ports.members.standing(chat, caller.user).await {
            Ok(_) => return Ok(()),
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        if !self.ports.directory.of(caller).finds_rooms() {
            return Err(StoreError::NotFound.into());
        }
        let there = self.ports.addresses.outline(chat).await?.chat;
        if !there.lets_anybody_in() {
            return Err(StoreError::NotFound.into());
        }
        let is_room = there.kind == ChatKind::Room;
        let capacity = if is_room { self.limits.room_members } else { self.limits.group_members };
        self.let_in(Joining { chat, user: caller.user, capacity, at: self.ports.clock.now() }).await
    }

    /// Lets somebody into a chat and tells everybody in it, them included.
    pub(super) async fn let_in(&self, joining: Joining) -> Result<(), JoinError> {
        self.tell_members(self.ports.members.add(joining).await?);
        Ok(())
    }
}
