//! Groups that a host's backend fills, by its own ids.

use super::{
    Chat, Chats, ManagedAddress, ManagedChat, ManagedRefusal, MemberList, MemberListError, Named,
    PermissionsUpdate, Title, UnsuitablePermission,
};
use crate::admin::{AuditAction, Record};
use crate::data::{DataError, DataPatch};
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::host::ExternalId;
use crate::ids::UserId;
use crate::session::Caller;
use crate::text::TextError;

/// How a host's group is to be.
#[derive(Debug, Clone)]
pub struct PutHostChat<'a> {
    /// What the host calls it.
    pub id: ExternalId,
    /// Its title as typed.
    pub title: &'a str,
    /// JSON that its data is patched with; see [`DataPatch`]. `None` leaves that as it is.
    pub data: Option<&'a str>,
    /// What it is to let its people do.
    pub permissions: PermissionsUpdate,
    /// Who is in it, and nobody else. Whoever is named without a role keeps theirs, or comes in as a plain member.
    pub members: &'a [Named],
}

/// Who is to come into a host's group, and who is to go.
#[derive(Debug, Clone)]
pub struct ChangeHostMembers<'a> {
    /// What the host calls the group.
    pub id: ExternalId,
    /// Who is in, with which role, as in [`PutHostChat::members`].
    pub put: &'a [Named],
    /// Who is out.
    pub remove: &'a [UserId],
}

/// Why a host's group is not made, and not changed.
#[derive(Debug, thiserror::Error)]
pub enum HostChatError {
    /// Only a key does this, while it acts as nobody else: whose ids they are is the key's issuer.
    #[error("Only a service key does this, and only as itself.")]
    NoKey,
    /// The title breaks a rule.
    #[error("The title {0}.")]
    Title(#[from] TextError),
    /// The list of members is none.
    #[error(transparent)]
    Members(#[from] MemberListError),
    /// The data breaks a rule, or what it is merged into would.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting would change nothing in a group.
    #[error(transparent)]
    Permission(#[from] UnsuitablePermission),
    /// Somebody named has no account.
    #[error("Not all of these users exist.")]
    UserNotFound,
    /// The host calls no group that.
    #[error("There is no such chat.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<HostChatError> for Failure {
    fn from(error: HostChatError) -> Self {
        match error {
            HostChatError::NoKey => Self::new(Kind::Forbidden, "key_needed", error),
            HostChatError::Title(why) => Self::field("title", why.code(), error),
            HostChatError::Members(why) => why.into(),
            HostChatError::Data(why) => why.into(),
            HostChatError::Permission(why) => why.into(),
            HostChatError::UserNotFound => Self::field("members", "user_not_found", error),
            HostChatError::NotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            HostChatError::Store(error) => error.into(),
        }
    }
}

impl From<WriteError<ManagedRefusal>> for HostChatError {
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

/// How a host's group is to be, besides who is in it.
#[derive(Default)]
struct Shape {
    title: Option<Title>,
    data: Option<DataPatch>,
    permissions: PermissionsUpdate,
}

impl Chats {
    /// Makes a host's group, or makes it what the host says: its title, who is in it, and as what. Returns it and
    /// whether it was made just now. A ban of somebody who is to be in is lifted: the host decides.
    pub async fn put_host_chat(
        &self,
        caller: &Caller,
        wanted: PutHostChat<'_>,
    ) -> Result<(Chat, bool), HostChatError> {
        let address = address(caller, wanted.id)?;
        let title = Title::new(wanted.title)?;
        let members = MemberList::whole(wanted.members, self.limits.group_members)?;
        let data = wanted.data.map(DataPatch::parse).transpose()?;
        let shape = Shape { title: Some(title), data, permissions: wanted.permissions };
        self.put(caller, address, shape, members).await
    }

    /// Lets people into a host's group, takes others out and changes roles, all at once. Everybody else stays.
    pub async fn change_host_members(
        &self,
        caller: &Caller,
        wanted: ChangeHostMembers<'_>,
    ) -> Result<Chat, HostChatError> {
        let address = address(caller, wanted.id)?;
        let capacity = self.limits.group_members;
        let members = MemberList::change(wanted.put, wanted.remove, capacity)?;
        Ok(self.put(caller, address, Shape::default(), members).await?.0)
    }

    async fn put(
        &self,
        caller: &Caller,
        address: ManagedAddress,
        Shape { title, data, permissions }: Shape,
        members: MemberList,
    ) -> Result<(Chat, bool), HostChatError> {
        let at = self.ports.clock.now();
        let detail = title.as_ref().map_or_else(String::new, |title| format!("\"{title}\", "));
        let detail = format!("{detail}{} members named", members.named().len());
        let record = Record::new(Some(caller.actor()), AuditAction::HostChatSet, detail, at);
        let capacity = self.limits.group_members;
        let wanted =
            ManagedChat { address, title, data, permissions, members, capacity, at, record };
        Ok(self.put_managed(wanted).await?)
    }
}

/// Which of the host's groups is meant.
fn address(caller: &Caller, id: ExternalId) -> Result<ManagedAddress, HostChatError> {
    let issuer = caller.key_issuer().ok_or(HostChatError::NoKey)?;
    Ok(ManagedAddress::Host(issuer.clone(), id))
}
