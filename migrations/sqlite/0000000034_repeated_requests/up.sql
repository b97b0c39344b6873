-- Requests with an Idempotency-Key, with their answers once they have one. Of the key and the request, digests are kept.
CREATE TABLE repeated_requests (
    owner_id     INTEGER NOT NULL,
    key          BLOB    NOT NULL,
    request      BLOB    NOT NULL,
    begun_at     INTEGER NOT NULL,
    -- Until when nobody else carries it out, while it has no answer.
    until        INTEGER NOT NULL,
    status       INTEGER,
    content_type TEXT,
    body         BLOB,
    PRIMARY KEY (owner_id, key)
) STRICT;
CREATE INDEX repeated_requests_begun ON repeated_requests (begun_at);
