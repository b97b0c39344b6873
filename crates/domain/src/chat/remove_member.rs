//! Removing somebody from a chat, and leaving it.

use super::{ChatActor, ChatKind, ChatRole, Chats, MemberChange, Restriction, Standing, rules};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, WriteError};
use crate::ids::{ChatId, UserId};
use crate::session::Caller;

/// Somebody who is to be out of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoveMember {
    /// Of which chat.
    pub chat: ChatId,
    /// Who wants it.
    pub actor: ChatActor,
    /// Who; the actor, to leave.
    pub user: UserId,
    /// Now.
    pub at: Timestamp,
}

/// What a store found for that, under the chat's lock.
#[derive(Debug, Clone, Copy)]
pub struct RemoveMemberFacts {
    /// Where the actor stands; `None` if there is no such chat, or they are not in it.
    pub actor: Option<Standing>,
    /// What the one may do who is to be out, if they are in.
    pub target: Option<ChatRole>,
}

/// Why nobody is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RemoveMemberRefusal {
    /// There is no such chat, or the actor is not in it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// The actor's role does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// That person is not in the chat.
    #[error("This user is not in the chat.")]
    NotAMember,
    /// Who is in a project's chat is said by the project.
    #[error("The members of a project's chat come from its project.")]
    Project,
    /// Whispers end with being in the chat around them.
    #[error("Whispers are left with the chat that they belong to.")]
    Whispers,
    /// A group has an owner.
    #[error("Hand the group over to another member first, or delete it.")]
    OwnerLeaves,
    /// The settings of the chat do not let the actor go.
    #[error(transparent)]
    Restricted(#[from] Restriction),
    /// Nobody leaves a direct chat.
    #[error("A direct chat cannot be left; it can be deleted.")]
    Direct,
}

/// Why nobody was removed.
pub type RemoveMemberError = WriteError<RemoveMemberRefusal>;

impl From<RemoveMemberRefusal> for Failure {
    fn from(refusal: RemoveMemberRefusal) -> Self {
        use RemoveMemberRefusal as Why;
        match refusal {
            Why::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", refusal),
            Why::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            Why::NotAMember => Self::new(Kind::NotFound, "member_not_found", refusal),
            Why::OwnerLeaves => Self::new(Kind::Conflict, "owner_leaves", refusal),
            Why::Direct => Self::new(Kind::Conflict, "direct_chat", refusal),
            Why::Project => Self::new(Kind::Conflict, "project_chat", refusal),
            Why::Restricted(why) => why.into(),
            Why::Whispers => Self::new(Kind::Conflict, "whispers", refusal),
        }
    }
}

impl RemoveMember {
    /// What changes. A group never loses its owner this way.
    pub fn decide(
        &self,
        facts: RemoveMemberFacts,
    ) -> Result<Vec<MemberChange>, RemoveMemberRefusal> {
        let actor = facts.actor.ok_or(RemoveMemberRefusal::ChatNotFound)?;
        match actor.kind {
            ChatKind::Direct => return Err(RemoveMemberRefusal::Direct),
            ChatKind::Project(_) => return Err(RemoveMemberRefusal::Project),
            ChatKind::Whisper(_) => return Err(RemoveMemberRefusal::Whispers),
            ChatKind::Group | ChatKind::Room => {}
        }
        if self.leaves() {
            rules::lets_leave(&actor)?;
            if !rules::can_be_left(&actor) {
                return Err(RemoveMemberRefusal::OwnerLeaves);
            }
        } else {
            let target = facts.target.ok_or(RemoveMemberRefusal::NotAMember)?;
            if !rules::may_remove(&actor, target) {
                return Err(RemoveMemberRefusal::NotAllowed);
            }
        }
        let (user, freely) = (self.user, self.leaves());
        Ok(vec![MemberChange::Leave { user, freely }])
    }

    /// Whether somebody goes by themselves.
    fn leaves(&self) -> bool {
        self.user == self.actor.user()
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.actor.moderated(format!("removed user {}", self.user))
    }
}

impl Chats {
    /// Takes somebody out of a group or a room, or leaves it.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
    ) -> Result<(), RemoveMemberError> {
        let at = self.ports.clock.now();
        // A key leaves as what it is in the chat, like anybody.
        let myself = user == caller.user;
        let actor = if myself { ChatActor::Member(user) } else { ChatActor::of(caller, at) };
        let removed = self.ports.members.remove(RemoveMember { chat, actor, user, at }).await?;
        self.tell_members(removed);
        Ok(())
    }
}
