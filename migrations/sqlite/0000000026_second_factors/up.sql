-- When a session was last proved to be its owner's.
ALTER TABLE sessions ADD COLUMN proved_at INTEGER;

-- Of a second factor the seed is kept that its secret is derived from, together with the secret of the
-- installation, which is not in the database.
CREATE TABLE second_factors (
    user_id   INTEGER PRIMARY KEY REFERENCES users (id),
    seed      BLOB    NOT NULL,
    -- Whether a code has confirmed it.
    is_on     INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    -- The last step whose code was used.
    last_step INTEGER
) STRICT;

-- Hashes of recovery codes that were not used.
CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash    BLOB    NOT NULL,
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;
