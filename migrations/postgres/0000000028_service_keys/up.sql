-- Accounts that were made for service keys, and are nobody's.
CREATE TABLE service_accounts (
    user_id bigint PRIMARY KEY REFERENCES users (id)
);

-- Service keys. Each is a session of such an account, and gone with it. Of a key its hash is kept.
CREATE TABLE service_keys (
    session_id bigint PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    hash       bytea  NOT NULL UNIQUE,
    -- Words with commas between them.
    scopes     text   NOT NULL,
    issuer     text   NOT NULL,
    -- Requests a second.
    rate       bigint NOT NULL CHECK (rate > 0)
);
