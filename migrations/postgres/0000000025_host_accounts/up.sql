-- Whose account is whose at a host. A row stays when its account is deleted, so that a deleted account is not
-- made again by the next token.
CREATE TABLE host_accounts (
    issuer  text   NOT NULL,
    subject text   NOT NULL,
    user_id bigint  NOT NULL UNIQUE REFERENCES users (id),
    PRIMARY KEY (issuer, subject)
);
