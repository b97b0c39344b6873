//! Rate classes.

use domain::limits::{
    LOGINS_PER_ACCOUNT, LOGINS_PER_ADDRESS, REGISTRATIONS_PER_ADDRESS, REQUESTS_PER_ACCOUNT,
    REQUESTS_PER_ADDRESS, Rate, SEARCHES_PER_ACCOUNT, SEARCHES_PER_ADDRESS, SENDS_PER_ACCOUNT,
    SENDS_PER_ADDRESS, UPLOADS_PER_ACCOUNT, UPLOADS_PER_ADDRESS,
};

/// The rate class of a request. Requests of one class are counted together, for their account and for their
/// address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A password is tried.
    LogIn,
    /// An account is made.
    Register,
    /// A message is sent or changed.
    Send,
    /// A file is uploaded.
    Upload,
    /// Something is searched for.
    Search,
    /// Anything else.
    Other,
}

impl Class {
    /// All classes.
    pub(crate) const ALL: [Self; 6] =
        [Self::LogIn, Self::Register, Self::Send, Self::Upload, Self::Search, Self::Other];

    /// Its label in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LogIn => "log_in",
            Self::Register => "register",
            Self::Send => "send",
            Self::Upload => "upload",
            Self::Search => "search",
            Self::Other => "other",
        }
    }
}

impl Class {
    /// The limit for one account. None for registering, since there is no account yet.
    pub(super) fn per_account(self) -> Option<Rate> {
        match self {
            Self::LogIn => Some(LOGINS_PER_ACCOUNT),
            Self::Register => None,
            Self::Send => Some(SENDS_PER_ACCOUNT),
            Self::Upload => Some(UPLOADS_PER_ACCOUNT),
            Self::Search => Some(SEARCHES_PER_ACCOUNT),
            Self::Other => Some(REQUESTS_PER_ACCOUNT),
        }
    }

    /// The limit for one address.
    pub(super) fn per_address(self) -> Rate {
        match self {
            Self::LogIn => LOGINS_PER_ADDRESS,
            Self::Register => REGISTRATIONS_PER_ADDRESS,
            Self::Send => SENDS_PER_ADDRESS,
            Self::Upload => UPLOADS_PER_ADDRESS,
            Self::Search => SEARCHES_PER_ADDRESS,
            Self::Other => REQUESTS_PER_ADDRESS,
        }
    }
}
