-- A read marker as the other members know it. In a crowd the marker moves and this does not.
ALTER TABLE members ADD COLUMN shown_seq bigint NOT NULL DEFAULT 0;
UPDATE members SET shown_seq = read_seq;
-- What changed since a version, without reading everybody.
CREATE INDEX members_version ON members (chat_id, version);
