//! The chat of a project of the application that the server stands behind.

use super::{ChangedMembers, Chat, ChatRole, ChatView, Chats, GetError, MemberChange, Title};
use crate::admin::{AuditAction, Record};
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ProjectId, UserId};
use crate::limits;
use crate::session::{Caller, NoAdmin};
use crate::text::TextError;
use std::collections::HashSet;

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
}

/// A project's chat that kept the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectChat {
    /// Whose chat.
    pub project: ProjectId,
    /// Its title.
    pub title: Title,
    /// Who is in it, each once, in the order of their ids.
    pub members: Vec<UserId>,
    /// Which of them owns it; `None` leaves that as it is.
    pub owner: Option<UserId>,
    /// Now.
    pub at: Timestamp,
    /// The line of the audit log for a change.
    pub record: Record,
}

/// What must change for a project's chat to be what it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectChanges {
    /// Its title, if that is to be another.
    pub title: Option<Title>,
    /// Who comes, who goes and whose role changes, in this order of versions.
    pub members: Vec<MemberChange>,
}

impl ProjectChat {
    /// What changes, given its title and who is in it now: who is not named goes, who is new comes in
    /// as a member, and then the owner who is named owns it instead of whoever did, who stays as an
    /// admin.
    pub fn decide(&self, title: Option<&Title>, present: &[(UserId, ChatRole)]) -> ProjectChanges {
        let named = |user: UserId| self.members.binary_search(&user).is_ok();
        let stay: Vec<_> = present.iter().copied().filter(|(user, _)| named(*user)).collect();
        let go = present.iter().filter(|(user, _)| !named(*user));
        let mut members: Vec<_> =
            go.map(|(user, _)| MemberChange::Leave { user: *user, freely: false }).collect();
        let known: HashSet<_> = stay.iter().map(|(user, _)| *user).collect();
        let come = self.members.iter().filter(|user| !known.contains(user));
        let come = come.map(|user| (*user, ChatRole::Member)).collect::<Vec<_>>();
        members.extend(
            come.iter().map(|(user, role)| MemberChange::Join { user: *user, role: *role }),
        );
        if let Some(owner) = self.owner {
            let mut all = [stay, come].concat();
            all.sort_unstable_by_key(|(user, _)| *user);
            members.extend(all.into_iter().filter_map(|(user, role)| {
                match (user == owner, role == ChatRole::Owner) {
                    (true, false) => Some(MemberChange::SetRole { user, role: ChatRole::Owner }),
                    (false, true) => Some(MemberChange::SetRole { user, role: ChatRole::Admin }),
                    _ => None,
                }
            }));
        }
        let title = (title != Some(&self.title)).then(|| self.title.clone());
        ProjectChanges { title, members }
    }
}

/// What it took to make a project's chat what it is to be, each change with a version of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectSync {
    /// The chat as it is now.
    pub chat: Chat,
    /// Whether it was made just now; then nothing else changed.
    pub made: bool,
    /// Whether its title is another now.
    pub renamed: bool,
    /// Who came in, whose role changed, and who is out.
    pub members: ChangedMembers,
}

impl ProjectSync {
    /// Whether anything was changed.
    pub fn is_change(&self) -> bool {
        self.made || self.renamed || self.members != ChangedMembers::default()
    }
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
    /// More people than a chat may have.
    #[error("A chat has {} members at most.", limits::GROUP_MEMBERS)]
    TooManyMembers,
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
            ProjectError::TooManyMembers => Self::field("members", "too_many_members", error),
            ProjectError::OwnerNotAMember => Self::field("owner", "member_not_found", error),
            ProjectError::UserNotFound => Self::field("members", "user_not_found", error),
            ProjectError::NotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            ProjectError::Store(error) => error.into(),
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
        let mut members = wanted.members.to_vec();
        members.sort_unstable();
        members.dedup();
        if members.len() > limits::GROUP_MEMBERS {
            return Err(ProjectError::TooManyMembers);
        }
        if wanted.owner.is_some_and(|owner| members.binary_search(&owner).is_err()) {
            return Err(ProjectError::OwnerNotAMember);
        }
        let PutProject { project, owner, .. } = wanted;
        let at = self.ports.clock.now();
        let detail = format!("project {project} \"{title}\", {} members", members.len());
        let record = Record::new(Some(caller.actor()), AuditAction::ProjectChatSet, detail, at);
        let chat = ProjectChat { project, title, members: members.clone(), owner, at, record };
        let synced = self.ports.addresses.put_project(chat).await;
        let synced = synced.map_err(|error| match error {
            StoreError::NotFound => ProjectError::UserNotFound,
            error => ProjectError::Store(error),
        })?;
        let (chat, made) = (synced.chat.clone(), synced.made);
        if made {
            self.announce(chat.clone(), members, None);
        } else {
            self.tell_synced(synced);
        }
        Ok((chat, made))
    }

    fn tell_synced(&self, synced: ProjectSync) {
        let chat = synced.chat.id;
        if synced.renamed {
            self.tell(EventBody::ChatUpdated(synced.chat), chat);
        }
        self.tell_members(synced.members);
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
