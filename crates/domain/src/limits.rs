//! Every limit, by name. Reaching one is a clear error, never a silent drop.

mod accounts;
mod chosen;
mod data;
mod keys;
mod rates;
mod tokens;

pub use accounts::{
    INVITE_DAYS_MAX, INVITE_MEMORY, INVITE_NOTE_CHARS, INVITE_USES_MAX, INVITES,
    RECOVERY_CODE_CHARS, RECOVERY_CODES, STEP_UP_LIFE, TICKET_LIFE, TOTP_DIGITS, TOTP_SKEW,
    TOTP_STEP,
};
pub use chosen::Chosen;
pub use data::{DATA_BYTES, DATA_DEPTH};
pub use keys::{
    SERVICE_KEY_RATE, SERVICE_KEY_RATE_MAX, SERVICE_KEY_USE_NOTED, SERVICE_KEYS,
    SERVICE_KEYS_PER_ACCOUNT,
};
pub use rates::{
    LOGINS_FROM_ELSEWHERE, LOGINS_PER_ACCOUNT, LOGINS_PER_ADDRESS, REGISTRATIONS_PER_ADDRESS,
    REQUESTS_PER_ACCOUNT, REQUESTS_PER_ADDRESS, Rate, SEARCHES_PER_ACCOUNT, SEARCHES_PER_ADDRESS,
    SENDS_PER_ACCOUNT, SENDS_PER_ADDRESS, UPLOADS_PER_ACCOUNT, UPLOADS_PER_ADDRESS,
};
pub use tokens::{
    ACCESS_TOKEN_LIFE, EXTERNAL_ID_CHARS, HOST_KEYS, HOST_KEYS_AGE, HOST_KEYS_BYTES,
    HOST_KEYS_LOGGED_EVERY, HOST_KEYS_PATIENCE, HOST_KEYS_REFETCH_EVERY, HOST_PEOPLE_BYTES,
    HOST_PEOPLE_LINES, HOST_PEOPLE_TOGETHER, HOST_SECRET_BYTES, HOST_TOKEN_BYTES,
    HOST_TOKEN_LEEWAY, PROVIDER_ADDRESSES_AGE, PROVIDER_ATTEMPT_LIFE, PROVIDER_NAME_CHARS,
    SOCKET_TOKEN_NOTICE,
};

use std::time::Duration;

/// Characters of a user name, at most (the existing front ends allow as many).
pub const USER_NAME_CHARS: usize = 150;
/// How many names are tried for somebody who brings none of their own, at most.
pub const FREE_NAME_ATTEMPTS: u32 = 20;
/// Characters of a user name, a first or a last name once those that stand for several are written out
/// (`⁗` is four, `ﷺ` eighteen), at most. Names that are longer and older stay.
pub const NAME_FOLDED_CHARS: usize = 300;
/// Characters of a first or last name, at most.
pub const PERSON_NAME_CHARS: usize = 150;
/// Characters that people may say about themselves.
pub const BIO_CHARS: usize = 1_000;
/// Characters of an e-mail address, at most.
pub const EMAIL_CHARS: usize = 254;
/// Characters of its part before the `@`, at most.
pub const EMAIL_NAME_CHARS: usize = 64;
/// Characters of the word of an account's role, at most.
pub const ROLE_CHARS: usize = 32;
/// Roles that an installation may add to `user` and `admin`.
pub const ROLES: usize = 32;
/// Characters of a password, at least.
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Bytes of a password, at most: bcrypt reads no further.
pub const PASSWORD_MAX_BYTES: usize = 72;
/// Characters of a chat's title, at most.
pub const TITLE_CHARS: usize = 200;
/// Characters of what a chat is about.
pub const DESCRIPTION_CHARS: usize = 1_000;
/// Chats that somebody has written in which are listed for them, at most.
pub const WRITTEN_CHATS: usize = 1_000;
/// The newest messages of a chat among which it is looked who wrote in it.
pub const WRITERS_AMONG: usize = 1_000;
/// The newest messages of a direct chat among which it is looked whether somebody wrote to the other.
pub const WRITTEN_AMONG: usize = 100;
/// Characters of a room's name, at most (the existing front ends allow as many).
pub const ROOM_NAME_CHARS: usize = 100;
/// Characters of the reason for a ban, at most.
pub const BAN_REASON_CHARS: usize = 500;
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
/// Pinned messages of one chat, at most.
pub const PINS_PER_CHAT: usize = 50;
/// Starred messages of one person, at most.
pub const STARS_PER_USER: usize = 10_000;
/// Earlier texts of one message that are kept: the first, and the newest of the others.
pub const EDITS_KEPT: usize = 50;
/// Places in one message where a name is looked for after an `@`; further on it is plain text.
pub const MENTIONS_PER_MESSAGE: usize = 50;
/// Names that one message may be looked through for, at most: after each `@` every place where a word ends
/// may be the end of a name. Further on it is plain text.
pub const MENTION_CANDIDATES: usize = 2_500;
/// Words of one message that it is found by, at most, counting each as often as it is said: all of what is
/// written with spaces, and about 4,000 characters of what is not.
pub const MESSAGE_WORDS: usize = 8_192;
/// Characters of a word that count when it is looked for.
pub const WORD_CHARS: usize = 64;
/// Characters that the beginning of a word must have to find it; shorter ones are whole words.
pub const SEARCH_PREFIX_CHARS: usize = 2;
/// Up to here unread messages are counted: this number means as many or more. Each one that is
/// counted is read, in every chat of a list, so more would make lists slow that nobody has read.
pub const UNREAD_COUNT_MAX: usize = 100;
/// The newest messages of a chat among which unread ones are counted. One's own and deleted ones are passed
/// over there, and are not counted however many they are.
pub const UNREAD_AMONG: usize = 1_000;
/// Characters of a device's description that are kept; the rest is cut off.
pub const DEVICE_CHARS: usize = 200;
/// Characters of a search, at most, also once those that stand for several are written out.
pub const SEARCH_CHARS: usize = 200;
/// The same of a search for people: their names are compared with it at every character.
pub const PEOPLE_SEARCH_CHARS: usize = 100;
/// Characters of messages that one search may compare word by word, at most: some 20 ms of work. Most
/// messages are found by the index, with none of that.
pub const SEARCH_WORK_CHARS: usize = 250_000;
/// Matches of one search in other people's chats that are passed over, at most, before it returns what it
/// has so far.
pub const SEARCH_PASSED_OVER: usize = 20_000;
/// Accounts that one search for people looks through, at most, before it returns what it has so far.
pub const PEOPLE_SEARCHED: usize = 100_000;
/// Searches of one account that run at once on one node; others wait.
pub const SEARCHES_AT_ONCE: usize = 1;
/// Searches of one account that may wait for that, at most.
pub const SEARCHES_WAITING: usize = 8;

/// People whom somebody may block.
pub const BLOCKS: usize = 1_000;
/// Characters of a file's name that are kept; the rest is cut off.
pub const FILE_NAME_CHARS: usize = 200;

/// Bytes of an uploaded file, at most.
pub const FILE_BYTES: u64 = 25 * 1024 * 1024;
/// Bytes of an uploaded picture, at most: it is read whole.
pub const IMAGE_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Pixels of a picture, at most: those of a phone's 24 megapixels fit.
pub const IMAGE_PIXELS: u64 = 24_500_000;
/// Pixels of a picture's longer side, at most.
pub const IMAGE_SIDE: u32 = 16_384;
/// Bytes that decoding a picture may take, at most.
pub const IMAGE_MEMORY: u64 = 74_500_000;
/// Bytes that the process may take that works on a picture, whatever the picture makes a decoder do.
pub const PICTURE_MEMORY: u64 = 93_500_000;
/// How long that process may compute.
pub const PICTURE_TIME: Duration = Duration::from_secs(60);
/// Frames of an animation, at most.
pub const ANIMATION_FRAMES: usize = 1_000;
/// Pixels of all frames of an animation, at most.
pub const ANIMATION_PIXELS: u64 = 200_000_000;
/// Pixels of a thumbnail's longer side.
pub const THUMBNAIL_SIDE: u32 = 480;
/// Pixels of a preview's longer side. It is part of the message, so it is tiny.
pub const PREVIEW_SIDE: u32 = 16;
/// Pixels of an avatar's side.
pub const AVATAR_SIDE: u32 = 512;
/// Pixels of a small avatar's side.
pub const SMALL_AVATAR_SIDE: u32 = 128;
/// Pictures that may wait to be processed.
pub const IMAGE_QUEUE: usize = 64;
/// Pictures of one account that may wait or be processed: an album's worth.
pub const PICTURES_PER_ACCOUNT: usize = MESSAGE_ATTACHMENTS;
/// Attachments of a message, at most.
pub const MESSAGE_ATTACHMENTS: usize = 10;
/// Uploads of one account that no message has yet, at most; those on their way count.
pub const UNUSED_UPLOADS: usize = 50;

/// Members of a group, at most.
pub const GROUP_MEMBERS: usize = 1_000;
/// People in an open room, at most.
pub const ROOM_MEMBERS: usize = 10_000;
/// Sessions of one account; the one unused for longest ends when there is one more.
pub const SESSIONS_PER_USER: usize = 100;
/// Passwords that may wait to be hashed, of places from which somebody signed in lately and of others
/// each. At a third of a second a password that is over half a minute's work.
pub const HASHES_WAITING: usize = 128;
/// Of those, how many may come from one place.
pub const HASHES_PER_ORIGIN: usize = 32;
/// Places from which somebody signed in lately that are remembered at least, and half of how many at most.
pub const KNOWN_ORIGINS: usize = 4_096;
/// The cost of a hash by bcrypt that is taken over, at most: about a second and a half's work.
pub const IMPORT_BCRYPT_COST_MAX: u32 = 14;
/// Rounds of a hash by PBKDF2 that is taken over, at most: about half a second's work.
pub const PBKDF2_ROUNDS_MAX: u32 = 2_000_000;
/// Ids that are taken over from another server, at most: half of all that there are.
pub const IMPORT_ID_MAX: i64 = 1 << 52;
/// Rows of a page unless told otherwise.
pub const PAGE_DEFAULT: usize = 50;
/// Messages of a page of a search unless told otherwise: more than a screen shows, and each has to be found.
pub const SEARCH_PAGE_DEFAULT: usize = 20;
/// Rows of a page, at most.
pub const PAGE_MAX: usize = 200;
/// Bytes of a page, at about which it ends even if there is room for more rows: one row at least is on it.
/// Rows are small, so hardly any page ends by this; 200 messages of 8,192 characters do.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// Bytes of what is shown at once where a protocol has no pages.
pub const WINDOW_BYTES: usize = 4 * PAGE_BYTES;
/// Members of several chats in one answer.
pub const MEMBERS_TOGETHER: usize = 20_000;
/// Chats of a page of the chat list, at most: it is read whole when a client starts.
pub const CHAT_PAGE_MAX: usize = 500;
/// Chats that one `resume` may name.
pub const RESUME_CHATS: usize = 1_000;
/// People that hear of one person's presence, at most.
pub const PRESENCE_AUDIENCE: usize = 10_000;
/// Members of a chat in which people are told who comes online, at most. In a larger one it would be
/// its square: five thousand who come back after a restart are 25 million times news.
pub const PRESENCE_CROWD: usize = 1_000;
/// How often people are told who came and who went of whom they were not told yet.
pub const PRESENCE_SLICE: Duration = Duration::from_millis(100);
/// About how many times somebody is told of somebody else in one such slice.
pub const PRESENCE_SLICE_DELIVERIES: usize = 5_000;
/// People of whom others are told in one such slice, at most.
pub const PRESENCE_SLICE_PEOPLE: usize = 100;

/// Bytes of the address at a push service that a browser gives, at most.
pub const PUSH_ENDPOINT_BYTES: usize = 2_048;
/// How often in a row a push service refuses what is sent to a subscription before that is forgotten. A key
/// that the service does not take any more is refused each time, and never as gone.
pub const PUSH_REFUSALS: u32 = 5;
/// Subscriptions of which it is remembered that they were refused; with more, the counting begins anew.
pub const PUSH_REFUSING: usize = 10_000;
/// Devices of one account that are told by Web Push, at most.
pub const PUSH_DEVICES_PER_USER: usize = 20;
/// Characters of a message's text that a notification carries; the rest is cut off.
pub const PUSH_TEXT_CHARS: usize = 400;
/// Messages that may wait for their notifications to be sent; past it none are sent.
pub const PUSH_QUEUE: usize = 4_096;
/// How long a message waits, so that whoever reads it at once is not told of it elsewhere.
pub const PUSH_DELAY: Duration = Duration::from_secs(1);
/// Devices whose notifications are decided on together.
pub const PUSH_PAGE: usize = 500;
/// Notifications that are sent at once.
pub const PUSHES_AT_ONCE: usize = 128;
/// Of those, how many go to one push service.
pub const PUSHES_PER_HOST: usize = 48;
/// Of those, how many go to the devices of one account.
pub const PUSHES_PER_ACCOUNT: usize = 8;
/// Notifications that wait for a place among these.
pub const PUSHES_WAITING: usize = 2_048;
/// Notifications for one account that wait, are being sent or wait to be tried again, at most; past it they
/// are given up.
pub const PUSHES_PENDING_PER_ACCOUNT: usize = 2 * PUSH_DEVICES_PER_USER;
/// How often in a row a push service may fail, or take more than [`PUSH_SLOW`], before it is left alone.
pub const PUSH_HOST_FAILURES: u32 = 8;
/// For how long that is.
pub const PUSH_HOST_REST: Duration = Duration::from_secs(30);
/// An answer of a push service that takes longer is as bad as none.
pub const PUSH_SLOW: Duration = Duration::from_secs(5);
/// Push services of which it is remembered how they did; with more, the counting begins anew.
pub const PUSH_HOSTS: usize = 4_096;
/// Names of push services that are looked up at once; as many more that were found before.
pub const PUSH_LOOKUPS: usize = 8;
/// How often one notification is tried.
pub const PUSH_ATTEMPTS: u32 = 4;
/// Notifications that may wait to be tried again; past it they are given up.
pub const PUSHES_TO_RETRY: usize = 1_024;
/// How long a notification waits for its second try; for each further one twice as long.
pub const PUSH_RETRY_WAIT: Duration = Duration::from_secs(2);
/// The longest that a push service may ask to wait before the next try; past it, it is given up.
pub const PUSH_RETRY_WAIT_MAX: Duration = Duration::from_secs(10 * 60);
/// How long a push service may take to answer.
pub const PUSH_PATIENCE: Duration = Duration::from_secs(10);
/// How long a push service keeps a notification for a device that is off.
pub const PUSH_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long a session lives without being refreshed.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a session lives that a key opens, from its last use on.
pub const KEY_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// How often it is noted that a key was used.
pub const KEY_USE_NOTED: Duration = Duration::from_secs(24 * 3600);
/// For how long a used refresh token answers with its successor, while that one is unused.
pub const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// A key for sockets opens them for this long; see [`crate::session::Sessions::socket_key`].
pub const SOCKET_KEY_LIFE: Duration = Duration::from_secs(14 * 24 * 3600);
/// Lines of the audit log about signing in that are kept of each action and account, at most.
pub const SIGN_INS_KEPT: usize = 500;
/// How long they are kept.
pub const SIGN_IN_MEMORY: Duration = Duration::from_secs(90 * 24 * 3600);
/// How long attempts to sign in to accounts that do not exist are counted in one line.
pub const REFUSALS_TOGETHER: Duration = Duration::from_secs(3600);
/// Lines of the audit log that are forgotten at once.
pub const AUDIT_FORGOTTEN: usize = 1_000;
/// Names that a name is compared with which may look like it; where there are more, it is refused.
pub const LOOKALIKES_COMPARED: usize = 100;
/// How long an ended session is remembered, for nodes to close its sockets.
pub const ENDED_SESSION_MEMORY: Duration = Duration::from_secs(60);
/// How far behind its last look a node asks for ended sessions: longer than a write transaction takes.
pub const SESSION_LOOK_MARGIN: Duration = Duration::from_secs(30);
/// Sessions that ended, and roles that were set, of which one look tells; with more, every socket is
/// checked instead.
pub const SESSION_CHANGES: usize = 10_000;
/// How often the session and the role of every socket are checked, whatever was told.
pub const SESSION_CHECK_EVERY: Duration = Duration::from_secs(60);
/// Sessions that one query checks, at most.
pub const SESSION_CHECK_SIZE: usize = 1_000;
/// After which a socket serves nothing more, while nobody can say whether its session is still there.
pub const SESSION_UNSURE: Duration = Duration::from_secs(10);

/// Parts of a form, at most; those of the front ends that there are have ten.
pub const FORM_PARTS: usize = 64;
/// Bytes that a part of a form counts for besides its name and its content.
pub const FORM_PART_BYTES: usize = 128;

/// How long an upload waits for its message before it is deleted.
pub const UNUSED_UPLOAD_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long storing an upload may take, all in all.
pub const UPLOAD_TIME: Duration = Duration::from_secs(3600);
/// How long a key for media is good for.
pub const MEDIA_KEY_LIFE: Duration = Duration::from_secs(6 * 3600);

/// How long somebody counts as typing after they said so.
pub const TYPING_LIFE: Duration = Duration::from_secs(5);
/// Members of a chat up to which each is told of everybody's read marker. In a larger one a marker is its
/// owner's alone: every reader times every listener would be more frames than messages.
pub const MARKER_CROWD: i64 = 100;
/// Members of a chat in which others are told who types, at most.
pub const TYPING_CROWD: i64 = 250;
/// How often one person's typing in one chat is passed on, at most.
pub const TYPING_INTERVAL: Duration = Duration::from_secs(2);
/// How long a person must be without connections to count as offline.
pub const OFFLINE_GRACE: Duration = Duration::from_secs(5);
/// How long somebody who has no socket is online after they did something.
pub const VISIT_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long members may have to wait between two messages in slow mode, at most.
pub const SLOW_MODE_MAX: Duration = Duration::from_secs(24 * 3600);

/// Bytes of SQLite's write-ahead log from which on it is cut off, for which the writer waits until nobody reads
/// it. By itself it stays below this as long as reads do not overlap all the time.
pub const SQLITE_LOG_BYTES: u64 = 128 * 1024 * 1024;
/// How long a request waits for the database, which may be starting anew, before it is refused.
pub const DATABASE_WAIT: Duration = Duration::from_secs(5);
/// How long a request waits for what it has asked the database, before it is refused without knowing
/// what came of it. A server that stands still says nothing at all.
pub const DATABASE_ANSWER: Duration = Duration::from_secs(10);
/// How long a change of a chat waits for other changes of it, before it is refused.
pub const CHAT_WAIT: Duration = Duration::from_secs(8);
/// Rows of a deleted chat that one transaction takes away, at most. A chat with fewer messages is gone at once.
pub const CHAT_ERASED_AT_ONCE: usize = 500;
/// What the drafts that are committed together may cost, at most, unless one alone costs more; see
/// [`crate::message::Draft::cost`].
pub const COMMIT_COST: usize = 1_024;
/// How long a socket waits for the database with what it owes its client before it is closed.
pub const DATABASE_ABSENCE: Duration = Duration::from_secs(30);

/// Sockets that one account has open at once, on one node.
pub const SOCKETS_PER_ACCOUNT: usize = 50;
/// Sockets that are open from one address at once, on one node.
pub const SOCKETS_PER_ADDRESS: usize = 500;
/// Connections that are open from one address at once, on one node: its sockets, and as many more.
pub const CONNECTIONS_PER_ADDRESS: usize = 1_000;
/// Descriptors that are kept for other things than connections, such as the database and other nodes.
pub const SPARE_DESCRIPTORS: usize = 256;
/// Control frames, and parts of messages that are empty, that a socket may send within a second.
pub const CONTROL_FRAMES_PER_SECOND: u32 = 100;
/// Bytes that a connection is handed at once. It copies them, so that it never holds much more of a large
/// answer than that.
pub const OUTPUT_PIECE_BYTES: usize = 16 * 1024;
/// Bytes that wait to be written to one socket, at about which nothing more is read from it. One answer
/// may go past it.
pub const SOCKET_OUTPUT_BYTES: usize = 256 * 1024;
/// Bytes that are on their way to one account, over all its connections to one node, at most; answers that
/// are made count as [`ANSWER_BYTES`].
pub const ACCOUNT_OUTPUT_BYTES: usize = 32 * ANSWER_BYTES;
/// Bytes that an answer is taken to have while it is made.
pub const ANSWER_BYTES: usize = PAGE_BYTES;
/// Accounts or addresses whose use of one limit is remembered at once, at most.
pub const RATE_KEYS: usize = 65_536;
