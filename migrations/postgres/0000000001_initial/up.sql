-- Ids stay below 2^53 so that JavaScript reads them exactly; a sequence never gives one out twice.

CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) PRIMARY KEY,
    name          text        NOT NULL,
    -- Nothing once the account was deleted, which frees its name.
    name_folded   text        UNIQUE,
    password_hash text        NOT NULL,
    role          text        NOT NULL CHECK (length(role) BETWEEN 1 AND 32),
    active        boolean     NOT NULL,
    created_at    timestamptz NOT NULL,
    last_seen_at  timestamptz,
    first_name    text        NOT NULL DEFAULT '',
    last_name     text        NOT NULL DEFAULT '',
    bio           text        NOT NULL DEFAULT '',
    email         text        NOT NULL DEFAULT '',
    -- The folded names that a search looks into.
    searched      text        NOT NULL,
    -- For nodes to tell their sockets.
    role_set_at   timestamptz,
    deleted_at    timestamptz,
    -- What becomes of its messages, until that is done.
    deletion      text        CHECK (deletion IN ('keep', 'delete')),
    CHECK ((deleted_at IS NULL) = (name_folded IS NOT NULL))
);
CREATE INDEX users_deletion ON users (deleted_at) WHERE deletion IS NOT NULL;
CREATE INDEX users_role_set_at ON users (role_set_at) WHERE role_set_at IS NOT NULL;

-- Who wants nothing of whom.
CREATE TABLE blocks (
    blocker_id bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_id bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since      timestamptz NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
);
CREATE INDEX blocks_blocked_id ON blocks (blocked_id);

-- Who managed what. Ids are plain numbers: what they name may be gone.
CREATE TABLE audit_log (
    id        bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) PRIMARY KEY,
    at        timestamptz NOT NULL,
    -- Nothing for the operator, who has no account.
    actor_id  bigint,
    action    text        NOT NULL,
    target_id bigint      NOT NULL,
    detail    text        NOT NULL
);

-- A session that ends is deleted here and noted in ended_sessions, in one transaction.
CREATE TABLE sessions (
    id           bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) PRIMARY KEY,
    user_id      bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seed         bytea       NOT NULL CHECK (length(seed) = 16),
    generation   bigint      NOT NULL,
    device       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    -- What a key that opens the session is known by.
    key_hash     bytea       UNIQUE CHECK (length(key_hash) = 32)
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE ended_sessions (
    session_id bigint      PRIMARY KEY,
    user_id    bigint      NOT NULL,
    ended_at   timestamptz NOT NULL
);
CREATE INDEX ended_sessions_ended_at ON ended_sessions (ended_at);

CREATE TABLE tickets (
    hash       bytea       PRIMARY KEY CHECK (length(hash) = 32),
    session_id bigint      NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX tickets_session_id ON tickets (session_id);
CREATE INDEX tickets_expires_at ON tickets (expires_at);

CREATE TABLE chats (
    id         bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) PRIMARY KEY,
    kind       text        NOT NULL
        CHECK (kind IN ('direct', 'group', 'project', 'room', 'whisper')),
    title      text,
    description text       NOT NULL DEFAULT '',
    -- What a chat is found by that is opened and never made twice.
    key        text        UNIQUE,
    project_id bigint,
    parent_id  bigint      REFERENCES chats (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    -- The version of the last change of the settings.
    version    bigint      NOT NULL,
    CHECK ((kind = 'group') = (key IS NULL)),
    CHECK ((kind = 'project') = (project_id IS NOT NULL)),
    CHECK ((kind = 'whisper') = (parent_id IS NOT NULL))
);
CREATE INDEX chats_parent_id ON chats (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX chats_rooms ON chats (id) WHERE kind = 'room';

-- What every message changes, in a small row of its own. Whoever changes a chat locks this first.
-- Half of each page stays free, so that an update needs neither a new page nor a new index entry.
CREATE TABLE chat_heads (
    chat_id      bigint      PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE,
    last_seq     bigint      NOT NULL,
    version      bigint      NOT NULL,
    active_at    timestamptz NOT NULL,
    member_count bigint      NOT NULL,
    -- Seconds that a plain member waits between two messages.
    slow_mode    bigint      NOT NULL,
    -- Whether nobody may write here now: one of the two is not in it, disabled,
    -- deleted, or has blocked the other.
    closed       boolean     NOT NULL
) WITH (fillfactor = 50);

-- Who left keeps the row, so that the others can learn of it; coming back uses it again.
CREATE TABLE members (
    chat_id   bigint      NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id   bigint      NOT NULL REFERENCES users (id),
    role      text        NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
    joined_at timestamptz NOT NULL,
    left_at   timestamptz,
    read_seq  bigint      NOT NULL,
    version   bigint      NOT NULL,
    -- What the member wants of the chat; nobody else's business and no change of the chat.
    muted_until timestamptz,
    pinned    boolean     NOT NULL,
    archived  boolean     NOT NULL,
    -- When they last sent something while the chat was in slow mode.
    last_sent_at timestamptz,
    PRIMARY KEY (chat_id, user_id)
) WITH (fillfactor = 80);
CREATE INDEX members_user_id ON members (user_id, chat_id);

CREATE TABLE bans (
    chat_id   bigint      NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id   bigint      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    banned_by bigint      NOT NULL,
    reason    text,
    banned_at timestamptz NOT NULL,
    until     timestamptz,
    PRIMARY KEY (chat_id, user_id)
);
CREATE INDEX bans_user_id ON bans (user_id);

-- The author is a member or was one, which the same transaction checks: a foreign key on the
-- account would lock it again for every message. The head is locked already, so its key is cheap.
-- The primary key is the order in which pages are read: with one on the id, a quiet chat in a busy
-- table is read through everybody else's messages.
CREATE TABLE messages (
    id         bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) UNIQUE,
    chat_id    bigint      NOT NULL REFERENCES chat_heads (chat_id) ON DELETE CASCADE,
    seq        bigint      NOT NULL,
    -- The version of its last change, and that of its creation, which rises with the seq.
    version    bigint      NOT NULL,
    created_version bigint NOT NULL,
    author_id  bigint      NOT NULL,
    client_id  text,
    -- A plain number: the message that it names may be gone one day, and the answer stays.
    reply_to   bigint,
    text       text        NOT NULL,
    created_at timestamptz NOT NULL,
    edited_at  timestamptz,
    deleted_at timestamptz,
    -- What may hang on the message, as bits; each has a table of its own.
    extras     bigint      NOT NULL,
    pinned_at  timestamptz,
    PRIMARY KEY (chat_id, seq),
    UNIQUE (author_id, client_id)
);
-- Only those that changed after they were created: the others are found by their seq.
CREATE INDEX messages_changed ON messages (chat_id, version) WHERE version > created_version;
CREATE INDEX messages_pinned ON messages (chat_id, pinned_at) WHERE pinned_at IS NOT NULL;

-- What hangs on messages goes with them by hand: keys would look for it message by message.
-- An emoji keeps its place, the version of its first use, while anybody uses it.
CREATE TABLE reactions (
    message_id bigint NOT NULL,
    emoji      text   NOT NULL,
    user_id    bigint NOT NULL,
    place      bigint NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
);
CREATE INDEX reactions_user_id ON reactions (user_id);

-- What a message said up to some version of its chat.
CREATE TABLE message_edits (
    message_id bigint      NOT NULL,
    version    bigint      NOT NULL,
    text       text        NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, version)
);

CREATE TABLE stars (
    user_id    bigint NOT NULL,
    message_id bigint NOT NULL,
    PRIMARY KEY (user_id, message_id)
);
CREATE INDEX stars_message_id ON stars (message_id);

-- The author and the place are those of the message, so that counting reads nothing else.
CREATE TABLE mentions (
    message_id bigint NOT NULL,
    user_id    bigint NOT NULL,
    chat_id    bigint NOT NULL,
    seq        bigint NOT NULL,
    author_id  bigint NOT NULL,
    PRIMARY KEY (message_id, user_id)
);
CREATE INDEX mentions_user_id ON mentions (user_id, chat_id, seq, author_id);

-- The words of each message, as the domain splits and folds them, and marks for its chat and its
-- author, which hold an underscore and so are no words.
CREATE TABLE message_search (
    message_id bigint   PRIMARY KEY,
    chat_id    bigint   NOT NULL,
    words      tsvector NOT NULL
);
CREATE INDEX message_search_words ON message_search USING gin (words);
-- Bytes in the store of files that nothing refers to: on their way in until they are due, on their
-- way out from then on. A key is here before the first byte is stored.
CREATE TABLE loose_files (
    file_key text        PRIMARY KEY,
    -- Who is about to store them; nobody once they are to go.
    owner_id bigint      REFERENCES users (id) ON DELETE SET NULL,
    due_at   timestamptz NOT NULL
);
CREATE INDEX loose_files_owner_id ON loose_files (owner_id);
CREATE INDEX loose_files_due_at ON loose_files (due_at);

-- A message that goes without taking these along leaves uploads that nobody used.
CREATE TABLE attachments (
    id         bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) PRIMARY KEY,
    owner_id   bigint      NOT NULL REFERENCES users (id),
    file_key   text        NOT NULL UNIQUE,
    name       text        NOT NULL,
    mime       text        NOT NULL,
    size       bigint      NOT NULL,
    -- Of pictures.
    width      bigint,
    height     bigint,
    preview    text,
    created_at timestamptz NOT NULL,
    message_id bigint      REFERENCES messages (id) ON DELETE SET NULL,
    -- Its place in the message.
    place      bigint      NOT NULL
);
CREATE INDEX attachments_message_id ON attachments (message_id, place);
CREATE INDEX attachments_owner_id ON attachments (owner_id, id);
CREATE INDEX attachments_unused ON attachments (owner_id) WHERE message_id IS NULL;
CREATE INDEX attachments_waiting ON attachments (created_at) WHERE message_id IS NULL;

CREATE TABLE avatars (
    user_id  bigint PRIMARY KEY REFERENCES users (id),
    file_key text   NOT NULL UNIQUE
);
