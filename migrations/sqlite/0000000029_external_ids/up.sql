-- What hosts call people and chats. Of people it is what host_accounts says, once more, so that whoever shows
-- somebody need not join it; a deleted account has none.
ALTER TABLE users ADD COLUMN external_issuer TEXT;
ALTER TABLE users ADD COLUMN external_id TEXT;
UPDATE users SET external_issuer = h.issuer, external_id = h.subject
FROM host_accounts h WHERE h.user_id = users.id AND users.deleted_at IS NULL;

ALTER TABLE chats ADD COLUMN external_issuer TEXT;
ALTER TABLE chats ADD COLUMN external_id TEXT;
CREATE UNIQUE INDEX chats_by_external_id ON chats (external_issuer, external_id) WHERE external_id IS NOT NULL;
