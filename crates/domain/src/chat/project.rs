//! The chat of a project of the application that the server stands behind.

use super::{
    Chat, ChatRole, ChatView, Chats, GetError, ManagedAddress, ManagedChat, ManagedRefusal,
    MemberList, MemberListError, PermissionsUpdate, Title, UnsuitablePermission,
};
use crate::admin::{AuditAction, Record};
use crate::data::{DataError, DataPatch};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::{ProjectId, UserId};
use crate::session::{Caller, NoAdmin};
use crate::text::TextError;

/// How a project's chat is to be.
#[derive(Debug, Clone, Copy)]
pub struct PutProject<'a> {
    /// Whose chat.
    pub project: ProjectId,
    /// Its title as typed.
    pub title: &'a str,
    /// Who is in it, and nobody else. Naming somebody twice does no harm.
    pub members: &'a [UserId],
    /// Which of them owns it; `None` leaves that as it is.
    pub owner: Option<UserId>,
    /// JSON that its data is patched with; see [`DataPatch`]. `None` leaves that as it is.
    pub data: Option<&'a str>,
    /// What it is to let its people do.
    pub permissions: PermissionsUpdate,
}

/// Why a project's chat was not made, shown or deleted.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The application does this, by an admin's account.
    #[error(transparent)]
    NotAdmin(#[from] NoAdmin),
    /// The title breaks a rule.
    #[error("The title {0}.")]
    Title(#[from] TextError),
    /// The list of members is none.
    #[error(transparent)]
    Members(#[from] MemberListError),
    /// The data breaks a rule, or what it is merged into would.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting would change nothing in a project's chat.
    #[error(transparent)]
    Permission(#[from] UnsuitablePermission),
    /// Data is kept by service keys.
    #[error("Only a service key keeps data with a chat, while it acts as nobody else.")]
    KeyNeeded,
    /// The owner is none of the members.
    #[error("The owner is one of the members.")]
    OwnerNotAMember,
    /// Somebody named has no account.
    #[error("Not all of these users exist.")]
    UserNotFound,
    /// The project has no chat, or the caller is not in it.
    #[error("There is no such chat.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<ProjectError> for Failure {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::NotAdmin(error) => error.into(),
            ProjectError::Title(why) => Self::field("title", why.code(), error),
            ProjectError::Members(why) => why.into(),
            ProjectError::Data(why) => why.into(),
            ProjectError::Permission(why) => why.into(),
            ProjectError::KeyNeeded => Self::new(Kind::Forbidden, "key_needed", error),
            ProjectError::OwnerNotAMember => Self::field("owner", "member_not_found", error),
            ProjectError::UserNotFound => Self::field("members", "user_not_found", error),
            ProjectError::NotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            ProjectError::Store(error) => error.into(),
        }
    }
}

impl From<WriteError<ManagedRefusal>> for ProjectError {
    fn from(error: WriteError<ManagedRefusal>) -> Self {
        match error {
            WriteError::Refused(ManagedRefusal::ChatNotFound) => Self::NotFound,
            WriteError::Refused(ManagedRefusal::Members(why)) => Self::Members(why),
            WriteError::Refused(ManagedRefusal::Data(why)) => Self::Data(why),
            WriteError::Refused(ManagedRefusal::Permission(why)) => Self::Permission(why),
            WriteError::Store(StoreError::NotFound) => Self::UserNotFound,
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

impl From<GetError> for ProjectError {
    fn from(error: GetError) -> Self {
        match error {
            GetError::NotFound => Self::NotFound,
            GetError::Store(error) => Self::Store(error),
        }
    }
}

impl Chats {
    /// Makes a project's chat, or makes it what the application says: its title, who is in it, who
    /// owns it. Returns the chat and whether it was made just now. The caller need not be in it.
    pub async fn put_project(
        &self,
        caller: &Caller,
        wanted: PutProject<'_>,
    ) -> Result<(Chat, bool), ProjectError> {
        may_run_projects(caller)?;
        let title = Title::new(wanted.title)?;
        let PutProject { project, owner, data, permissions, .. } = wanted;
        if data.is_some() && !caller.is_key() {
            return Err(ProjectError::KeyNeeded);
        }
        let data = data.map(DataPatch::parse).transpose()?;
        if owner.is_some_and(|owner| !wanted.members.contains(&owner)) {
            return Err(ProjectError::OwnerNotAMember);
        }
        let role = |user| (owner == Some(user)).then_some(ChatRole::Owner);
        let named: Vec<_> = wanted.members.iter().map(|user| (*user, role(*user))).collect();
        let capacity = self.limits.group_members;
        let members = MemberList::whole(&named, capacity)?;
        let at = self.ports.clock.now();
        let detail = format!("project {project} \"{title}\", {} members", members.named().len());
        let record = Record::new(Some(caller.actor()), AuditAction::ProjectChatSet, detail, at);
        let (address, title) = (ManagedAddress::Project(project), Some(title));
        let chat = ManagedChat { address, title, data, permissions, members, capacity, at, record };
        Ok(self.put_managed(chat).await?)
    }

    /// A project's chat, for somebody who is in it.
    pub async fn project(
        &self,
        caller: &Caller,
        project: ProjectId,
    ) -> Result<ChatView, ProjectError> {
        let found = self.ports.addresses.project(project).await.map_err(GetError::from)?;
        Ok(self.get(caller, found).await?)
    }

    /// Deletes a project's chat with everything in it.
    pub async fn delete_project(
        &self,
        caller: &Caller,
        project: ProjectId,
    ) -> Result<(), ProjectError> {
        may_run_projects(caller)?;
        let (actor, at) = (Some(caller.actor()), self.ports.clock.now());
        let record = Record::new(actor, AuditAction::ChatDeleted, String::new(), at);
        let deleted = self.ports.addresses.delete_project(project, record).await;
        for gone in deleted.map_err(GetError::from)?.gone {
            self.tell(EventBody::ChatDeleted(gone), gone);
        }
        Ok(())
    }
}

/// The application manages its projects, by an admin's account.
fn may_run_projects(caller: &Caller) -> Result<(), ProjectError> {
    Ok(caller.manages()?)
}
