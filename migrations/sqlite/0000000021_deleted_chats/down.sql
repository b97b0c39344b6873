DROP INDEX chat_heads_deleted;
ALTER TABLE chat_heads DROP COLUMN deleted;
