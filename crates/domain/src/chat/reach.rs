//! Which chats a caller reaches: those that they are in, and a service key with the scope for that every chat.

use super::{Chats, GetError, MemberStore, Standing};
use crate::failure::{Failure, StoreError};
use crate::ids::ChatId;
use crate::service_key::KeyRefusal;
use crate::session::Caller;

/// Why a chat is out of a caller's reach.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The service key is not in it, if there is one, and lacks the scope for others.
    #[error(transparent)]
    Key(KeyRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ReachError> for Failure {
    fn from(error: ReachError) -> Self {
        match error {
            ReachError::Key(why) => why.into(),
            ReachError::Store(error) => error.into(),
        }
    }
}

impl Chats {
    /// Where the caller stands in a chat; everything that concerns one begins with this.
    pub(super) async fn standing(
        &self,
        caller: &Caller,
        chat: ChatId,
    ) -> Result<Standing, GetError> {
        Ok(standing(&*self.ports.members, caller, chat).await?)
    }

    /// Tells a service key which scope it lacks, if it would need one to reach the chat. It is told the same of a
    /// chat that there is not. Everybody else learns from what they ask for.
    pub async fn check_reach(&self, caller: &Caller, chat: ChatId) -> Result<(), ReachError> {
        check_reach(&*self.ports.members, caller, chat).await
    }
}

/// See [`Chats::check_reach`].
pub(crate) async fn check_reach(
    members: &dyn MemberStore,
    caller: &Caller,
    chat: ChatId,
) -> Result<(), ReachError> {
    let Some(lacks) = caller.lacks_reach() else { return Ok(()) };
    match members.standing(chat, caller.user).await {
        Ok(_) => Ok(()),
        Err(StoreError::NotFound) => Err(ReachError::Key(lacks)),
        Err(error) => Err(error.into()),
    }
}

/// Where the caller stands in a chat: as a member, or as a key that reaches it. `NotFound` if they do not.
pub(crate) async fn standing(
    members: &dyn MemberStore,
    caller: &Caller,
    chat: ChatId,
) -> Result<Standing, StoreError> {
    if caller.reaches_all() {
        Ok(members.facts(chat).await?.reached_by(caller.user))
    } else {
        members.standing(chat, caller.user).await
    }
}
