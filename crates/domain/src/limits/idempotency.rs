//! Limits of requests that are repeated.

use std::time::Duration;

/// Characters of an idempotency key, at most.
pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
/// How long an answer is kept at least, from when the request arrived.
pub const IDEMPOTENCY_MEMORY: Duration = Duration::from_secs(24 * 60 * 60);
/// Bytes of an answer that is kept, at most; a larger one is sent once.
pub const IDEMPOTENCY_ANSWER_BYTES: usize = 512 * 1024;
/// Keys of one account that are kept at once, at most.
pub const IDEMPOTENCY_KEYS: usize = 100_000;
/// How long nobody else carries out a request that has no answer yet. After that, the node that had it is gone.
pub const IDEMPOTENCY_PATIENCE: Duration = Duration::from_secs(60);
/// The same of an upload, which may take as long to arrive.
pub const IDEMPOTENCY_UPLOAD_PATIENCE: Duration = Duration::from_secs(11 * 60);
