-- Accounts that were made for service keys, and are nobody's.
CREATE TABLE service_accounts (
    user_id INTEGER PRIMARY KEY REFERENCES users (id)
) STRICT;

-- Service keys. Each is a session of such an account, and gone with it. Of a key its hash is kept.
CREATE TABLE service_keys (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    hash       BLOB    NOT NULL UNIQUE,
    -- Words with commas between them.
    scopes     TEXT    NOT NULL,
    issuer     TEXT    NOT NULL,
    -- Requests a second.
    rate       INTEGER NOT NULL CHECK (rate > 0)
) STRICT;
