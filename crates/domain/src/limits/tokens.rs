//! Limits of tokens: this server's, and hosts'.

use std::time::Duration;

/// Bytes of a host's token, at most.
pub const HOST_TOKEN_BYTES: usize = 16 * 1024;
/// Characters of a person's or a chat's external id, at most.
pub const EXTERNAL_ID_CHARS: usize = 255;
/// Bytes of the secret that a host signs with, at least.
pub const HOST_SECRET_BYTES: usize = 32;
/// Bytes of a document with a host's keys, at most.
pub const HOST_KEYS_BYTES: usize = 256 * 1024;
/// Keys of a host that are used, at most: if a token does not say which key signed it, each is tried.
pub const HOST_KEYS: usize = 32;
/// How long fetching such a document may take.
pub const HOST_KEYS_PATIENCE: Duration = Duration::from_secs(5);
/// The least time between two attempts to fetch a host's keys, even if tokens name unknown ones.
pub const HOST_KEYS_REFETCH_EVERY: Duration = Duration::from_secs(10);
/// The age at which keys in use are fetched again, since the host may have withdrawn some.
pub const HOST_KEYS_AGE: Duration = Duration::from_secs(5 * 60);
/// How often the log says that a host's keys cannot be fetched.
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
/// How long before its access token expires a socket informs its client; for tokens with a short life, only
/// after half of it.
pub const SOCKET_TOKEN_NOTICE: Duration = Duration::from_secs(60);
/// Bytes of the address at which a host has somebody's picture, at most.
pub const HOST_PICTURE_ADDRESS_BYTES: usize = 2_048;
/// Bytes of such a picture, at most.
pub const HOST_PICTURE_BYTES: usize = 5 * 1024 * 1024;
/// How long fetching one may take.
pub const HOST_PICTURE_PATIENCE: Duration = Duration::from_secs(10);
/// Pictures of hosts that a node fetches at once.
pub const HOST_PICTURES_TOGETHER: usize = 4;
/// For how long a picture is left to the node that fetches it: what a node that dies had begun is fetched after that.
pub const HOST_PICTURE_LEASE: Duration = Duration::from_secs(5 * 60);
/// How often fetching a picture is tried.
pub const HOST_PICTURE_TRIES: u32 = 5;
/// How long it waits before the second try; four times as long before each further one.
pub const HOST_PICTURE_WAIT: Duration = Duration::from_secs(60);
/// People of a host whose accounts are created in one transaction.
pub const HOST_PEOPLE_TOGETHER: usize = 100;
/// People of a host that one request may create, one per line.
pub const HOST_PEOPLE_LINES: usize = 1_000;
/// Bytes of all these lines, at most.
pub const HOST_PEOPLE_BYTES: usize = 1024 * 1024;
