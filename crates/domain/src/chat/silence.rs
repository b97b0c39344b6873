//! Taking somebody's voice in a chat, and giving it back.

use super::{
    ChangedMembers, ChatActor, ChatRole, Chats, Member, MemberChange, Silence, Standing, rules,
};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::event::{Audience, Event, EventBody};
use crate::failure::{Failure, Kind, WriteError};
use crate::ids::{ChatId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::text::{self, TextError};

impl Member {
    /// As somebody who stands there sees them: a silence is shown to whoever it is of, and to whoever silences.
    #[must_use]
    pub fn shown_to(self, viewer: &Standing, now: Timestamp) -> Self {
        let sees = self.user.id == viewer.user || rules::may_silence(viewer, None);
        let silence = self.silence.filter(|silence| sees && silence.holds(now));
        Self { silence, ..self }
    }

    /// What the member themselves is told of their silence, if they were ever silenced.
    pub(super) fn told_silence(&self, now: Timestamp) -> Option<Event> {
        let silence = Some(self.silence.clone()?).filter(|silence| silence.holds(now));
        let audience = Audience::Users(vec![self.user.id]);
        Some(Event { audience, body: EventBody::Silenced { chat: self.chat, silence } })
    }
}

impl Silence {
    /// What somebody has in whispers that are opened in a chat where they have this silence: the same, whether or not
    /// it is over, as they have in whispers that were there when it was set (see [`MemberChange::in_whispers`]).
    #[must_use]
    pub fn in_new_whispers(&self) -> Self {
        self.clone()
    }
}

/// A silence to be set, in place of one that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSilence {
    /// In which chat.
    pub chat: ChatId,
    /// Whose.
    pub user: UserId,
    /// By whom.
    pub by: ChatActor,
    /// What for; or what is wrong with what was typed, which only somebody who may silence is told.
    pub reason: Result<Option<String>, TextError>,
    /// Now.
    pub at: Timestamp,
    /// Until when; `None` is until it is lifted.
    pub until: Option<Timestamp>,
}

/// A silence to be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiftSilence {
    /// In which chat.
    pub chat: ChatId,
    /// Who wants it.
    pub actor: ChatActor,
    /// Whose.
    pub user: UserId,
    /// Now.
    pub at: Timestamp,
}

/// What a store found for either, under the chat's lock.
#[derive(Debug, Clone, Copy)]
pub struct SilenceFacts<'a> {
    /// Where the actor stands; `None` if there is no such chat, or they are not in it.
    pub actor: Option<Standing>,
    /// What the other one may do in the chat, if they are in it.
    pub target: Option<ChatRole>,
    /// The last silence of the other one, who may have left since.
    pub silence: Option<&'a Silence>,
}

/// Why nobody is silenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SilenceRefusal {
    /// There is no such chat, or the actor is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The actor's role does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// They are not in the chat: there is no such account, or it is somebody else's business what it is.
    #[error("This user is not in the chat.")]
    NotAMember,
    /// The reason breaks a rule.
    #[error("The reason {0}.")]
    Reason(#[from] TextError),
    /// A silence that is over would say nothing.
    #[error("The end of a silence lies in the future.")]
    Over,
}

/// Why nobody was silenced.
pub type SilenceError = WriteError<SilenceRefusal>;

impl From<SilenceRefusal> for Failure {
    fn from(refusal: SilenceRefusal) -> Self {
        match refusal {
            SilenceRefusal::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", refusal),
            SilenceRefusal::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            SilenceRefusal::NotAMember => Self::new(Kind::NotFound, "member_not_found", refusal),
            SilenceRefusal::Reason(why) => Self::field("reason", why.code(), refusal),
            SilenceRefusal::Over => Self::field("until", "not_in_the_future", refusal),
        }
    }
}

/// Why no silence is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LiftSilenceRefusal {
    /// The actor may not.
    #[error(transparent)]
    Silence(#[from] SilenceRefusal),
    /// That person is not silenced here.
    #[error("This user is not silenced in the chat.")]
    NotSilenced,
}

/// Why no silence was lifted.
pub type LiftSilenceError = WriteError<LiftSilenceRefusal>;

impl From<LiftSilenceRefusal> for Failure {
    fn from(refusal: LiftSilenceRefusal) -> Self {
        match refusal {
            LiftSilenceRefusal::Silence(why) => why.into(),
            LiftSilenceRefusal::NotSilenced => {
                Self::new(Kind::NotFound, "silence_not_found", refusal)
            }
        }
    }
}

impl NewSilence {
    /// What changes.
    pub fn decide(&self, facts: SilenceFacts<'_>) -> Result<MemberChange, SilenceRefusal> {
        may_silence(facts, self.user, self.by)?;
        if self.until.is_some_and(|until| until <= self.at) {
            return Err(SilenceRefusal::Over);
        }
        let reason = self.reason.clone()?;
        if facts.target.is_none() {
            return Err(SilenceRefusal::NotAMember);
        }
        let silence = Silence { by: self.by.user(), reason, at: self.at, until: self.until };
        Ok(MemberChange::Silence { user: self.user, silence })
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.by.moderated(format!("silenced user {}", self.user))
    }
}

impl LiftSilence {
    /// What changes: the silence is over. Whoever left meanwhile has it lifted like a member.
    pub fn decide(&self, facts: SilenceFacts<'_>) -> Result<MemberChange, LiftSilenceRefusal> {
        may_silence(facts, self.user, self.actor)?;
        let silence = facts.silence.filter(|silence| silence.holds(self.at));
        let silence = silence.ok_or(LiftSilenceRefusal::NotSilenced)?;
        let silence = Silence { until: Some(self.at), ..silence.clone() };
        Ok(MemberChange::Silence { user: self.user, silence })
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.actor.moderated(format!("lifted the silence of user {}", self.user))
    }
}

/// Whether the actor silences that person. Nobody does so to themselves, in neither direction.
fn may_silence(facts: SilenceFacts<'_>, user: UserId, by: ChatActor) -> Result<(), SilenceRefusal> {
    let actor = facts.actor.ok_or(SilenceRefusal::ChatNotFound)?;
    let may = rules::may_silence(&actor, facts.target) && user != by.user();
    may.then_some(()).ok_or(SilenceRefusal::NotAllowed)
}

impl Chats {
    /// Takes a member's voice in a chat until `until`: they read, and say nothing.
    pub async fn silence(
        &self,
        caller: &Caller,
        (chat, user): (ChatId, UserId),
        until: Option<Timestamp>,
        reason: Option<&str>,
    ) -> Result<(), SilenceError> {
        let reason = reason.map(|typed| text::lines(typed, limits::BAN_REASON_CHARS)).transpose();
        let at = self.ports.clock.now();
        let by = ChatActor::of(caller, at);
        let silence = NewSilence { chat, user, by, reason, at, until };
        self.tell_silence(self.ports.bans.silence(silence).await?, at);
        Ok(())
    }

    /// Gives somebody their voice back.
    pub async fn lift_silence(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
    ) -> Result<(), LiftSilenceError> {
        let at = self.ports.clock.now();
        let wanted = LiftSilence { chat, actor: ChatActor::of(caller, at), user, at };
        self.tell_silence(self.ports.bans.lift_silence(wanted).await?, at);
        Ok(())
    }

    /// Tells everybody that a member changed, and the member how.
    fn tell_silence(&self, changed: ChangedMembers, now: Timestamp) {
        let told = changed.changed.iter().filter_map(|member| member.told_silence(now));
        let told: Vec<_> = told.collect();
        self.tell_members(changed);
        for event in told {
            self.ports.bus.publish(event);
        }
    }
}
