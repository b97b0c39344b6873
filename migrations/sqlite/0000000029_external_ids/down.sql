DROP INDEX chats_by_external_id;
ALTER TABLE chats DROP COLUMN external_id;
ALTER TABLE chats DROP COLUMN external_issuer;
ALTER TABLE users DROP COLUMN external_id;
ALTER TABLE users DROP COLUMN external_issuer;
