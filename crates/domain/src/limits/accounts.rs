//! Limits of second factors, stepping up, tickets and invitations.

use std::time::Duration;

/// How long a proof of identity allows a session the most harmful actions.
pub const STEP_UP_LIFE: Duration = Duration::from_secs(5 * 60);
/// The length of a time step, for which an authenticator app shows one code (RFC 6238).
pub const TOTP_STEP: Duration = Duration::from_secs(30);
/// How many steps before and after the current one have codes that are accepted.
pub const TOTP_SKEW: i64 = 1;
/// Digits of such a code.
pub const TOTP_DIGITS: u32 = 6;
/// How many recovery codes an account gets.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code, without separators.
pub const RECOVERY_CODE_CHARS: usize = 16;
/// How long a ticket for a socket is valid.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);
/// Invitations at once, at most; expired ones count until they are deleted.
pub const INVITES: usize = 1_000;
/// Accounts that can be created with one invitation, at most.
pub const INVITE_USES_MAX: u32 = 10_000;
/// Days for which an invitation is valid, at most.
pub const INVITE_DAYS_MAX: u32 = 365;
/// Characters of an invitation's note, at most.
pub const INVITE_NOTE_CHARS: usize = 100;
/// How long an expired invitation is kept.
pub const INVITE_MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);
