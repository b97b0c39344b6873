//! Who calls.

use super::Protocol;
use crate::clock::Timestamp;
use crate::ids::{SessionId, UserId};
use crate::user::AccountRole;

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// By which session.
    pub session: SessionId,
    /// The protocol of that session's client.
    pub protocol: Protocol,
    /// What the account may do.
    pub role: AccountRole,
}

/// What somebody proved, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Who they are.
    pub caller: Caller,
    /// Until when that is proved, unless they prove it again.
    pub ends_at: Timestamp,
}
