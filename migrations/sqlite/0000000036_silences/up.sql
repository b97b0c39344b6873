-- The last silence of a member, which may be over: by whom, what for, since when, and until when. Without
-- silenced_at there never was one; without silenced_until it ends when it is lifted.
ALTER TABLE members ADD COLUMN silenced_by INTEGER;
ALTER TABLE members ADD COLUMN silenced_reason TEXT;
ALTER TABLE members ADD COLUMN silenced_at INTEGER;
ALTER TABLE members ADD COLUMN silenced_until INTEGER;
