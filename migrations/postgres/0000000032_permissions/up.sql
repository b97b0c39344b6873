-- What a chat lets its people do, where that is not the usual: "posting:admins leaving:admins".
ALTER TABLE chat_heads ADD COLUMN permissions text NOT NULL DEFAULT '';
-- Of whispers: whether nobody whispers in the chat around them.
ALTER TABLE chat_heads ADD COLUMN hushed boolean NOT NULL DEFAULT false;
