ALTER TABLE messages DROP COLUMN author_role;
