-- Whether anybody who knows a group's number may come in.
ALTER TABLE chat_heads ADD COLUMN open INTEGER NOT NULL DEFAULT 0 CHECK (open IN (0, 1));
