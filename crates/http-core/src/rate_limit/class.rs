//! What requests are counted as.

use domain::limits::{
    LOGINS_PER_ACCOUNT, LOGINS_PER_ADDRESS, REGISTRATIONS_PER_ADDRESS, REQUESTS_PER_ACCOUNT,
    REQUESTS_PER_ADDRESS, Rate, SEARCHES_PER_ACCOUNT, SEARCHES_PER_ADDRESS, SENDS_PER_ACCOUNT,
    SENDS_PER_ADDRESS, UPLOADS_PER_ACCOUNT, UPLOADS_PER_ADDRESS,
};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A password is tried.
    LogIn,
    /// An account is made.
    Register,
    /// A message is sent or changed.
    Send,
    /// A file is taken in.
    Upload,
    /// Something is searched for.
    Search,
    /// Anything else.
    Other,
}

impl Class {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::LogIn, Self::Register, Self::Send, Self::Upload, Self::Search, Self::Other];

    /// What metrics call it.
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
    /// How often one account may. Nobody has one before it is made.
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

    /// How often one address may.
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
