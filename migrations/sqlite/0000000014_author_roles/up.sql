-- The role that the author's account had; nothing for what was written before it was noted.
ALTER TABLE messages ADD COLUMN author_role TEXT;
