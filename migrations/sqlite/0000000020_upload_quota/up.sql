-- Bytes of the files that an account has uploaded and that are there, without what stored_changes says.
ALTER TABLE users ADD COLUMN stored_bytes INTEGER NOT NULL DEFAULT 0;
-- What came and went since: summed up when the account is about to upload.
CREATE TABLE stored_changes (
    id       INTEGER PRIMARY KEY,
    owner_id INTEGER NOT NULL,
    bytes    INTEGER NOT NULL
) STRICT;
CREATE INDEX stored_changes_owner_id ON stored_changes (owner_id, id);
CREATE TRIGGER attachments_came AFTER INSERT ON attachments BEGIN
    INSERT INTO stored_changes (owner_id, bytes) VALUES (new.owner_id, new.size);
END;
CREATE TRIGGER attachments_went AFTER DELETE ON attachments BEGIN
    INSERT INTO stored_changes (owner_id, bytes) VALUES (old.owner_id, -old.size);
END;
INSERT INTO stored_changes (owner_id, bytes) SELECT owner_id, sum(size) FROM attachments GROUP BY owner_id;
