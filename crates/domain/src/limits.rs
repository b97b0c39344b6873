//! Every limit, by name. Reaching one leads to a clear error, never to a silent loss.

mod accounts;
mod chosen;
mod data;
mod idempotency;
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
pub use idempotency::{
    IDEMPOTENCY_ANSWER_BYTES, IDEMPOTENCY_KEY_CHARS, IDEMPOTENCY_KEYS, IDEMPOTENCY_MEMORY,
    IDEMPOTENCY_PATIENCE, IDEMPOTENCY_UPLOAD_PATIENCE,
};
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
    HOST_PEOPLE_LINES, HOST_PEOPLE_TOGETHER, HOST_PICTURE_ADDRESS_BYTES, HOST_PICTURE_BYTES,
    HOST_PICTURE_LEASE, HOST_PICTURE_PATIENCE, HOST_PICTURE_TRIES, HOST_PICTURE_WAIT,
    HOST_PICTURES_TOGETHER, HOST_SECRET_BYTES, HOST_TOKEN_BYTES, HOST_TOKEN_LEEWAY,
    PROVIDER_ADDRESSES_AGE, PROVIDER_ATTEMPT_LIFE, PROVIDER_NAME_CHARS, SOCKET_TOKEN_NOTICE,
};

use std::time::Duration;

/// Characters of a user name, at most (the existing front ends allow as many).
pub const USER_NAME_CHARS: usize = 150;
/// How many names are tried, at most, where the server picks a free one: numbers are added to a taken name.
pub const FREE_NAME_ATTEMPTS: u32 = 20;
/// Characters of a user name, a first or a last name after folding, at most, which writes some characters out as
/// several (`⁗` as four, `ﷺ` as eighteen). Longer names from before this limit stay.
pub const NAME_FOLDED_CHARS: usize = 300;
/// Characters of a first or last name, at most.
pub const PERSON_NAME_CHARS: usize = 150;
/// Characters of a profile's biography, at most.
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
/// Characters of a chat's description, at most.
pub const DESCRIPTION_CHARS: usize = 1_000;
/// Chats that somebody has written in which are listed for them, at most.
pub const WRITTEN_CHATS: usize = 1_000;
/// How many of a chat's newest messages are searched for those who wrote in it.
pub const WRITERS_AMONG: usize = 1_000;
/// How many of a direct chat's newest messages are searched for one that the other person wrote.
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
/// Reactions to one message, at most: all of them are sent with it.
pub const REACTIONS_PER_MESSAGE: usize = 1_000;
/// Pinned messages of one chat, at most.
pub const PINS_PER_CHAT: usize = 50;
/// Starred messages of one person, at most.
pub const STARS_PER_USER: usize = 10_000;
/// Earlier texts of one message that are kept: the first, and the newest of the others.
pub const EDITS_KEPT: usize = 50;
/// How many `@` in one message are looked at for a name after them; further ones are plain text.
pub const MENTIONS_PER_MESSAGE: usize = 50;
/// How many possible names in one message are looked up, at most. Names may contain spaces, so after each `@`
/// every end of a word may be the end of a name. Beyond that, it is plain text.
pub const MENTION_CANDIDATES: usize = 2_500;
/// Words of one message that are indexed, at most, repetitions included: all words of a text with spaces, and
/// about 4,000 characters of a text without.
pub const MESSAGE_WORDS: usize = 8_192;
/// How many characters of a word are indexed and compared.
pub const WORD_CHARS: usize = 64;
/// Characters that a prefix in a search must have at least; shorter ones match whole words only.
pub const SEARCH_PREFIX_CHARS: usize = 2;
/// The highest count of unread messages; this number means as many or more. Counting reads a row for each, in
/// every chat of a list, so a higher limit would make unread lists slow.
pub const UNREAD_COUNT_MAX: usize = 100;
/// How many of a chat's newest messages are looked at for unread ones. One's own and deleted messages among them
/// are not counted.
pub const UNREAD_AMONG: usize = 1_000;
/// Characters of a device's description that are kept; the rest is cut off.
pub const DEVICE_CHARS: usize = 200;
/// Characters of a search, at most, before and after folding.
pub const SEARCH_CHARS: usize = 200;
/// The same for a search for people; lower, because it is compared with every position of every name.
pub const PEOPLE_SEARCH_CHARS: usize = 100;
/// Characters of messages that one search may compare, at most: about 20 ms of work. What the index answers
/// does not count.
pub const SEARCH_WORK_CHARS: usize = 250_000;
/// Matches in other people's chats that one search skips, at most, before it returns what it has so far.
pub const SEARCH_PASSED_OVER: usize = 20_000;
/// Accounts that one search for people looks through, at most, before it returns what it has so far.
pub const PEOPLE_SEARCHED: usize = 100_000;
/// Searches of one account that run at once on one node; others wait.
pub const SEARCHES_AT_ONCE: usize = 1;
/// Searches of one account that may wait for that, at most.
pub const SEARCHES_WAITING: usize = 8;

/// People whom somebody may block, at most.
pub const BLOCKS: usize = 1_000;
/// Characters of a file's name that are kept; the rest is cut off.
pub const FILE_NAME_CHARS: usize = 200;

/// Bytes of an uploaded file, at most.
pub const FILE_BYTES: u64 = 25 * 1024 * 1024;
/// Bytes of an uploaded picture, at most: it is read into memory as a whole.
pub const IMAGE_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Pixels of a picture, at most: those of a phone's 24 megapixels fit.
pub const IMAGE_PIXELS: u64 = 24_500_000;
/// Pixels of a picture's longer side, at most.
pub const IMAGE_SIDE: u32 = 16_384;
/// Bytes of memory that the decoder of a picture may allocate, at most.
pub const IMAGE_MEMORY: u64 = 74_500_000;
/// Bytes of memory of the process that decodes pictures, at most, enforced by the operating system.
pub const PICTURE_MEMORY: u64 = 93_500_000;
/// CPU time of that process, at most.
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
/// Uploads of one account that are in no message yet, at most, including those in progress.
pub const UNUSED_UPLOADS: usize = 50;

/// Members of a group, at most.
pub const GROUP_MEMBERS: usize = 1_000;
/// People in an open room, at most.
pub const ROOM_MEMBERS: usize = 10_000;
/// Sessions of one account, at most. With one more, the one that was unused for the longest ends.
pub const SESSIONS_PER_USER: usize = 100;
/// Passwords that may wait to be hashed: so many from known origins, from which somebody signed in recently,
/// and so many from others. At a third of a second for each, that is over half a minute's work.
pub const HASHES_WAITING: usize = 128;
/// Of those, how many may come from one origin.
pub const HASHES_PER_ORIGIN: usize = 32;
/// How many known origins are remembered: at least so many, and at most twice as many.
pub const KNOWN_ORIGINS: usize = 4_096;
/// The cost of an imported bcrypt hash, at most: about one and a half seconds of work.
pub const IMPORT_BCRYPT_COST_MAX: u32 = 14;
/// Rounds of an imported PBKDF2 hash, at most: about half a second of work.
pub const PBKDF2_ROUNDS_MAX: u32 = 2_000_000;
/// The highest imported id: half of all ids, so that enough are left for new ones.
pub const IMPORT_ID_MAX: i64 = 1 << 52;
/// Rows of a page unless told otherwise.
pub const PAGE_DEFAULT: usize = 50;
/// Messages on a page of a search by default: more than a screen shows, but few, since each has to be found.
pub const SEARCH_PAGE_DEFAULT: usize = 20;
/// Rows of a page, at most.
pub const PAGE_MAX: usize = 200;
/// The approximate bytes after which a page ends even if it has fewer rows than it may; it has at least one row.
/// Rows are small, so this is rarely reached, but 200 messages of 8,192 characters do.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// The bytes of an answer in protocols that have no pages.
pub const WINDOW_BYTES: usize = 4 * PAGE_BYTES;
/// Members of several chats in one answer.
pub const MEMBERS_TOGETHER: usize = 20_000;
/// Chats on a page of the chat list, at most: clients read the whole list when they start.
pub const CHAT_PAGE_MAX: usize = 500;
/// Chats that one `resume` may name.
pub const RESUME_CHATS: usize = 1_000;
/// People that hear of one person's presence, at most.
pub const PRESENCE_AUDIENCE: usize = 10_000;
/// Members of a chat that shows its members each other's presence, at most. The number of events grows with the
/// square: five thousand people who come back after a restart would cause 25 million.
pub const PRESENCE_CROWD: usize = 1_000;
/// How often pending presence changes are sent: the length of a slice.
pub const PRESENCE_SLICE: Duration = Duration::from_millis(100);
/// About how many presence events are delivered in one slice.
pub const PRESENCE_SLICE_DELIVERIES: usize = 5_000;
/// People whose last-seen times are kept while they cannot be stored, at most.
pub const LAST_SEEN_KEPT: usize = 100_000;
/// How many different last-seen times are stored in one second, at most.
pub const LAST_SEEN_TIMES: usize = 64;
/// People whose changes are sent in one slice, at most.
pub const PRESENCE_SLICE_PEOPLE: usize = 100;

/// Bytes of the address at a push service that a browser gives, at most.
pub const PUSH_ENDPOINT_BYTES: usize = 2_048;
/// How often in a row a push service may refuse a subscription's notifications before it is deleted. If the
/// service no longer accepts a key, it refuses each time, without saying that the subscription is gone.
pub const PUSH_REFUSALS: u32 = 5;
/// Subscriptions whose refusals are counted, at most; with more, counting starts again.
pub const PUSH_REFUSING: usize = 10_000;
/// Devices of one account that have a Web Push subscription, at most.
pub const PUSH_DEVICES_PER_USER: usize = 20;
/// Characters of a message's text that a notification carries; the rest is cut off.
pub const PUSH_TEXT_CHARS: usize = 400;
/// Messages that may wait for their notifications; beyond that, messages cause none.
pub const PUSH_QUEUE: usize = 4_096;
/// How long notifications wait, so that somebody who reads the message at once gets none on other devices.
pub const PUSH_DELAY: Duration = Duration::from_secs(1);
/// Messages whose notifications are decided on together, at most.
pub const PUSHES_TOGETHER: usize = 128;
/// Devices whose notifications are decided on together.
pub const PUSH_PAGE: usize = 500;
/// Notifications that are sent at once.
pub const PUSHES_AT_ONCE: usize = 128;
/// Of those, how many go to one push service.
pub const PUSHES_PER_HOST: usize = 48;
/// Of those, how many go to the devices of one account.
pub const PUSHES_PER_ACCOUNT: usize = 8;
/// Notifications that may wait for one of these places.
pub const PUSHES_WAITING: usize = 2_048;
/// Notifications for one account that wait, are being sent or wait to be tried again, at most; further ones are
/// dropped.
pub const PUSHES_PENDING_PER_ACCOUNT: usize = 2 * PUSH_DEVICES_PER_USER;
/// How often in a row a push service may fail, or take more than [`PUSH_SLOW`], before nothing is sent to it
/// for a while.
pub const PUSH_HOST_FAILURES: u32 = 8;
/// How long that lasts.
pub const PUSH_HOST_REST: Duration = Duration::from_secs(30);
/// How long a push service may take to answer without counting as failed.
pub const PUSH_SLOW: Duration = Duration::from_secs(5);
/// Push services whose failures are counted, at most; with more, counting starts again.
pub const PUSH_HOSTS: usize = 4_096;
/// Host names, of push services or of pictures, that are resolved at once; as many more if they were resolved before.
pub const LOOKUPS: usize = 8;
/// Host names that are known to have been resolved before, at most; with more, that begins again.
pub const LOOKUP_NAMES: usize = 4_096;
/// How often one notification is tried.
pub const PUSH_ATTEMPTS: u32 = 4;
/// Notifications that may wait to be tried again; further ones are dropped.
pub const PUSHES_TO_RETRY: usize = 1_024;
/// How long a notification waits before its second attempt; doubled for each further one.
pub const PUSH_RETRY_WAIT: Duration = Duration::from_secs(2);
/// The longest that a push service may ask to wait before the next attempt; beyond that, the notification is
/// dropped.
pub const PUSH_RETRY_WAIT_MAX: Duration = Duration::from_secs(10 * 60);
/// How long a push service may take to answer.
pub const PUSH_PATIENCE: Duration = Duration::from_secs(10);
/// How long a push service keeps a notification for a device that is off.
pub const PUSH_LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long a session lasts without being refreshed.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a key's session lasts after its last use.
pub const KEY_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// How often a key's use is recorded.
pub const KEY_USE_NOTED: Duration = Duration::from_secs(24 * 3600);
/// How long a used refresh token still returns its successor, as long as that one is unused: a client may
/// have lost the first answer.
pub const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// How long a socket key can open sockets; see [`crate::session::Sessions::socket_key`].
pub const SOCKET_KEY_LIFE: Duration = Duration::from_secs(14 * 24 * 3600);
/// Sign-in entries of the audit log that are kept for each action and account, at most.
pub const SIGN_INS_KEPT: usize = 500;
/// How long they are kept.
pub const SIGN_IN_MEMORY: Duration = Duration::from_secs(90 * 24 * 3600);
/// For how long attempts to sign in to accounts that do not exist share one entry of the audit log.
pub const REFUSALS_TOGETHER: Duration = Duration::from_secs(3600);
/// Rows that are deleted at once of what has expired, so that nothing waits for long.
pub const FORGOTTEN_TOGETHER: usize = 500;
/// Entries of the audit log that are deleted at once.
pub const AUDIT_FORGOTTEN: usize = 1_000;
/// Possible lookalikes that a new name is compared with; if there are more, it is refused.
pub const LOOKALIKES_COMPARED: usize = 100;
/// How long an ended session is remembered, for nodes to close its sockets.
pub const ENDED_SESSION_MEMORY: Duration = Duration::from_secs(60);
/// How far behind its last look a node asks for ended sessions: longer than a write transaction takes.
pub const SESSION_LOOK_MARGIN: Duration = Duration::from_secs(30);
/// Ended sessions and set roles that one look returns, at most; with more, every socket is checked instead.
pub const SESSION_CHANGES: usize = 10_000;
/// How often the session and the role of every socket are checked in any case.
pub const SESSION_CHECK_EVERY: Duration = Duration::from_secs(60);
/// Sessions that one query checks, at most.
pub const SESSION_CHECK_SIZE: usize = 1_000;
/// For how long after a look at its session a request that only reads relies on it. Meanwhile the session may have
/// ended on another node.
pub const SESSION_RECENT: Duration = Duration::from_millis(500);
/// How long a socket is still served while its session cannot be checked.
pub const SESSION_UNSURE: Duration = Duration::from_secs(10);

/// Parts of a form, at most; the existing front ends send ten.
pub const FORM_PARTS: usize = 64;
/// Bytes that each part of a form counts for in addition to its name and content.
pub const FORM_PART_BYTES: usize = 128;

/// How long an upload waits for its message before it is deleted.
pub const UNUSED_UPLOAD_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long storing an upload may take in total.
pub const UPLOAD_TIME: Duration = Duration::from_secs(3600);
/// How long a media key is valid.
pub const MEDIA_KEY_LIFE: Duration = Duration::from_secs(6 * 3600);

/// How long somebody counts as typing after their client said so.
pub const TYPING_LIFE: Duration = Duration::from_secs(5);
/// Members of a chat in which everybody sees everybody's read marker, at most. In a larger one only its owner
/// sees a marker: a frame from every reader to every member would be more frames than messages.
pub const MARKER_CROWD: i64 = 100;
/// Members of a chat that shows who is typing, at most.
pub const TYPING_CROWD: i64 = 250;
/// The shortest time between two typing events of one person in one chat.
pub const TYPING_INTERVAL: Duration = Duration::from_secs(2);
/// How long a person must be without connections to count as offline.
pub const OFFLINE_GRACE: Duration = Duration::from_secs(5);
/// How long somebody without a socket counts as online after a request.
pub const VISIT_LIFE: Duration = Duration::from_secs(5 * 60);
/// The longest slow mode: how long members have to wait between two messages.
pub const SLOW_MODE_MAX: Duration = Duration::from_secs(24 * 3600);

/// Bytes of SQLite's write-ahead log above which it is truncated, for which the writer waits until nobody reads
/// it. It stays below this by itself unless reads overlap all the time.
pub const SQLITE_LOG_BYTES: u64 = 128 * 1024 * 1024;
/// How long a request waits for a database connection before it is refused; the database may be restarting.
pub const DATABASE_WAIT: Duration = Duration::from_secs(5);
/// How long a request waits for the database's answer, before it fails without knowing the outcome. A
/// suspended server sends nothing at all, not even an error.
pub const DATABASE_ANSWER: Duration = Duration::from_secs(10);
/// How long a change of a chat waits for other changes of it, before it is refused.
pub const CHAT_WAIT: Duration = Duration::from_secs(8);
/// Messages of a chat that is deleted at once, at most. A larger one is erased later, in steps.
pub const CHAT_ERASED_AT_ONCE: usize = 500;
/// Rows of a deleted chat that one of these steps deletes, at most: few enough that whoever sends meanwhile hardly
/// waits for it.
pub const CHAT_ERASED_IN_A_STEP: usize = 50;
/// The total cost of the drafts that are committed together, at most, unless one alone costs more; see
/// [`crate::message::Draft::cost`].
pub const COMMIT_COST: usize = 1_024;
/// How long a socket waits for a database that is unavailable, with events that it has to read for its
/// client, before it is closed.
pub const DATABASE_ABSENCE: Duration = Duration::from_secs(30);

/// Open sockets of one account on one node, at most.
pub const SOCKETS_PER_ACCOUNT: usize = 50;
/// Open sockets from one address on one node, at most.
pub const SOCKETS_PER_ADDRESS: usize = 500;
/// Open connections from one address on one node, at most: its sockets, and as many others.
pub const CONNECTIONS_PER_ADDRESS: usize = 1_000;
/// File descriptors that are reserved for other things than clients' connections, such as the database and other
/// nodes.
pub const SPARE_DESCRIPTORS: usize = 256;
/// Control frames and empty fragments that a socket may send within a second.
pub const CONTROL_FRAMES_PER_SECOND: u32 = 100;
/// Bytes that are passed to a connection at once. It copies them, so that it never holds much more than that of a
/// large answer.
pub const OUTPUT_PIECE_BYTES: usize = 16 * 1024;
/// Bytes waiting to be written to one socket above which no more requests are read from it. A single answer may
/// exceed it.
pub const SOCKET_OUTPUT_BYTES: usize = 256 * 1024;
/// Bytes waiting to be written to one account, over all its connections to one node, at most. An answer that is
/// still being made counts as [`ANSWER_BYTES`].
pub const ACCOUNT_OUTPUT_BYTES: usize = 32 * ANSWER_BYTES;
/// The bytes that an answer counts as while it is being made.
pub const ANSWER_BYTES: usize = PAGE_BYTES;
/// Accounts or addresses that one rate limit keeps counters for, at most.
pub const RATE_KEYS: usize = 65_536;
