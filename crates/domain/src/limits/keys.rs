//! Limits of service keys.

use std::num::NonZeroU32;
use std::time::Duration;

/// Service keys that there are at once, at most.
pub const SERVICE_KEYS: usize = 1_000;
/// Of those, how many are of one account: one in use, one to replace it, and some for tests.
pub const SERVICE_KEYS_PER_ACCOUNT: usize = 10;
/// Requests a second with a service key, unless it was added with another rate.
pub const SERVICE_KEY_RATE: NonZeroU32 = NonZeroU32::new(100).expect("more than none");
/// Requests a second that a service key can be added with, at most.
pub const SERVICE_KEY_RATE_MAX: u32 = 10_000;
/// How often it is noted that a service key was used.
pub const SERVICE_KEY_USE_NOTED: Duration = Duration::from_secs(10 * 60);
