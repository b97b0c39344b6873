//! Blocking, and taking it back.

use super::{BlockPage, Blocks};
use crate::directory::Wanted;
use crate::event::{Audience, Event, EventBody};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::limits;
use crate::session::Caller;

/// Why nobody was blocked.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// Nobody blocks themselves.
    #[error("You cannot do this to your own account.")]
    Oneself,
    /// There is no such account, or the caller does not find it.
    #[error("There is no such user.")]
    NotFound,
    /// More than anybody has reason to.
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
    /// The caller wants nothing of that person any more. To them the caller seems to have gone.
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

    /// Takes it back, if it was so.
    pub async fn unblock(&self, caller: &Caller, user: UserId) -> Result<(), StoreError> {
        if self.ports.blocks.unblock(caller.user, user).await? {
            self.tell_oneself(caller, user, false);
        }
        Ok(())
    }

    /// Whom the caller has blocked.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BlockPage, StoreError> {
        self.ports.blocks.list(caller.user, after, limit).await
    }

    /// Other devices of the caller are to show the same.
    fn tell_oneself(&self, caller: &Caller, user: UserId, on: bool) {
        let body = EventBody::Blocked { user, on };
        self.ports.bus.publish(Event { audience: Audience::Users(vec![caller.user]), body });
    }

    /// Whether the person was shown to be online to the other one so far.
    async fn is_seen(&self, person: UserId, other: UserId) -> Result<bool, StoreError> {
        let shared = self.ports.members.sharing(other, &[person]).await?;
        Ok(!self.ports.presence.online(&shared).await?.is_empty())
    }
}
