ALTER TABLE chat_heads DROP COLUMN hushed;
ALTER TABLE chat_heads DROP COLUMN permissions;
