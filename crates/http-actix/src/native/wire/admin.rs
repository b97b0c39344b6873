//! What admins see and send.

use super::{ChatKind, external_id, rfc_3339};
use domain::{admin, session, user};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A search among all accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdminUserQuery {
    /// What the user name, or the first and last name, must contain, in any case.
    pub(crate) q: Option<String>,
    /// Only those of this role.
    pub(crate) role: Option<String>,
    /// Only those that may, or may not, sign in.
    pub(crate) active: Option<bool>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// Which chats.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdminChatQuery {
    /// Only those of this kind.
    pub(crate) kind: Option<String>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// Which lines of the log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only what was changed (`change`), or only who signed in (`sign_in`).
    pub(crate) kind: Option<String>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200; 50 unless given.
    pub(crate) limit: Option<usize>,
}

/// What an admin changes of an account. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountUpdate {
    /// `user`, `admin`, or a word of this installation.
    #[schema(example = "seller")]
    role: Option<String>,
    /// `false` disables the account and ends its sessions.
    is_active: Option<bool>,
    /// Up to 150 visible characters.
    first_name: Option<String>,
    /// Up to 150 visible characters.
    last_name: Option<String>,
    /// Up to 1,000 characters.
    bio: Option<String>,
    /// Up to 254 characters. Only its owner and admins see it.
    email: Option<String>,
}

impl AccountUpdate {
    pub(crate) fn command(&self) -> admin::AccountUpdate<'_> {
        let profile = user::UpdateProfile {
            name: None,
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            bio: self.bio.as_deref(),
            email: self.email.as_deref(),
        };
        admin::AccountUpdate { role: self.role.as_deref(), active: self.is_active, profile }
    }
}

/// The password wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    #[schema(format = Password)]
    pub(crate) password: String,
}

/// Somebody, as admins see them.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminUser {
    id: i64,
    /// What their host calls them; `null` if they are from none.
    external_id: Option<String>,
    username: String,
    role: String,
    first_name: String,
    last_name: String,
    bio: String,
    email: String,
    created_at: String,
    is_active: bool,
    last_seen_at: Option<String>,
}

impl From<&user::Account> for AdminUser {
    fn from(account: &user::Account) -> Self {
        let user::Account { user, email } = account;
        Self {
            id: user.id.get(),
            external_id: external_id(user.external_id.as_ref()),
            username: user.name.to_string(),
            role: user.role.to_string(),
            first_name: user.profile.first_name.as_str().to_owned(),
            last_name: user.profile.last_name.as_str().to_owned(),
            bio: user.profile.bio.as_str().to_owned(),
            email: email.as_str().to_owned(),
            created_at: rfc_3339(user.created_at),
            is_active: user.active,
            last_seen_at: user.last_seen_at.map(rfc_3339),
        }
    }
}

/// A chat, as admins see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminChat {
    id: i64,
    /// What its host calls it; `null` if none gave it an id.
    external_id: Option<String>,
    kind: ChatKind,
    title: Option<String>,
    created_at: String,
    /// When the last message was sent, or else when the chat was made.
    active_at: String,
    member_count: i64,
    /// Tombstones included.
    message_count: i64,
}

impl From<&admin::AdminChat> for AdminChat {
    fn from(listed: &admin::AdminChat) -> Self {
        Self {
            id: listed.chat.id.get(),
            external_id: external_id(listed.chat.external_id.as_ref()),
            kind: listed.chat.kind.into(),
            title: listed.chat.title.as_ref().map(ToString::to_string),
            created_at: rfc_3339(listed.chat.created_at),
            active_at: rfc_3339(listed.active_at),
            member_count: listed.member_count,
            message_count: listed.message_count,
        }
    }
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    id: i64,
    at: String,
    /// Whose account did it; `null` for whoever runs the server, and for who did not sign in.
    actor_id: Option<i64>,
    /// What they did.
    #[schema(example = "user.role")]
    action: &'static str,
    /// What they did it to: `user`, `chat`, `message` or `invite`.
    target_kind: &'static str,
    /// `null` where somebody tried to sign in to accounts that do not exist.
    target_id: Option<i64>,
    /// More about it, perhaps nothing.
    detail: String,
    /// Where somebody signed in from, or tried to; `null` of everything else.
    origin: Option<SignInOrigin>,
    /// How many attempts it stands for, within an hour of `at`.
    count: u32,
}

/// Where somebody signs in from.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInOrigin {
    /// Of IPv6 it is the network.
    #[schema(example = "192.0.2.7")]
    address: String,
    /// `native`, or the name of a dialect.
    protocol: String,
    /// The `User-Agent`.
    device: String,
}

impl From<&session::Origin> for SignInOrigin {
    fn from(origin: &session::Origin) -> Self {
        Self {
            address: origin.address.to_string(),
            protocol: origin.protocol.name().to_owned(),
            device: origin.device.as_str().to_owned(),
        }
    }
}

impl From<&admin::AuditEntry> for AuditEntry {
    fn from(entry: &admin::AuditEntry) -> Self {
        let (target_kind, target_id) = match entry.target {
            admin::AuditTarget::User(id) => ("user", Some(id.get())),
            admin::AuditTarget::Chat(id) => ("chat", Some(id.get())),
            admin::AuditTarget::Message(id) => ("message", Some(id.get())),
            admin::AuditTarget::Invite(id) => ("invite", Some(id.get())),
            admin::AuditTarget::Nobody => ("user", None),
        };
        let admin::Record { actor, at, action, detail, origin } = &entry.record;
        Self {
            id: entry.id.get(),
            at: rfc_3339(*at),
            actor_id: actor.map(domain::ids::UserId::get),
            action: action.as_str(),
            target_kind,
            target_id,
            detail: detail.clone(),
            origin: origin.as_ref().map(SignInOrigin::from),
            count: entry.count,
        }
    }
}
