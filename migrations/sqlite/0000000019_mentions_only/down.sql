ALTER TABLE members DROP COLUMN mentions_only;
