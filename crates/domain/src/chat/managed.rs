//! Chats that an application fills: it says who is in them, and as what.

use super::{
    ChangedMembers, Chat, ChatKey, ChatKind, ChatRole, Chats, MemberChange, Permissions,
    PermissionsUpdate, Title, UnsuitablePermission,
};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::data::{Data, DataError, DataPatch};
use crate::event::EventBody;
use crate::failure::{Failure, WriteError};
use crate::host::{ExternalId, Issuer};
use crate::ids::{ProjectId, UserId};
use std::collections::{BTreeMap, HashSet};

/// Which chat an application fills.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ManagedAddress {
    /// The chat of a project.
    Project(ProjectId),
    /// The group that a host calls that.
    Host(Issuer, ExternalId),
}

impl ManagedAddress {
    /// What the chat is found by, if not by its external id.
    pub fn key(&self) -> Option<ChatKey> {
        if let Self::Project(project) = self { Some(ChatKey::Project(*project)) } else { None }
    }

    /// What sort of chat it is.
    pub fn kind(&self) -> ChatKind {
        match self {
            Self::Project(project) => ChatKind::Project(*project),
            Self::Host(..) => ChatKind::Group,
        }
    }
}

/// Who is to be in a chat, each once, in the order of their ids. Whoever is named without a role keeps theirs,
/// or comes in as a plain member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberList {
    /// These, and nobody else.
    Whole(BTreeMap<UserId, Option<ChatRole>>),
    /// These too, while those are out and all others stay as they are.
    Change {
        /// Who is in.
        put: BTreeMap<UserId, Option<ChatRole>>,
        /// Who is out; somebody who is not in does no harm.
        remove: HashSet<UserId>,
    },
}

/// Why a list of members is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemberListError {
    /// More people than a chat may have.
    #[error("A chat has {0} members at most.")]
    TooMany(usize),
    /// Somebody is to have two roles, or is to be in and out.
    #[error("Somebody is named twice, and not for the same thing.")]
    Contradiction,
    /// Two people are to own it.
    #[error("A chat has one owner.")]
    TwoOwners,
}

impl From<MemberListError> for Failure {
    fn from(error: MemberListError) -> Self {
        match error {
            MemberListError::TooMany(_) => Self::field("members", "too_many_members", error),
            MemberListError::Contradiction => Self::field("members", "named_twice", error),
            MemberListError::TwoOwners => Self::field("members", "two_owners", error),
        }
    }
}

/// Why a chat is not made what it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManagedRefusal {
    /// There is none, and nothing that says how to make it.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// With whoever comes in it would have too many members.
    #[error(transparent)]
    Members(#[from] MemberListError),
    /// A setting would change nothing in a chat of that kind.
    #[error(transparent)]
    Permission(#[from] UnsuitablePermission),
    /// The data that it would have breaks a rule.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Somebody who is named, with the role that is wanted for them.
pub type Named = (UserId, Option<ChatRole>);

impl MemberList {
    /// These people and nobody else, in a chat for so many. Naming somebody twice for the same thing does no harm.
    pub fn whole(named: &[Named], capacity: usize) -> Result<Self, MemberListError> {
        once(named, capacity).map(Self::Whole)
    }

    /// These people come in or have that role, and those go.
    pub fn change(
        named: &[Named],
        remove: &[UserId],
        capacity: usize,
    ) -> Result<Self, MemberListError> {
        let put = once(named, capacity)?;
        let remove: HashSet<_> = remove.iter().copied().collect();
        if put.keys().any(|user| remove.contains(user) && *user != UserId::UNKNOWN) {
            return Err(MemberListError::Contradiction);
        }
        Ok(Self::Change { put, remove })
    }

    /// Who is named to be in.
    pub fn named(&self) -> &BTreeMap<UserId, Option<ChatRole>> {
        match self {
            Self::Whole(named) | Self::Change { put: named, .. } => named,
        }
    }

    /// Whether somebody who is in goes.
    fn takes_out(&self, user: UserId) -> bool {
        match self {
            Self::Whole(named) => !named.contains_key(&user),
            Self::Change { remove, .. } => remove.contains(&user),
        }
    }

    fn new_owner(&self) -> Option<UserId> {
        let mut named = self.named().iter();
        named.find(|(_, role)| **role == Some(ChatRole::Owner)).map(|(user, _)| *user)
    }
}

/// Each of them once. Those whom nobody knows share a number, and are refused as unknown later.
fn once(
    named: &[Named],
    capacity: usize,
) -> Result<BTreeMap<UserId, Option<ChatRole>>, MemberListError> {
    let mut people = BTreeMap::new();
    for (user, role) in named {
        let before = people.insert(*user, *role);
        if before.is_some_and(|before| before != *role) && *user != UserId::UNKNOWN {
            return Err(MemberListError::Contradiction);
        }
    }
    if people.len() > capacity {
        return Err(MemberListError::TooMany(capacity));
    }
    if people.values().filter(|role| **role == Some(ChatRole::Owner)).count() > 1 {
        return Err(MemberListError::TwoOwners);
    }
    Ok(people)
}

/// How a chat is to be that an application fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedChat {
    /// Which.
    pub address: ManagedAddress,
    /// Its title; `None` leaves that as it is, and makes no chat.
    pub title: Option<Title>,
    /// What its data is patched with; `None` leaves that as it is.
    pub data: Option<DataPatch>,
    /// What it is to let its people do.
    pub permissions: PermissionsUpdate,
    /// Who is in it.
    pub members: MemberList,
    /// How many members it has room for.
    pub capacity: usize,
    /// Now.
    pub at: Timestamp,
    /// The line of the audit log for a change.
    pub record: Record,
}

/// What a chat that an application fills is now, besides who is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ManagedState<'a> {
    /// Its title.
    pub title: Option<&'a Title>,
    /// Its data.
    pub data: Option<&'a Data>,
    /// What it lets its people do.
    pub permissions: Permissions,
}

impl<'a> From<&'a Chat> for ManagedState<'a> {
    fn from(chat: &'a Chat) -> Self {
        let (title, data) = (chat.title.as_ref(), chat.data.as_ref());
        Self { title, data, permissions: chat.permissions }
    }
}

/// What must change for a chat to be what it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedChanges {
    /// Its title, if that is to be another.
    pub title: Option<Title>,
    /// Its data, if that is to be other data, or none.
    pub data: Option<Option<Data>>,
    /// What it lets its people do, if that is to be something else.
    pub permissions: Option<Permissions>,
    /// Who goes, who comes and whose role changes, in this order of versions.
    pub members: Vec<MemberChange>,
}

impl ManagedChanges {
    /// Whether the chat itself changes, in one version.
    pub fn is_update(&self) -> bool {
        self.title.is_some() || self.data.is_some() || self.permissions.is_some()
    }

    /// Whose bans are lifted, if they have one: of everybody who comes in, since the host decides who is in.
    pub fn lifts_bans_of(&self) -> Vec<UserId> {
        let come = self.members.iter().filter(|change| matches!(change, MemberChange::Join { .. }));
        come.map(MemberChange::user).collect()
    }
}

impl ManagedChat {
    /// Whether it is made, if there is none: not without a title, which is given where the whole chat is, and not
    /// where only its members change.
    pub fn may_be_made(&self) -> Result<(), ManagedRefusal> {
        if self.title.is_some() { Ok(()) } else { Err(ManagedRefusal::ChatNotFound) }
    }

    /// Who is in it at first, if it has to be made.
    pub fn first_members(&self) -> Vec<(UserId, ChatRole)> {
        let named = self.members.named().iter();
        named.map(|(user, role)| (*user, role.unwrap_or(ChatRole::Member))).collect()
    }

    /// The data that it has at first, if it has to be made.
    pub fn first_data(&self) -> Result<Option<Data>, DataError> {
        self.data.as_ref().map_or(Ok(None), |patch| patch.apply(None))
    }

    /// What it lets its people do at first, if it has to be made.
    pub fn first_permissions(&self) -> Result<Permissions, UnsuitablePermission> {
        self.permissions.applied_to(Permissions::default(), self.address.kind())
    }

    /// What changes, given what it is and who is in it now: whoever is to be out goes, who is new comes in as a
    /// member, and then roles change. If another owner is named, whoever owned it stays as an admin, unless
    /// they are named with a role.
    pub fn decide(
        &self,
        now: ManagedState<'_>,
        present: &[(UserId, ChatRole)],
    ) -> Result<ManagedChanges, ManagedRefusal> {
        let named = self.members.named();
        let (go, stay): (Vec<_>, Vec<_>) =
            present.iter().copied().partition(|(user, _)| self.members.takes_out(*user));
        let known: HashSet<_> = stay.iter().map(|(user, _)| *user).collect();
        let come = named.keys().filter(|user| !known.contains(user));
        let come: Vec<_> = come.map(|user| (*user, ChatRole::Member)).collect();
        if !come.is_empty() && stay.len() + come.len() > self.capacity {
            return Err(MemberListError::TooMany(self.capacity).into());
        }
        let leave = go.iter().map(|(user, _)| MemberChange::Leave { user: *user, freely: false });
        let join = come.iter().map(|(user, role)| MemberChange::Join { user: *user, role: *role });
        let mut members: Vec<_> = leave.chain(join).collect();
        let mut all = [stay, come].concat();
        all.sort_unstable_by_key(|(user, _)| *user);
        let new_owner = self.members.new_owner();
        members.extend(all.into_iter().filter_map(|(user, role)| {
            let yields = role == ChatRole::Owner && new_owner.is_some_and(|owner| owner != user);
            let given = named.get(&user).copied().flatten();
            let wanted = given.unwrap_or(if yields { ChatRole::Admin } else { role });
            (wanted != role).then_some(MemberChange::SetRole { user, role: wanted })
        }));
        let title = self.title.as_ref().filter(|wanted| now.title != Some(*wanted)).cloned();
        let permissions = self.permissions.applied_to(now.permissions, self.address.kind())?;
        let permissions = Some(permissions).filter(|wanted| *wanted != now.permissions);
        let patched = self.data.as_ref().map(|patch| patch.apply(now.data)).transpose()?;
        let data = patched.filter(|patched| patched.as_ref() != now.data);
        Ok(ManagedChanges { title, data, permissions, members })
    }
}

/// What it took to make a chat what it is to be, each change with a version of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedSync {
    /// The chat as it is now.
    pub chat: Chat,
    /// Whether it was made just now; then nothing else changed.
    pub made: bool,
    /// Whether its title, its data or what it lets its people do is another now.
    pub updated: bool,
    /// Who came in, whose role changed, and who is out.
    pub members: ChangedMembers,
}

impl ManagedSync {
    /// Whether anything was changed.
    pub fn is_change(&self) -> bool {
        self.made || self.updated || self.members != ChangedMembers::default()
    }
}

impl Chats {
    /// Makes a chat what it is to be and tells everybody whom that concerns. Returns it, and whether it was made
    /// just now.
    pub(super) async fn put_managed(
        &self,
        wanted: ManagedChat,
    ) -> Result<(Chat, bool), WriteError<ManagedRefusal>> {
        let first = wanted.first_members().into_iter().map(|(user, _)| user).collect();
        let synced = self.ports.addresses.put_managed(wanted).await?;
        let (chat, made) = (synced.chat.clone(), synced.made);
        if made {
            self.announce(chat.clone(), first, None);
        } else {
            if synced.updated {
                self.tell(EventBody::ChatUpdated(synced.chat), chat.id);
            }
            self.tell_members(synced.members);
        }
        Ok((chat, made))
    }
}
