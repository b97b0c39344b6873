//! Accounts and sessions.

use super::{external_id, rfc_3339};
use domain::clock::Timestamp;
use domain::ids::SessionId;
use domain::session;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    #[schema(example = "ada")]
    pub(crate) username: String,
    #[schema(example = "correct horse battery", format = Password)]
    pub(crate) password: String,
    /// A code of the authenticator app or a recovery code, where the account has a second factor.
    #[schema(example = "287082")]
    pub(crate) code: Option<String>,
}

/// A name and a password for a new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    #[schema(example = "ada")]
    pub(crate) username: String,
    #[schema(example = "correct horse battery", format = Password)]
    pub(crate) password: String,
    /// The code of an invitation, where registration is by invitation.
    pub(crate) invite: Option<String>,
}

/// The first admin of a server.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUp {
    /// The code of the link that the server's log shows.
    pub(crate) code: String,
    #[schema(example = "ada")]
    pub(crate) username: String,
    #[schema(example = "correct horse battery", format = Password)]
    pub(crate) password: String,
    /// Who may make an account from now on: `open`, `invite` or `closed`. Needed unless a setting says it.
    pub(crate) registration: Option<String>,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    pub(crate) refresh_token: String,
}

/// A token that the host application signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// A JWT of one of the issuers that this server knows.
    pub(crate) token: String,
}

/// Who logged out at the host.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogOutToken {
    /// A log-out token of one of the issuers that this server knows.
    pub(crate) logout_token: String,
}

/// What is wrong with a request, as OAuth 2.0 says it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OAuthError {
    #[schema(example = "invalid_request")]
    error: &'static str,
    error_description: String,
}

impl OAuthError {
    /// Of a request that is wrong for that reason.
    pub(crate) fn new(error_description: String) -> Self {
        Self { error: "invalid_request", error_description }
    }
}

/// The password now and the one wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[schema(format = Password)]
    pub(crate) old_password: String,
    #[schema(format = Password)]
    pub(crate) new_password: String,
}

/// What somebody gets who signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    user: Account,
    session_id: i64,
    /// For `Authorization: Bearer`.
    access_token: String,
    /// When the access token ends.
    expires_at: String,
    /// In how many seconds that is.
    expires_in: u64,
    /// For the next access token. It works once.
    refresh_token: String,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
struct Account {
    id: i64,
    /// What their host calls them; `null` if they are from none.
    external_id: Option<String>,
    username: String,
    role: String,
    created_at: String,
}

impl SignedIn {
    pub(crate) fn new(signed_in: session::SignedIn, now: Timestamp) -> Self {
        Self {
            user: Account {
                id: signed_in.user.id.get(),
                external_id: external_id(signed_in.user.external_id.as_ref()),
                username: signed_in.user.name.to_string(),
                role: signed_in.user.role.to_string(),
                created_at: rfc_3339(signed_in.user.created_at),
            },
            session_id: signed_in.session.get(),
            access_token: signed_in.access_token,
            expires_at: rfc_3339(signed_in.access_expires_at),
            expires_in: signed_in.access_expires_at.since(now.whole_second()).as_secs(),
            refresh_token: signed_in.refresh_token,
        }
    }
}

/// A signed-in device.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionInfo {
    id: i64,
    /// The `User-Agent` that signed in.
    device: String,
    created_at: String,
    /// When it was last refreshed.
    last_used_at: String,
    expires_at: String,
    /// Whether it is the one that is asking.
    current: bool,
}

impl SessionInfo {
    pub(crate) fn new(session: &session::Session, current: SessionId) -> Self {
        Self {
            id: session.id.get(),
            device: session.client.device.as_str().to_owned(),
            created_at: rfc_3339(session.created_at),
            last_used_at: rfc_3339(session.refreshed_at),
            expires_at: rfc_3339(session.expires_at),
            current: session.id == current,
        }
    }
}

/// What opens one socket.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ticket {
    /// For `?ticket=` of the socket.
    ticket: String,
    expires_at: String,
}

impl Ticket {
    pub(crate) fn new(ticket: String, expires_at: Timestamp) -> Self {
        Self { ticket, expires_at: rfc_3339(expires_at) }
    }
}
