//! Adding somebody to a chat, changing a role, handing the chat over.

use super::{
    Ban, ChatActor, ChatRole, Chats, JoinRefusal, MemberChange, Standing, Target, Unwilling,
    Wishes, rules,
};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::directory::Wanted;
use crate::failure::{Failure, Kind, WriteError};
use crate::ids::{ChatId, UserId};
use crate::session::Caller;

/// Somebody who is to be in a chat with a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetMember {
    /// In which chat.
    pub chat: ChatId,
    /// Who wants it.
    pub actor: ChatActor,
    /// Who.
    pub user: UserId,
    /// What they are to be.
    pub role: ChatRole,
    /// How many members the chat has room for.
    pub capacity: usize,
    /// Now.
    pub at: Timestamp,
}

/// What a store found for that, under the chat's lock.
#[derive(Debug, Clone, Copy)]
pub struct SetMemberFacts<'a> {
    /// Where the actor stands; `None` if there is no such chat, or they are not in it.
    pub actor: Option<Standing>,
    /// Who is to be in.
    pub target: Target,
    /// How many are in.
    pub members: usize,
    /// The target's ban, perhaps one that is over.
    pub ban: Option<&'a Ban>,
    /// What the target, who is not in, has said to being brought in by the actor.
    pub wishes: Wishes,
    /// Who owns the chat, if somebody does; nobody unless [`SetMember::needs_owner`] says that it matters.
    pub owner: Option<UserId>,
}

/// What setting a member did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetMemberOutcome {
    /// They were not in the chat and are now.
    Added,
    /// They were in the chat; their role is as wanted.
    Kept,
}

/// Why nobody is let in, and no role changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetMemberRefusal {
    /// There is no such chat, or the actor is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The actor's role does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// An owner hands over to somebody else; their own role follows from that.
    #[error("An owner's role changes only by handing the chat over to another member.")]
    OwnRole,
    /// There is no such account, the actor does not find them, or they have blocked the actor: which of these is
    /// nobody's business.
    #[error("There is no such user.")]
    UserNotFound,
    /// They left by themselves.
    #[error("This person left the chat; they can be added again once they have written to you.")]
    Left,
    /// The chat is full, or they are banned from it.
    #[error(transparent)]
    Join(#[from] JoinRefusal),
}

/// Why nobody was let in, and no role changed.
pub type SetMemberError = WriteError<SetMemberRefusal>;

impl From<SetMemberRefusal> for Failure {
    fn from(refusal: SetMemberRefusal) -> Self {
        match refusal {
            SetMemberRefusal::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", refusal),
            SetMemberRefusal::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            SetMemberRefusal::OwnRole => Self::new(Kind::Conflict, "owner_role", refusal),
            SetMemberRefusal::UserNotFound => Self::new(Kind::NotFound, "user_not_found", refusal),
            SetMemberRefusal::Left => Self::new(Kind::Forbidden, "left_by_choice", refusal),
            SetMemberRefusal::Join(why) => why.into(),
        }
    }
}

impl From<Unwilling> for SetMemberRefusal {
    fn from(why: Unwilling) -> Self {
        match why {
            Unwilling::Blocked => Self::UserNotFound,
            Unwilling::Left => Self::Left,
        }
    }
}

impl SetMember {
    /// Whether the decision depends on who owns the chat: if a key that reaches every chat hands it over. Anybody else
    /// who does so owns it.
    pub fn needs_owner(&self) -> bool {
        self.actor.is_host() && self.role == ChatRole::Owner
    }

    /// What changes, in this order; nothing if they are in with that role. Making somebody the owner
    /// makes whoever was the owner an admin, so a chat never has two owners.
    pub fn decide(&self, facts: SetMemberFacts<'_>) -> Result<Vec<MemberChange>, SetMemberRefusal> {
        let actor = facts.actor.ok_or(SetMemberRefusal::ChatNotFound)?;
        let (user, present) = (self.user, facts.target.role);
        if present == Some(self.role) {
            return Ok(Vec::new());
        }
        let sets_role = present.is_some() || self.role != ChatRole::Member;
        if present.is_none() && !rules::may_add(&actor)
            || sets_role && !rules::may_set_roles(&actor)
        {
            return Err(SetMemberRefusal::NotAllowed);
        }
        if user == self.actor.user() {
            return Err(SetMemberRefusal::OwnRole);
        }
        let mut changes = Vec::new();
        if present.is_none() {
            if !facts.target.exists {
                return Err(SetMemberRefusal::UserNotFound);
            }
            // The host's word is the last.
            if !self.actor.is_host() {
                rules::may_bring_in(facts.wishes)?;
            }
            rules::may_join(facts.members, self.capacity, facts.ban, self.at)?;
            // Nobody comes in as the owner: they come in, and then the chat is handed over.
            changes.push(MemberChange::Join { user, role: self.role.min(ChatRole::Admin) });
        }
        if self.role == ChatRole::Owner {
            changes.push(MemberChange::SetRole { user, role: ChatRole::Owner });
            let before = if self.needs_owner() { facts.owner } else { Some(self.actor.user()) };
            changes
                .extend(before.map(|user| MemberChange::SetRole { user, role: ChatRole::Admin }));
        } else if present.is_some() {
            changes.push(MemberChange::SetRole { user, role: self.role });
        }
        Ok(changes)
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.actor.moderated(format!("made user {} {}", self.user, self.role.as_str()))
    }
}

impl Chats {
    /// Lets somebody in, or changes the role of somebody who is in, or both. To make somebody the
    /// owner hands the chat over: the caller becomes an admin.
    pub async fn set_member(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<SetMemberOutcome, SetMemberError> {
        let user = self.ports.directory.found(caller, Wanted::Contact, user).await?;
        let (capacity, at) = (self.limits.group_members, self.ports.clock.now());
        let actor = ChatActor::of(caller, at);
        let wanted = SetMember { chat, actor, user, role, capacity, at };
        let changed = self.ports.members.set(wanted).await?;
        let added = !changed.joined.is_empty();
        self.tell_members(changed);
        Ok(if added { SetMemberOutcome::Added } else { SetMemberOutcome::Kept })
    }
}
