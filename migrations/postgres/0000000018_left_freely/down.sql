ALTER TABLE members DROP COLUMN left_freely;
