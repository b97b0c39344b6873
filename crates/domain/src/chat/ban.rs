//! Keeping somebody out.

use super::{Ban, ChatActor, Chats, GetError, MemberChange, Standing, Target, rules};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::directory::Wanted;
use crate::failure::{Failure, Kind, WriteError};
use crate::ids::{ChatId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::text::{self, TextError};

/// A ban to be set, in place of one that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBan {
    /// From which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserId,
    /// By whom.
    pub by: ChatActor,
    /// What for; or what is wrong with what was typed, which only somebody who may ban is told.
    pub reason: Result<Option<String>, TextError>,
    /// Now.
    pub at: Timestamp,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
}

/// What a store found for a ban to be set, under the chat's lock.
#[derive(Debug, Clone, Copy)]
pub struct BanFacts {
    /// Where whoever bans stands; `None` if there is no such chat, or they are not in it.
    pub actor: Option<Standing>,
    /// Who is to be banned.
    pub target: Target,
}

/// What setting a ban changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanChanges {
    /// What for.
    pub reason: Option<String>,
    /// Who is out by it.
    pub members: Vec<MemberChange>,
}

/// A ban to be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiftBan {
    /// Of which chat.
    pub chat: ChatId,
    /// Who wants it.
    pub actor: ChatActor,
    /// Whose.
    pub user: UserId,
}

/// What a store found for that, under the chat's lock.
#[derive(Debug, Clone, Copy)]
pub struct LiftBanFacts {
    /// Where the actor stands; `None` if there is no such chat, or they are not in it.
    pub actor: Option<Standing>,
    /// Whether there is a ban, perhaps one that is over.
    pub banned: bool,
}

/// Bans, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanPage {
    /// In the order of the ids of the people.
    pub bans: Vec<Ban>,
    /// Whether there are more.
    pub more: bool,
}

/// Why nobody is banned, or no bans are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BanRefusal {
    /// There is no such chat, or the actor is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The actor's role does not allow it.
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

/// Why nobody was banned, or no bans were shown.
pub type BanError = WriteError<BanRefusal>;

impl From<BanRefusal> for Failure {
    fn from(refusal: BanRefusal) -> Self {
        match refusal {
            BanRefusal::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", refusal),
            BanRefusal::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            BanRefusal::UserNotFound => Self::new(Kind::NotFound, "user_not_found", refusal),
            BanRefusal::Reason(why) => Self::field("reason", why.code(), refusal),
            BanRefusal::Over => Self::field("until", "not_in_the_future", refusal),
        }
    }
}

/// Why no ban is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LiftBanRefusal {
    /// The actor may not.
    #[error(transparent)]
    Ban(#[from] BanRefusal),
    /// That person is not banned here.
    #[error("This user is not banned from the chat.")]
    NotBanned,
}

/// Why no ban was lifted.
pub type LiftBanError = WriteError<LiftBanRefusal>;

impl From<LiftBanRefusal> for Failure {
    fn from(refusal: LiftBanRefusal) -> Self {
        match refusal {
            LiftBanRefusal::Ban(why) => why.into(),
            LiftBanRefusal::NotBanned => Self::new(Kind::NotFound, "ban_not_found", refusal),
        }
    }
}

impl NewBan {
    /// What changes: somebody who is in is out.
    pub fn decide(&self, facts: BanFacts) -> Result<BanChanges, BanRefusal> {
        let (actor, user) = (facts.actor.ok_or(BanRefusal::ChatNotFound)?, self.user);
        if !rules::may_ban(&actor, facts.target.role) || user == self.by.user() {
            return Err(BanRefusal::NotAllowed);
        }
        if self.until.is_some_and(|until| until <= self.at) {
            return Err(BanRefusal::Over);
        }
        let reason = self.reason.clone()?;
        if !facts.target.exists {
            return Err(BanRefusal::UserNotFound);
        }
        let leaves = facts.target.role.map(|_| MemberChange::Leave { user, freely: false });
        Ok(BanChanges { reason, members: leaves.into_iter().collect() })
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.by.moderated(format!("banned user {}", self.user))
    }
}

impl LiftBan {
    /// Whether it is lifted.
    pub fn decide(&self, facts: LiftBanFacts) -> Result<(), LiftBanRefusal> {
        may_moderate(facts.actor)?;
        if facts.banned { Ok(()) } else { Err(LiftBanRefusal::NotBanned) }
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.actor.moderated(format!("lifted the ban of user {}", self.user))
    }
}

/// Whether somebody who stands there sets, sees and lifts bans.
fn may_moderate(actor: Option<Standing>) -> Result<(), BanRefusal> {
    let actor = actor.ok_or(BanRefusal::ChatNotFound)?;
    if rules::may_ban(&actor, None) { Ok(()) } else { Err(BanRefusal::NotAllowed) }
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
        let reason = reason.map(|typed| text::lines(typed, limits::BAN_REASON_CHARS)).transpose();
        let user = self.ports.directory.found(caller, Wanted::Profile, user).await?;
        let at = self.ports.clock.now();
        let by = ChatActor::of(caller, at);
        let ban = NewBan { chat, user, by, reason, at, until };
        self.tell_members(self.ports.bans.ban(ban).await?);
        Ok(())
    }

    /// Lets somebody come in again.
    pub async fn lift_ban(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
    ) -> Result<(), LiftBanError> {
        let actor = ChatActor::of(caller, self.ports.clock.now());
        self.ports.bans.lift(LiftBan { chat, actor, user }).await
    }

    /// Who may not come in now.
    pub async fn bans(
        &self,
        caller: &Caller,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BanPage, BanError> {
        let actor = match self.standing(caller, chat).await {
            Ok(standing) => Some(standing),
            Err(GetError::NotFound) => None,
            Err(GetError::Store(error)) => return Err(error.into()),
        };
        may_moderate(actor).map_err(WriteError::Refused)?;
        Ok(self.ports.bans.list(chat, self.ports.clock.now(), after, limit).await?)
    }
}
