//! Limits of tokens, of this server's and of hosts.

use std::time::Duration;

/// Bytes of a host's token, at most.
pub const HOST_TOKEN_BYTES: usize = 16 * 1024;
/// Characters of what a host calls a person or a chat, at most.
pub const EXTERNAL_ID_CHARS: usize = 255;
/// Bytes of a secret that a host signs with, at least.
pub const HOST_SECRET_BYTES: usize = 32;
/// Bytes of a document with a host's keys, at most.
pub const HOST_KEYS_BYTES: usize = 256 * 1024;
/// Keys of a host that are looked at, at most: each is tried where a token does not say which it is.
pub const HOST_KEYS: usize = 32;
/// How long fetching such a document may take.
pub const HOST_KEYS_PATIENCE: Duration = Duration::from_secs(5);
/// How long a host's keys are not fetched after an attempt, whatever tokens say.
pub const HOST_KEYS_REFETCH_EVERY: Duration = Duration::from_secs(10);
/// After how long keys that are in use are fetched anew: the host may have withdrawn some.
pub const HOST_KEYS_AGE: Duration = Duration::from_secs(5 * 60);
/// How often the log says that a host's keys are not there.
pub const HOST_KEYS_LOGGED_EVERY: Duration = Duration::from_secs(60);
/// How far the clock of a host may be from this server's.
pub const HOST_TOKEN_LEEWAY: Duration = Duration::from_secs(30);
/// Characters of the word for a provider, at most.
pub const PROVIDER_NAME_CHARS: usize = 32;
/// How long somebody may take to sign in at a provider.
pub const PROVIDER_ATTEMPT_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long the addresses of a provider are known before it is asked again.
pub const PROVIDER_ADDRESSES_AGE: Duration = Duration::from_secs(60 * 60);
/// How long an access token is good for, unless told otherwise.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long before its access token ends a socket tells its client, unless that is in the first half of
/// the time.
pub const SOCKET_TOKEN_NOTICE: Duration = Duration::from_secs(60);
/// People of a host whose accounts are made by one change of the store.
pub const HOST_PEOPLE_TOGETHER: usize = 100;
/// People of a host that one request may bring in, each in a line of its own.
pub const HOST_PEOPLE_LINES: usize = 1_000;
/// Bytes of all these lines, at most.
pub const HOST_PEOPLE_BYTES: usize = 1024 * 1024;
