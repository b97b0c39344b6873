-- What names are looked up by that look like others. Accounts that there are get theirs from the server,
-- which knows how letters look; nothing is unique, since names may look alike already.
ALTER TABLE users ADD COLUMN lookalike_lower TEXT;
ALTER TABLE users ADD COLUMN lookalike_upper TEXT;
CREATE INDEX users_lookalike_lower ON users (lookalike_lower);
CREATE INDEX users_lookalike_upper ON users (lookalike_upper);
