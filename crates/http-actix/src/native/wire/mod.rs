//! What the native API's answers and requests look like. Serde is here and nowhere else in it.

mod account;
mod addressed_chat;
mod admin;
mod chat;
mod chat_base;
mod data;
mod given_id;
mod history;
mod host_chat;
mod host_person;
mod invite;
mod limits;
mod media;
mod message;
mod own_data;
mod permissions;
mod person;
mod provider;
mod push;
mod search;
mod second_factor;

pub(crate) use account::{
    ChangePassword, Credentials, Exchange, LogOutToken, OAuthError, Refresh, Registration,
    SessionInfo, SetUp, SignedIn, Ticket,
};
pub(crate) use admin::{
    AccountUpdate, AdminChat, AdminChatQuery, AdminUser, AdminUserQuery, AuditEntry, AuditQuery,
    NewPassword,
};
pub(crate) use chat::{
    Changes, Chat, ChatListQuery, ChatUpdate, ListQuery, Member, MemberRole, MemberUpdate,
    NewGroup, SinceQuery,
};
pub(crate) use chat_base::{ChatBase, ChatKind, Peer};
pub(crate) use given_id::{GivenChat, GivenId};
pub(crate) use history::{EarlierText, HistoryQuery, MessagePage};
pub(crate) use host_chat::{HostChat, HostMember, HostMembersChange};
pub(crate) use host_person::{HostPersonLine, HostPersonOutcome, HostPersonUpdate};
pub(crate) use invite::{Invite, MadeInvite, NewInvite};
pub(crate) use limits::Limits;
pub(crate) use media::{
    Attachment, AvatarQuery, AvatarSize, Binary, FileForm, MediaKey, MediaKeyQuery, MediaLinkQuery,
};
pub(crate) use message::{
    EditMessage, EditRequest, Marker, Message, NewMessage, Read, SendRequest,
};
pub(crate) use own_data::{DeleteMe, DeletedMessagesQuery, export_end, export_lines};
pub(crate) use permissions::{Permissions, PermissionsUpdate};
pub(crate) use person::{Block, Me, Person, ProfileUpdate, User, UserQuery};

pub(crate) use addressed_chat::{
    Ban, NewBan, NewSilence, Preferences, PreferencesUpdate, ProjectChat, ProjectChatState, Room,
    Silence,
};
pub(crate) use provider::{BeginQuery, ProviderReturn, SignInWays};

pub(crate) use push::{
    NewPushSubscription, PushKeys, PushRenewal, PushState, PushSubscription, key_bytes,
};

pub(crate) use search::{Found, SearchQuery};

pub(crate) use second_factor::{BegunSecondFactor, Code, Proof, ProofOfPassword, RecoveryCodes};

pub(crate) use http_core::moment::rfc_3339;

use data::data_of;
use domain::host::ExternalId;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// What a host calls somebody or a chat.
fn external_id(id: Option<&ExternalId>) -> Option<String> {
    id.map(|id| id.as_str().to_owned())
}

/// Reads a field that is there, perhaps as `null`; with a default of `None` it is told from one that is not there.
pub(crate) fn given<'de, D, T>(value: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(value).map(Some)
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T: ToSchema> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// What to pass as `cursor` for the page after it; `null` on the last one.
    pub(crate) next: Option<String>,
}
