//! Of second factors, stepping up, tickets and invitations.

use std::time::Duration;

/// How long a session may do what could harm most after it was proved to be its owner's.
pub const STEP_UP_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long each code of an authenticator app is of its own step (RFC 6238).
pub const TOTP_STEP: Duration = Duration::from_secs(30);
/// Steps before and after the present one whose codes count.
pub const TOTP_SKEW: i64 = 1;
/// Digits of such a code.
pub const TOTP_DIGITS: u32 = 6;
/// Recovery codes that an account has at first.
pub const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code, without what groups them.
pub const RECOVERY_CODE_CHARS: usize = 16;
/// How long a ticket for a socket is good for.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);
/// Invitations that there are at once, at most; those that expired count until they are forgotten.
pub const INVITES: usize = 1_000;
/// Accounts that one invitation is for, at most.
pub const INVITE_USES_MAX: u32 = 10_000;
/// Days for which an invitation is good, at most.
pub const INVITE_DAYS_MAX: u32 = 365;
/// Characters of an invitation's note, at most.
pub const INVITE_NOTE_CHARS: usize = 100;
/// How long an invitation is kept that has expired.
pub const INVITE_MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);
