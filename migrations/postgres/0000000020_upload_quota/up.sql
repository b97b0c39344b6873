-- Bytes of the files that an account has uploaded and that are there, without what stored_changes says.
ALTER TABLE users ADD COLUMN stored_bytes bigint NOT NULL DEFAULT 0;
-- What came and went since. Rows are only added, so that whoever deletes files of many accounts locks none of
-- them; they are summed up under the lock of the account when it is about to upload.
CREATE TABLE stored_changes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL,
    bytes    bigint NOT NULL
);
CREATE INDEX stored_changes_owner_id ON stored_changes (owner_id, id);
-- Also for what older versions add and delete.
CREATE FUNCTION note_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO stored_changes (owner_id, bytes) VALUES (NEW.owner_id, NEW.size);
    ELSE
        INSERT INTO stored_changes (owner_id, bytes) VALUES (OLD.owner_id, -OLD.size);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attachments_stored AFTER INSERT OR DELETE ON attachments
    FOR EACH ROW EXECUTE FUNCTION note_stored();
INSERT INTO stored_changes (owner_id, bytes) SELECT owner_id, sum(size) FROM attachments GROUP BY owner_id;
