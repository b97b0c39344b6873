-- Requests with an Idempotency-Key, with their answers once they have one. Of the key and the request, digests are kept.
CREATE TABLE repeated_requests (
    owner_id     bigint      NOT NULL,
    key          bytea       NOT NULL,
    request      bytea       NOT NULL,
    begun_at     timestamptz NOT NULL,
    -- Until when nobody else carries it out, while it has no answer.
    until        timestamptz NOT NULL,
    status       bigint,
    content_type text,
    body         bytea,
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX repeated_requests_begun ON repeated_requests (begun_at);
