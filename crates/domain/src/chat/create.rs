//! Opening a direct chat and making a group.

use super::{
    Chat, ChatKind, ChatView, Chats, NewGroup, Pair, Permissions, PermissionsUpdate, Title,
    UnsuitablePermission,
};
use crate::data::{Data, DataError, DataPatch};
use crate::directory::Wanted;
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::host::{ExternalId, Issuer};
use crate::ids::UserId;
use crate::limits;
use crate::session::Caller;
use crate::text::TextError;

/// Why no direct chat was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenDirectError {
    /// There is no such account, or the caller does not find it.
    #[error("There is no such user.")]
    UserNotFound,
    /// They are disabled or were deleted, or one of the two has blocked the other: which of these
    /// is nobody's business.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenDirectError> for Failure {
    fn from(error: OpenDirectError) -> Self {
        match error {
            OpenDirectError::UserNotFound => Self::new(Kind::NotFound, "user_not_found", error),
            OpenDirectError::PeerUnavailable => {
                Self::new(Kind::Forbidden, "peer_unavailable", error)
            }
            OpenDirectError::Store(error) => error.into(),
        }
    }
}

/// Why no group was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateGroupError {
    /// The title breaks a rule.
    #[error("The title {0}.")]
    Title(#[from] TextError),
    /// More people than a group may have.
    #[error("A group has {0} members at most.")]
    TooManyMembers(usize),
    /// Somebody named has no account, is not found by the caller, or has blocked them: which of these is
    /// nobody's business.
    #[error("Not all of these users exist.")]
    UserNotFound,
    /// The external id breaks a rule.
    #[error("The external id {0}.")]
    ExternalId(#[from] NotAnExternalId),
    /// The data breaks a rule.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Data is given by somebody who is no service key, or acts as a person.
    #[error("Only a service key keeps data with a chat, while it acts as nobody else.")]
    KeyNeeded,
    /// A setting would change nothing in a group.
    #[error(transparent)]
    Permission(#[from] UnsuitablePermission),
    /// A chat of that host has the external id.
    #[error("A chat has this external id.")]
    ExternalIdTaken,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<CreateGroupError> for Failure {
    fn from(error: CreateGroupError) -> Self {
        match error {
            CreateGroupError::Title(why) => Self::field("title", why.code(), error),
            CreateGroupError::TooManyMembers(_) => {
                Self::field("members", "too_many_members", error)
            }
            CreateGroupError::UserNotFound => Self::field("members", "user_not_found", error),
            CreateGroupError::ExternalId(why) => Self::field("external_id", why.code(), error),
            CreateGroupError::ExternalIdTaken => {
                Self::taken("external_id", "external_id_taken", error)
            }
            CreateGroupError::Data(why) => why.into(),
            CreateGroupError::Permission(why) => why.into(),
            CreateGroupError::KeyNeeded => Self::new(Kind::Forbidden, "key_needed", error),
            CreateGroupError::Store(error) => error.into(),
        }
    }
}

impl Chats {
    /// The direct chat with somebody, and whether it was made just now. With oneself it is a place
    /// for notes.
    pub async fn open_direct(
        &self,
        caller: &Caller,
        other: UserId,
    ) -> Result<(ChatView, bool), OpenDirectError> {
        let other = self.ports.directory.found(caller, Wanted::Contact, other).await?;
        let pair = Pair::new(caller.user, other);
        let opened = self.ports.chats.open_direct(pair, self.ports.clock.now()).await;
        let (chat, made) = opened.map_err(|error| match error {
            StoreError::NotFound => OpenDirectError::UserNotFound,
            StoreError::Conflict => OpenDirectError::PeerUnavailable,
            error => error.into(),
        })?;
        let id = chat.id;
        if made {
            self.announce(chat, pair.people(), Some(caller.user));
        }
        let view = self.ports.chats.view(id, caller.user).await?;
        Ok((view.shown_to(caller, self.ports.clock.now()), made))
    }

    /// Makes a group that the caller owns. Naming oneself or somebody twice does no harm.
    pub async fn create_group(
        &self,
        caller: &Caller,
        title: &str,
        members: &[UserId],
    ) -> Result<ChatView, CreateGroupError> {
        self.make_group(caller, CreateGroup { members, ..CreateGroup::titled(title) }, false).await
    }

    /// The same, perhaps with an external id and data. Only who is from a host may give an id: it is one of
    /// theirs. Only a service key as itself may give data.
    pub async fn create_group_as(
        &self,
        caller: &Caller,
        wanted: CreateGroup<'_>,
    ) -> Result<ChatView, CreateGroupError> {
        self.make_group(caller, wanted, false).await
    }

    /// Makes an open group ([`Chat::open`]), which the caller owns and is in alone.
    pub async fn create_open_group(
        &self,
        caller: &Caller,
        title: &str,
    ) -> Result<ChatView, CreateGroupError> {
        self.make_group(caller, CreateGroup::titled(title), true).await
    }

    async fn make_group(
        &self,
        caller: &Caller,
        wanted: CreateGroup<'_>,
        open: bool,
    ) -> Result<ChatView, CreateGroupError> {
        let title = Title::new(wanted.title)?;
        let external_id = wanted.external_id.map(|id| named_by_host(caller, id)).transpose()?;
        let data = wanted.data.map(|data| kept_by_host(caller, data)).transpose()?.flatten();
        let permissions = wanted.permissions.applied_to(Permissions::default(), ChatKind::Group)?;
        let mut members = wanted.members.to_vec();
        members.sort_unstable();
        members.dedup();
        members.retain(|member| *member != caller.user);
        if members.len() >= self.limits.group_members {
            return Err(CreateGroupError::TooManyMembers(self.limits.group_members));
        }
        let found = self.ports.directory.all_found(caller, Wanted::Contact, &members).await;
        let members = found.map_err(CreateGroupError::Store)?;
        let mut people = members.clone();
        people.push(caller.user);
        let created_at = self.ports.clock.now();
        let owner = caller.user;
        let group =
            NewGroup { title, owner, members, open, permissions, external_id, data, created_at };
        let made = self.ports.chats.create_group(group).await;
        let chat = made.map_err(|error| match error {
            StoreError::NotFound => CreateGroupError::UserNotFound,
            StoreError::Conflict => CreateGroupError::ExternalIdTaken,
            error => CreateGroupError::Store(error),
        })?;
        let id = chat.id;
        self.announce(chat, people, Some(caller.user));
        self.ports.chats.view(id, caller.user).await.map_err(CreateGroupError::Store)
    }

    /// Tells the first members of a chat of it.
    pub(super) fn announce(&self, chat: Chat, members: Vec<UserId>, by: Option<UserId>) {
        let id = chat.id;
        self.tell(EventBody::ChatCreated { chat, members, by }, id);
    }
}

/// A group to be made, as typed.
#[derive(Debug, Clone, Copy)]
pub struct CreateGroup<'a> {
    /// Its title.
    pub title: &'a str,
    /// Who is in it besides the caller.
    pub members: &'a [UserId],
    /// What the caller's host calls it.
    pub external_id: Option<&'a str>,
    /// What the host keeps with it: JSON that says what a [`DataPatch`] does of none.
    pub data: Option<&'a str>,
    /// What it is to let its people do.
    pub permissions: PermissionsUpdate,
}

impl<'a> CreateGroup<'a> {
    /// A group of the caller alone, with a title and nothing else.
    pub fn titled(title: &'a str) -> Self {
        let permissions = PermissionsUpdate::default();
        Self { title, members: &[], external_id: None, data: None, permissions }
    }
}

/// Why a chat is not given an external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnExternalId {
    /// It is none.
    #[error(
        "must have 1 to {} characters, none of them a control character",
        limits::EXTERNAL_ID_CHARS
    )]
    Form,
    /// The caller is from no host.
    #[error("is given by people of a host, and this account is from none")]
    NoHost,
}

impl NotAnExternalId {
    /// The word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "external_id_invalid",
            Self::NoHost => "external_id_without_host",
        }
    }
}

/// What the host keeps with a chat.
fn kept_by_host(caller: &Caller, data: &str) -> Result<Option<Data>, CreateGroupError> {
    if !caller.is_key() {
        return Err(CreateGroupError::KeyNeeded);
    }
    Ok(DataPatch::parse(data)?.apply(None)?)
}

/// What a chat is called by the caller's host.
fn named_by_host(caller: &Caller, typed: &str) -> Result<(Issuer, ExternalId), NotAnExternalId> {
    let issuer = caller.issuer.clone().ok_or(NotAnExternalId::NoHost)?;
    Ok((issuer, ExternalId::new(typed).ok_or(NotAnExternalId::Form)?))
}
