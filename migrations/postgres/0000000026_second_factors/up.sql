-- When a session was last proved to be its owner's.
ALTER TABLE sessions ADD COLUMN proved_at timestamptz;

-- Of a second factor the seed is kept that its secret is derived from, together with the secret of the
-- installation, which is not in the database.
CREATE TABLE second_factors (
    user_id   bigint  PRIMARY KEY REFERENCES users (id),
    seed      bytea   NOT NULL,
    -- Whether a code has confirmed it.
    is_on     boolean NOT NULL,
    -- The last step whose code was used.
    last_step bigint
);

-- Hashes of recovery codes that were not used.
CREATE TABLE recovery_codes (
    user_id bigint NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash    bytea  NOT NULL,
    PRIMARY KEY (user_id, hash)
);
