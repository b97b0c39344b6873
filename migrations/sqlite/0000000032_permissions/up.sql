-- What a chat lets its people do, where that is not the usual: "posting:admins leaving:admins".
ALTER TABLE chat_heads ADD COLUMN permissions TEXT NOT NULL DEFAULT '';
-- Of whispers: whether nobody whispers in the chat around them.
ALTER TABLE chat_heads ADD COLUMN hushed INTEGER NOT NULL DEFAULT 0 CHECK (hushed IN (0, 1));
