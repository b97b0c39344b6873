-- Invitations to make an account. Of a code its hash is kept; one that is revoked is deleted.
CREATE TABLE invites (
    id         bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9007199254740991) PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE,
    -- Nothing for the operator, who has no account.
    created_by bigint,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    uses       bigint      NOT NULL,
    used       bigint      NOT NULL DEFAULT 0 CHECK (used <= uses),
    note       text        NOT NULL
);
