DROP TRIGGER attachments_stored ON attachments;
DROP FUNCTION note_stored();
DROP TABLE stored_changes;
ALTER TABLE users DROP COLUMN stored_bytes;
