-- Whose account is whose at a host. A row stays when its account is deleted, so that a deleted account is not
-- made again by the next token.
CREATE TABLE host_accounts (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id),
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
