ALTER TABLE chat_heads DROP COLUMN open;
