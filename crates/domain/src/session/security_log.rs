//! The process's log about who signs in, in addition to the audit log in the database.

use super::{EndReason, Origin};
use crate::ids::{SessionId, UserId};

/// What is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityEvent {
    /// Somebody registered.
    Registered {
        /// Its name.
        name: String,
        /// Where from.
        origin: Option<Origin>,
    },
    /// Somebody signed in.
    LoggedIn {
        /// The account's name.
        name: String,
        /// Where from.
        origin: Origin,
    },
    /// A sign-in was refused.
    Refused {
        /// The account's name; `None` if there is no such account, because what was typed may be a password in
        /// the wrong field.
        name: Option<String>,
        /// Where from, if that is known.
        origin: Option<Origin>,
        /// Why, in a word.
        why: &'static str,
    },
    /// Somebody changed their password.
    PasswordChanged(UserId),
    /// Somebody changed their second factor or recovery codes, or proved their identity again.
    OwnAccount {
        /// Who.
        user: UserId,
        /// What, as the audit log's word.
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

/// Writes the log. It neither waits nor fails.
pub trait SecurityLog: Send + Sync {
    /// Writes a line.
    fn note(&self, event: &SecurityEvent);
}
