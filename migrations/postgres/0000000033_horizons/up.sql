-- The last message that a member does not see, because it was there before they came in: its seq and its id.
-- 0 hides nothing.
ALTER TABLE members ADD COLUMN hidden_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN hidden_id bigint NOT NULL DEFAULT 0;
