//! The log of the process about who signs in, beside the audit log in the database.

use super::{EndReason, Origin};
use crate::ids::{SessionId, UserId};

/// What is worth a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityEvent {
    /// An account was made by its owner.
    Registered {
        /// Its name.
        name: String,
        /// Where from.
        origin: Option<Origin>,
    },
    /// Somebody signed in.
    LoggedIn {
        /// To the account of that name.
        name: String,
        /// Where from.
        origin: Origin,
    },
    /// Somebody was refused.
    Refused {
        /// The name of the account; `None` where there is none: what was typed may be a password in the
        /// wrong field.
        name: Option<String>,
        /// Where from, if that is known.
        origin: Option<Origin>,
        /// Why, in a word.
        why: &'static str,
    },
    /// Somebody changed their password.
    PasswordChanged(UserId),
    /// Somebody did something to what guards their account, or proved once more whose it is.
    OwnAccount {
        /// Who.
        user: UserId,
        /// What, in the word of the audit log.
        what: &'static str,
    },
    /// A session ended.
    Ended {
        /// Whose.
        user: UserId,
        /// Which.
        session: SessionId,
        /// Why.
        why: EndReason,
    },
}

/// Writes the log. No method waits, and none fails.
pub trait SecurityLog: Send + Sync {
    /// Writes a line.
    fn note(&self, event: &SecurityEvent);
}
