DROP TRIGGER attachments_came;
DROP TRIGGER attachments_went;
DROP TABLE stored_changes;
ALTER TABLE users DROP COLUMN stored_bytes;
