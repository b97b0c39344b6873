//! Limits of service keys.

use std::num::NonZeroU32;
use std::time::Duration;

/// Service keys at once, at most.
pub const SERVICE_KEYS: usize = 1_000;
/// Keys of one account, at most: one in use, one to replace it, and some for tests.
pub const SERVICE_KEYS_PER_ACCOUNT: usize = 10;
/// The default rate of a service key, in requests a second.
pub const SERVICE_KEY_RATE: NonZeroU32 = NonZeroU32::new(100).expect("more than none");
/// The highest rate of a service key, in requests a second.
pub const SERVICE_KEY_RATE_MAX: u32 = 10_000;
/// How often the use of a service key is recorded.
pub const SERVICE_KEY_USE_NOTED: Duration = Duration::from_secs(10 * 60);
