//! Rate limits.

use std::num::NonZeroU32;
use std::time::Duration;

/// How often something may be done: `burst` times at once, and once more after each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Times at once.
    pub burst: NonZeroU32,
    /// How long it takes until one of them is given back.
    pub every: Duration,
}

impl Rate {
    const fn new(burst: u32, every: Duration) -> Self {
        Self { burst: NonZeroU32::new(burst).expect("a burst of one or more"), every }
    }
}

/// Attempts with one account's password from one address.
pub const LOGINS_PER_ACCOUNT: Rate = Rate::new(10, Duration::from_secs(30));
/// Attempts with one account's password from all addresses together from which nobody has signed in to
/// it of late: 100 in the first hour, then 60.
pub const LOGINS_FROM_ELSEWHERE: Rate = Rate::new(40, Duration::from_secs(60));
/// Attempts with anybody's password from one address: a school may sit behind it.
pub const LOGINS_PER_ADDRESS: Rate = Rate::new(100, Duration::from_secs(3));
/// Accounts that are made from one address.
pub const REGISTRATIONS_PER_ADDRESS: Rate = Rate::new(50, Duration::from_secs(30));
/// Messages that one account sends, edits and deletes: 5 a second.
pub const SENDS_PER_ACCOUNT: Rate = Rate::new(20, Duration::from_millis(200));
/// The same from one address: 50 a second.
pub const SENDS_PER_ADDRESS: Rate = Rate::new(200, Duration::from_millis(20));
/// Files that one account uploads.
pub const UPLOADS_PER_ACCOUNT: Rate = Rate::new(30, Duration::from_secs(1));
/// The same from one address: 5 a second.
pub const UPLOADS_PER_ADDRESS: Rate = Rate::new(150, Duration::from_millis(200));
/// Searches of one account: 3 a second, which is as fast as one types.
pub const SEARCHES_PER_ACCOUNT: Rate = Rate::new(30, Duration::from_millis(333));
/// The same from one address: 20 a second.
pub const SEARCHES_PER_ADDRESS: Rate = Rate::new(200, Duration::from_millis(50));
/// Any other request of one account: 50 a second.
pub const REQUESTS_PER_ACCOUNT: Rate = Rate::new(500, Duration::from_millis(20));
/// Requests of any kind over HTTP from one address: 250 a second.
pub const REQUESTS_PER_ADDRESS: Rate = Rate::new(2_500, Duration::from_millis(4));
