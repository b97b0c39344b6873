-- Times are microseconds since 1970 (UTC). AUTOINCREMENT keeps an id from ever being used again.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    -- Nothing once the account was deleted, which frees its name.
    name_folded   TEXT    UNIQUE,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (length(role) BETWEEN 1 AND 32),
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at    INTEGER NOT NULL,
    last_seen_at  INTEGER,
    first_name    TEXT    NOT NULL DEFAULT '',
    last_name     TEXT    NOT NULL DEFAULT '',
    bio           TEXT    NOT NULL DEFAULT '',
    email         TEXT    NOT NULL DEFAULT '',
    -- The folded names that a search looks into.
    searched      TEXT    NOT NULL,
    -- For nodes to tell their sockets.
    role_set_at   INTEGER,
    deleted_at    INTEGER,
    -- What becomes of its messages, until that is done.
    deletion      TEXT    CHECK (deletion IN ('keep', 'delete')),
    CHECK ((deleted_at IS NULL) = (name_folded IS NOT NULL))
) STRICT;
CREATE INDEX users_deletion ON users (deleted_at) WHERE deletion IS NOT NULL;
CREATE INDEX users_role_set_at ON users (role_set_at) WHERE role_set_at IS NOT NULL;

-- Who wants nothing of whom.
CREATE TABLE blocks (
    blocker_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since      INTEGER NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_blocked_id ON blocks (blocked_id);

-- Who managed what. Ids are plain numbers: what they name may be gone.
CREATE TABLE audit_log (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    -- Nothing for the operator, who has no account.
    actor_id  INTEGER,
    action    TEXT    NOT NULL,
    target_id INTEGER NOT NULL,
    detail    TEXT    NOT NULL
) STRICT;

-- A session that ends is deleted here and noted in ended_sessions, in one transaction.
CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seed         BLOB    NOT NULL CHECK (length(seed) = 16),
    generation   INTEGER NOT NULL,
    device       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    -- What a key that opens the session is known by.
    key_hash     BLOB    UNIQUE CHECK (length(key_hash) = 32)
) STRICT;
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE ended_sessions (
    session_id INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX ended_sessions_ended_at ON ended_sessions (ended_at);

CREATE TABLE tickets (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_session_id ON tickets (session_id);
CREATE INDEX tickets_expires_at ON tickets (expires_at);

-- Where the device of a session is reached by Web Push. An endpoint is one browser's.
CREATE TABLE push_subscriptions (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    -- That of the session.
    user_id    INTEGER NOT NULL,
    endpoint   TEXT    NOT NULL UNIQUE,
    p256dh     BLOB    NOT NULL CHECK (length(p256dh) = 65),
    auth       BLOB    NOT NULL CHECK (length(auth) = 16),
    -- What a notification may carry.
    content    TEXT    NOT NULL CHECK (content IN ('sender', 'sender_and_text')),
    expires_at INTEGER
) STRICT;
CREATE INDEX push_subscriptions_user_id ON push_subscriptions (user_id);

CREATE TABLE chats (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL
        CHECK (kind IN ('direct', 'group', 'project', 'room', 'whisper')),
    title      TEXT,
    description TEXT   NOT NULL DEFAULT '',
    -- What a chat is found by that is opened and never made twice.
    key        TEXT    UNIQUE,
    project_id INTEGER,
    parent_id  INTEGER REFERENCES chats (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    -- The version of the last change of the settings.
    version    INTEGER NOT NULL,
    CHECK ((kind = 'group') = (key IS NULL)),
    CHECK ((kind = 'project') = (project_id IS NOT NULL)),
    CHECK ((kind = 'whisper') = (parent_id IS NOT NULL))
) STRICT;
CREATE INDEX chats_parent_id ON chats (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX chats_rooms ON chats (id) WHERE kind = 'room';

-- What every message changes, in a small row of its own. Whoever changes a chat locks this first.
CREATE TABLE chat_heads (
    chat_id      INTEGER PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE,
    last_seq     INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    active_at    INTEGER NOT NULL,
    member_count INTEGER NOT NULL,
    -- Seconds that a plain member waits between two messages.
    slow_mode    INTEGER NOT NULL,
    -- Whether nobody may write here now: one of the two is not in it, disabled,
    -- deleted, or has blocked the other.
    closed       INTEGER NOT NULL CHECK (closed IN (0, 1))
) STRICT;

-- Who left keeps the row, so that the others can learn of it; coming back uses it again.
CREATE TABLE members (
    chat_id   INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id   INTEGER NOT NULL REFERENCES users (id),
    role      TEXT    NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
    joined_at INTEGER NOT NULL,
    left_at   INTEGER,
    read_seq  INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    -- What the member wants of the chat; nobody else's business and no change of the chat.
    muted_until INTEGER,
    pinned    INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    archived  INTEGER NOT NULL CHECK (archived IN (0, 1)),
    -- When they last sent something while the chat was in slow mode.
    last_sent_at INTEGER,
    PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user_id ON members (user_id, chat_id);

CREATE TABLE bans (
    chat_id   INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    banned_by INTEGER NOT NULL,
    reason    TEXT,
    banned_at INTEGER NOT NULL,
    until     INTEGER,
    PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bans_user_id ON bans (user_id);

-- The author is a member or was one, which the same transaction checks: a foreign key on the
-- account would look at it again for every message.
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL REFERENCES chat_heads (chat_id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    -- The version of its last change, and that of its creation, which rises with the seq.
    version    INTEGER NOT NULL,
    created_version INTEGER NOT NULL,
    author_id  INTEGER NOT NULL,
    client_id  TEXT,
    -- A plain number: the message that it names may be gone one day, and the answer stays.
    reply_to   INTEGER,
    text       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    edited_at  INTEGER,
    deleted_at INTEGER,
    -- What may hang on the message, as bits; each has a table of its own.
    extras     INTEGER NOT NULL,
    pinned_at  INTEGER,
    UNIQUE (chat_id, seq),
    UNIQUE (author_id, client_id)
) STRICT;
-- Only those that changed after they were created: the others are found by their seq.
CREATE INDEX messages_changed ON messages (chat_id, version) WHERE version > created_version;
CREATE INDEX messages_pinned ON messages (chat_id, pinned_at) WHERE pinned_at IS NOT NULL;

-- What hangs on messages goes with them by hand: keys would look for it message by message.
-- An emoji keeps its place, the version of its first use, while anybody uses it.
CREATE TABLE reactions (
    message_id INTEGER NOT NULL,
    emoji      TEXT    NOT NULL,
    user_id    INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_user_id ON reactions (user_id);

-- What a message said up to some version of its chat.
CREATE TABLE message_edits (
    message_id INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    text       TEXT    NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (message_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE stars (
    user_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stars_message_id ON stars (message_id);

-- The author and the place are those of the message, so that counting reads nothing else.
CREATE TABLE mentions (
    message_id INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    author_id  INTEGER NOT NULL,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_user_id ON mentions (user_id, chat_id, seq, author_id);

-- The words of each message under its id, as the domain splits and folds them, and marks for its chat
-- and its author, which hold an underscore and so are no words. The tokenizer splits at spaces only.
CREATE VIRTUAL TABLE message_search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
);
-- Bytes in the store of files that nothing refers to: on their way in until they are due, on their
-- way out from then on. A key is here before the first byte is stored.
CREATE TABLE loose_files (
    file_key TEXT    NOT NULL PRIMARY KEY,
    -- Who is about to store them; nobody once they are to go.
    owner_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    due_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX loose_files_owner_id ON loose_files (owner_id);
CREATE INDEX loose_files_due_at ON loose_files (due_at);

-- A message that goes without taking these along leaves uploads that nobody used.
CREATE TABLE attachments (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id   INTEGER NOT NULL REFERENCES users (id),
    file_key   TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    mime       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    -- Of pictures.
    width      INTEGER,
    height     INTEGER,
    preview    TEXT,
    created_at INTEGER NOT NULL,
    message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    -- Its place in the message.
    place      INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_message_id ON attachments (message_id, place);
CREATE INDEX attachments_owner_id ON attachments (owner_id, id);
CREATE INDEX attachments_unused ON attachments (owner_id) WHERE message_id IS NULL;
CREATE INDEX attachments_waiting ON attachments (created_at) WHERE message_id IS NULL;

CREATE TABLE avatars (
    user_id  INTEGER PRIMARY KEY REFERENCES users (id),
    file_key TEXT    NOT NULL UNIQUE
) STRICT;

-- What the nodes of an installation have in common.
CREATE TABLE agreements (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
