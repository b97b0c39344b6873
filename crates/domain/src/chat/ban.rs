//! Keeping somebody out.

use super::{Chats, GetError, rules};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::text::{self, TextError};
use crate::user::UserSummary;

/// A ban to be set, in place of one that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBan {
    /// From which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserId,
    /// By whom.
    pub by: UserId,
    /// What for.
    pub reason: Option<String>,
    /// Now.
    pub at: Timestamp,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
}

/// Somebody who may not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Who.
    pub user: UserSummary,
    /// By whom.
    pub by: UserId,
    /// What for.
    pub reason: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
}

/// Bans, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanPage {
    /// In the order of the ids of the people.
    pub bans: Vec<Ban>,
    /// Whether there are more.
    pub more: bool,
}

/// Why nobody was banned, or no bans were shown.
#[derive(Debug, thiserror::Error)]
pub enum BanError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The caller's role does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// There is no such account.
    #[error("There is no such user.")]
    UserNotFound,
    /// The reason breaks a rule.
    #[error("The reason {0}.")]
    Reason(#[from] TextError),
    /// A ban that is over would say nothing.
    #[error("The end of a ban lies in the future.")]
    Over,
}

impl From<BanError> for Failure {
    fn from(error: BanError) -> Self {
        match error {
            BanError::Chat(error) => error.into(),
            BanError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
            BanError::UserNotFound => Self::new(Kind::NotFound, "user_not_found", error),
            BanError::Reason(why) => Self::field("reason", why.code(), error),
            BanError::Over => Self::field("until", "not_in_the_future", error),
        }
    }
}

/// Why no ban was lifted.
#[derive(Debug, thiserror::Error)]
pub enum LiftBanError {
    /// The caller may not.
    #[error(transparent)]
    Ban(#[from] BanError),
    /// That person is not banned here.
    #[error("This user is not banned from the chat.")]
    NotBanned,
}

impl From<LiftBanError> for Failure {
    fn from(error: LiftBanError) -> Self {
        match error {
            LiftBanError::Ban(error) => error.into(),
            LiftBanError::NotBanned => Self::new(Kind::NotFound, "ban_not_found", error),
        }
    }
}

impl From<StoreError> for BanError {
    fn from(error: StoreError) -> Self {
        Self::Chat(error.into())
    }
}

impl Chats {
    /// Takes somebody out of a chat, if they are in it, and keeps them out until `until`.
    pub async fn ban(
        &self,
        caller: &Caller,
        (chat, user): (ChatId, UserId),
        until: Option<Timestamp>,
        reason: Option<&str>,
    ) -> Result<(), BanError> {
        let actor = self.standing(caller, chat).await?;
        let target = match self.ports.members.standing(chat, user).await {
            Ok(standing) => Some(standing.role),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        if !rules::may_ban(&actor, target) || user == caller.user {
            return Err(BanError::NotAllowed);
        }
        let at = self.ports.clock.now();
        if until.is_some_and(|until| until <= at) {
            return Err(BanError::Over);
        }
        let reason = reason.map(|typed| text::trimmed(typed, limits::BAN_REASON_CHARS));
        let reason = reason.transpose()?.map(str::to_owned);
        let ban = NewBan { chat, user, by: caller.user, reason, at, until };
        let banned = self.ports.bans.ban(ban).await;
        self.tell_departures(banned.map_err(|error| match error {
            StoreError::NotFound => BanError::UserNotFound,
            // They have become the owner by now.
            StoreError::Conflict => BanError::NotAllowed,
            error => error.into(),
        })?);
        Ok(())
    }

    /// Lets somebody come in again.
    pub async fn lift_ban(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
    ) -> Result<(), LiftBanError> {
        self.moderator(caller, chat).await?;
        self.ports.bans.lift(chat, user).await.map_err(|error| match error {
            StoreError::NotFound => LiftBanError::NotBanned,
            error => LiftBanError::Ban(error.into()),
        })
    }

    /// Who may not come in now.
    pub async fn bans(
        &self,
        caller: &Caller,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BanPage, BanError> {
        self.moderator(caller, chat).await?;
        Ok(self.ports.bans.list(chat, self.ports.clock.now(), after, limit).await?)
    }

    async fn moderator(&self, caller: &Caller, chat: ChatId) -> Result<(), BanError> {
        let actor = self.standing(caller, chat).await?;
        if rules::may_ban(&actor, None) { Ok(()) } else { Err(BanError::NotAllowed) }
    }
}
