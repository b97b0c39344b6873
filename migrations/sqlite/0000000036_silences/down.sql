ALTER TABLE members DROP COLUMN silenced_until;
ALTER TABLE members DROP COLUMN silenced_at;
ALTER TABLE members DROP COLUMN silenced_reason;
ALTER TABLE members DROP COLUMN silenced_by;
