ALTER TABLE members DROP COLUMN hidden_id;
ALTER TABLE members DROP COLUMN hidden_seq;
