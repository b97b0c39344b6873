DROP INDEX members_version;
ALTER TABLE members DROP COLUMN shown_seq;
