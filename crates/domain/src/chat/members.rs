//! Who is in a chat, and what they may do there.

use super::{ChatKind, ChatRole, Chats, GetError, JoinError, Joined, Member, rules};
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, UserId};
use crate::limits;
use crate::session::Caller;

/// Members, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// In the order of their ids.
    pub members: Vec<Member>,
    /// Whether there are more.
    pub more: bool,
}

/// Somebody who wants in, or is wanted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joining {
    /// Into which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserId,
    /// What they are to be.
    pub role: ChatRole,
    /// How many members the chat has room for.
    pub capacity: usize,
    /// Now.
    pub at: Timestamp,
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

impl From<JoinRefusal> for Failure {
    fn from(refusal: JoinRefusal) -> Self {
        match refusal {
            JoinRefusal::Full { .. } => Self::new(Kind::Conflict, "too_many_members", refusal),
            JoinRefusal::Banned { .. } => Self::new(Kind::Forbidden, "banned", refusal),
        }
    }
}

/// What setting a member did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetMemberOutcome {
    /// They were not in the chat and are now.
    Added,
    /// They were in the chat; their role is as wanted.
    Kept,
}

/// Why nobody was let in, and no role changed.
#[derive(Debug, thiserror::Error)]
pub enum SetMemberError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The caller's role does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// An owner hands over to somebody else; their own role follows from that.
    #[error("An owner's role changes only by handing the chat over to another member.")]
    OwnRole,
    /// There is no such account.
    #[error("There is no such user.")]
    UserNotFound,
    /// The chat is full, or they are banned from it.
    #[error(transparent)]
    Refused(#[from] JoinRefusal),
}

impl From<SetMemberError> for Failure {
    fn from(error: SetMemberError) -> Self {
        match error {
            SetMemberError::Chat(error) => error.into(),
            SetMemberError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
            SetMemberError::OwnRole => Self::new(Kind::Conflict, "owner_role", error),
            SetMemberError::UserNotFound => Self::new(Kind::NotFound, "user_not_found", error),
            SetMemberError::Refused(why) => why.into(),
        }
    }
}

/// Why nobody was removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveMemberError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// The caller's role does not allow it.
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
    /// Nobody leaves a direct chat.
    #[error("A direct chat cannot be left; it can be deleted.")]
    Direct,
}

impl From<RemoveMemberError> for Failure {
    fn from(error: RemoveMemberError) -> Self {
        match error {
            RemoveMemberError::Chat(error) => error.into(),
            RemoveMemberError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
            RemoveMemberError::NotAMember => Self::new(Kind::NotFound, "member_not_found", error),
            RemoveMemberError::OwnerLeaves => Self::new(Kind::Conflict, "owner_leaves", error),
            RemoveMemberError::Direct => Self::new(Kind::Conflict, "direct_chat", error),
            RemoveMemberError::Project => Self::new(Kind::Conflict, "project_chat", error),
            RemoveMemberError::Whispers => Self::new(Kind::Conflict, "whispers", error),
        }
    }
}

impl Chats {
    /// Who is in a chat that the caller is in.
    pub async fn members(
        &self,
        caller: &Caller,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<MemberPage, GetError> {
        self.standing(caller, chat).await?;
        Ok(self.ports.members.list(chat, after, limit).await?)
    }

    /// Lets somebody in, or changes the role of somebody who is in, or both. To make somebody the
    /// owner hands the chat over: the caller becomes an admin.
    pub async fn set_member(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<SetMemberOutcome, SetMemberError> {
        let actor = self.standing(caller, chat).await?;
        let present = match self.ports.members.standing(chat, user).await {
            Ok(standing) => Some(standing.role),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(GetError::from(error).into()),
        };
        if present == Some(role) {
            return Ok(SetMemberOutcome::Kept);
        }
        let may_set_role = rules::may_set_roles(&actor);
        if present.is_none() && !rules::may_add(&actor)
            || (present.is_some() || role != ChatRole::Member) && !may_set_role
        {
            return Err(SetMemberError::NotAllowed);
        }
        if user == caller.user {
            return Err(SetMemberError::OwnRole);
        }
        match (present, role) {
            // Nobody comes in as the owner: they come in, and then the chat is handed over.
            (None, ChatRole::Owner) => {
                self.add(chat, user, ChatRole::Member).await?;
                self.hand_over(chat, caller.user, user).await?;
            }
            (None, role) => self.add(chat, user, role).await?,
            (Some(_), ChatRole::Owner) => self.hand_over(chat, caller.user, user).await?,
            (Some(_), role) => self.set_role(chat, user, role).await?,
        }
        Ok(if present.is_none() { SetMemberOutcome::Added } else { SetMemberOutcome::Kept })
    }

    /// Takes somebody out of a group or a room, or leaves it.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
    ) -> Result<(), RemoveMemberError> {
        let actor = self.standing(caller, chat).await?;
        match actor.kind {
            ChatKind::Direct => return Err(RemoveMemberError::Direct),
            ChatKind::Project(_) => return Err(RemoveMemberError::Project),
            ChatKind::Whisper(_) => return Err(RemoveMemberError::Whispers),
            ChatKind::Group | ChatKind::Room => {}
        }
        if user == caller.user {
            if !rules::may_leave(&actor) {
                return Err(RemoveMemberError::OwnerLeaves);
            }
        } else {
            let target = self.ports.members.standing(chat, user).await.map_err(not_a_member)?;
            if !rules::may_remove(&actor, target.role) {
                return Err(RemoveMemberError::NotAllowed);
            }
        }
        let now = self.ports.clock.now();
        let left = self.ports.members.remove(chat, user, now).await;
        self.tell_departures(left.map_err(|error| match error {
            StoreError::Conflict if user == caller.user => RemoveMemberError::OwnerLeaves,
            StoreError::Conflict => RemoveMemberError::NotAllowed,
            error => not_a_member(error),
        })?);
        Ok(())
    }

    async fn add(&self, chat: ChatId, user: UserId, role: ChatRole) -> Result<(), SetMemberError> {
        let (capacity, at) = (limits::GROUP_MEMBERS, self.ports.clock.now());
        let joining = Joining { chat, user, role, capacity, at };
        self.let_in(joining).await.map_err(|error| match error {
            JoinError::Refused(why) => why.into(),
            JoinError::Store(StoreError::NotFound) => SetMemberError::UserNotFound,
            JoinError::Store(error) => SetMemberError::Chat(error.into()),
        })
    }

    /// Lets somebody into a chat and tells everybody in it, them included.
    pub(super) async fn let_in(&self, joining: Joining) -> Result<(), JoinError> {
        if let Some(Joined { member, whispers }) = self.ports.members.add(joining).await? {
            self.tell_arrivals([vec![member], whispers].concat());
        }
        Ok(())
    }

    /// Tells the members of each chat that somebody came into it.
    pub(super) fn tell_arrivals(&self, joined: Vec<Member>) {
        for member in joined {
            let chat = member.chat;
            self.tell(EventBody::MemberJoined(member), chat);
        }
    }

    async fn set_role(
        &self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<(), SetMemberError> {
        let changed = self.ports.members.set_role(chat, user, role).await;
        let changed = changed.map_err(|error| match error {
            StoreError::Conflict => SetMemberError::OwnRole,
            error => SetMemberError::Chat(error.into()),
        });
        if let Some(member) = changed? {
            self.tell(EventBody::MemberUpdated(member), chat);
        }
        Ok(())
    }

    async fn hand_over(
        &self,
        chat: ChatId,
        from: UserId,
        to: UserId,
    ) -> Result<(), SetMemberError> {
        let handed = self.ports.members.hand_over(chat, from, to).await;
        let handed = handed.map_err(|error| match error {
            StoreError::Conflict => SetMemberError::NotAllowed,
            error => SetMemberError::Chat(error.into()),
        })?;
        for member in handed {
            self.tell(EventBody::MemberUpdated(member), chat);
        }
        Ok(())
    }
}

fn not_a_member(error: StoreError) -> RemoveMemberError {
    match error {
        StoreError::NotFound => RemoveMemberError::NotAMember,
        error => RemoveMemberError::Chat(GetError::Store(error)),
    }
}
