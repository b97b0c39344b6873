//! Why a host's log-out token logs nobody out.

use super::HostTokenError;
use crate::failure::{Failure, Kind, StoreError};

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
    /// Which sessions there come of which sessions at the host is not known.
    #[error(
        "The log-out token must have a subject: sessions of the host (sid) are not known here."
    )]
    WithoutSubject,
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
            Why::WithoutSubject => Self::new(Kind::Invalid, "host_log_out_without_subject", error),
            Why::Store(error) => error.into(),
        }
    }
}
