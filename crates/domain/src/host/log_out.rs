//! Logging out at a host.

use super::{ExternalId, HostPerson, HostTokenError, Issuer};
use crate::failure::{Failure, Kind, StoreError};
use crate::limits;

/// What a host calls one of its sessions (`sid`): as long as an external id may be. Sessions here that came of it end
/// with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostSession(ExternalId);

impl HostSession {
    /// Checks what was said. `None` if it may not be one.
    pub fn new(said: &str) -> Option<Self> {
        ExternalId::new(said).map(Self)
    }
    /// As the host spells it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What ended at a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedOut {
    /// All that somebody had there.
    Person(HostPerson),
    /// One session there.
    Session {
        /// Whose sessions are meant.
        issuer: Issuer,
        /// Whose it was, if the host says so.
        subject: Option<ExternalId>,
        /// Which.
        session: HostSession,
    },
}

impl LoggedOut {
    /// Who says so.
    pub fn issuer(&self) -> &Issuer {
        match self {
            Self::Person(person) => &person.issuer,
            Self::Session { issuer, .. } => issuer,
        }
    }
}

/// Why nobody was logged out.
#[derive(Debug, thiserror::Error)]
pub enum HostLogOutError {
    /// No setting names an issuer.
    #[error("This server takes no tokens of a host.")]
    NotConfigured,
    /// The token proves nothing.
    #[error(transparent)]
    Token(#[from] HostTokenError),
    /// It is a good token, and not for this.
    #[error("A log-out token has events, jti and iat, and no nonce.")]
    NotLogOut,
    /// Which session is meant cannot be told.
    #[error(
        "The session of the log-out token (sid) must have 1 to {} characters, none of them a control character.",
        limits::EXTERNAL_ID_CHARS
    )]
    Session,
    /// It says neither who logged out nor of which session.
    #[error("The log-out token must have a subject (sub) or a session (sid).")]
    OfNobody,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<HostLogOutError> for Failure {
    fn from(error: HostLogOutError) -> Self {
        use HostLogOutError as Why;
        match error {
            Why::NotConfigured => Self::new(Kind::NotFound, "host_not_configured", error),
            Why::Token(error) => error.into(),
            Why::NotLogOut => Self::new(Kind::Invalid, "host_log_out_invalid", error),
            Why::Session => Self::new(Kind::Invalid, "host_session_invalid", error),
            Why::OfNobody => Self::new(Kind::Invalid, "host_log_out_without_subject", error),
            Why::Store(error) => error.into(),
        }
    }
}
