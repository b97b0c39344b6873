//! Every limit, by name. Reaching one is a clear error, never a silent drop.

use std::time::Duration;

/// Characters of a user name, at most (the existing front ends allow as many).
pub const USER_NAME_CHARS: usize = 150;
/// Characters of a password, at least.
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Bytes of a password, at most: bcrypt reads no further.
pub const PASSWORD_MAX_BYTES: usize = 72;
/// Characters of a chat's title, at most.
pub const TITLE_CHARS: usize = 200;
/// Characters of a message after trimming, at most.
pub const MESSAGE_CHARS: usize = 8_192;
/// Bytes of a client id, at most.
pub const CLIENT_ID_BYTES: usize = 64;
/// Unicode characters of one emoji, at most; the longest there is has ten.
pub const EMOJI_CHARS: usize = 16;
/// Different emoji on one message, at most.
pub const REACTION_KINDS: usize = 20;
/// Reactions to one message, at most: all of them come with it.
pub const REACTIONS_PER_MESSAGE: usize = 1_000;
/// Characters of a device's description that are kept; the rest is cut off.
pub const DEVICE_CHARS: usize = 200;
/// Characters of a search for people, at most.
pub const SEARCH_CHARS: usize = 200;

/// Members of a group, at most.
pub const GROUP_MEMBERS: usize = 1_000;
/// Sessions of one account; the one unused for longest ends when there is one more.
pub const SESSIONS_PER_USER: usize = 100;
/// Rows of a page unless told otherwise.
pub const PAGE_DEFAULT: usize = 50;
/// Rows of a page, at most.
pub const PAGE_MAX: usize = 200;
/// Chats that one `resume` may name.
pub const RESUME_CHATS: usize = 1_000;
/// People that hear of one person's presence, at most.
pub const PRESENCE_AUDIENCE: usize = 10_000;

/// How long an access token is good for, unless told otherwise.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long a session lives without being refreshed.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// For how long a used refresh token answers with its successor, while that one is unused.
pub const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// How long a ticket for a socket is good for.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);
/// How long an ended session is remembered, for nodes to close its sockets.
pub const ENDED_SESSION_MEMORY: Duration = Duration::from_secs(60);

/// How long somebody counts as typing after they said so.
pub const TYPING_LIFE: Duration = Duration::from_secs(5);
/// How often one person's typing in one chat is passed on, at most.
pub const TYPING_INTERVAL: Duration = Duration::from_secs(2);
/// How long a person must be without connections to count as offline.
pub const OFFLINE_GRACE: Duration = Duration::from_secs(5);
