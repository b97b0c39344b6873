//! Blocking and unblocking people.

use super::{BlockPage, Blocks};
use crate::directory::Wanted;
use crate::event::{Audience, Event, EventBody};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::limits;
use crate::session::Caller;

/// Why somebody was not blocked.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// Nobody blocks themselves.
    #[error("You cannot do this to your own account.")]
    Oneself,
    /// There is no such account, or the caller may not find it.
    #[error("There is no such user.")]
    NotFound,
    /// The caller has blocked too many people.
    #[error("You may block {} people at most.", limits::BLOCKS)]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for BlockError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict => Self::TooMany,
            error => Self::Store(error),
        }
    }
}

impl From<BlockError> for Failure {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::Oneself => Self::new(Kind::Conflict, "own_account", error),
            BlockError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            BlockError::TooMany => Self::new(Kind::Conflict, "too_many_blocks", error),
            BlockError::Store(error) => error.into(),
        }
    }
}

impl Blocks {
    /// Lets the caller block that person. If they saw the caller as online, they now see them go offline.
    pub async fn block(&self, caller: &Caller, user: UserId) -> Result<(), BlockError> {
        if user == caller.user {
            return Err(BlockError::Oneself);
        }
        let (ports, now) = (&self.ports, self.ports.clock.now());
        let user = ports.directory.found(caller, Wanted::Profile, user).await?;
        let is_new = ports.blocks.block(caller.user, user, limits::BLOCKS, now).await?;
        if !is_new {
            return Ok(());
        }
        self.tell_oneself(caller, user, true);
        if self.is_seen(caller.user, user).await? {
            let (gone, online, last_seen_at) = (caller.user, false, now);
            let body = EventBody::Presence { user: gone, online, last_seen_at };
            ports.bus.publish(Event { audience: Audience::Users(vec![user]), body });
        }
        Ok(())
    }

    /// Unblocks that person, if the caller has blocked them.
    pub async fn unblock(&self, caller: &Caller, user: UserId) -> Result<(), StoreError> {
        if self.ports.blocks.unblock(caller.user, user).await? {
            self.tell_oneself(caller, user, false);
        }
        Ok(())
    }

    /// The people whom the caller has blocked.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BlockPage, StoreError> {
        self.ports.blocks.list(caller.user, after, limit).await
    }

    /// Informs the caller's other devices.
    fn tell_oneself(&self, caller: &Caller, user: UserId, on: bool) {
        let body = EventBody::Blocked { user, on };
        self.ports.bus.publish(Event { audience: Audience::Users(vec![caller.user]), body });
    }

    /// Whether the other one has seen the person as online.
    async fn is_seen(&self, person: UserId, other: UserId) -> Result<bool, StoreError> {
        let shared = self.ports.members.sharing(other, &[person]).await?;
        Ok(!self.ports.presence.online(&shared).await?.is_empty())
    }
}
