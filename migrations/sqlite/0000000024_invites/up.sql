-- Invitations to make an account. Of a code its hash is kept; one that is revoked is deleted.
CREATE TABLE invites (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    hash       BLOB    NOT NULL UNIQUE,
    -- Nothing for the operator, who has no account.
    created_by INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses       INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used <= uses),
    note       TEXT    NOT NULL
) STRICT;
