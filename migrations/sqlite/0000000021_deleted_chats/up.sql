-- Whether the chat was deleted: nobody is in it any more, and what is left of it is taken away step by step.
ALTER TABLE chat_heads ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));
CREATE INDEX chat_heads_deleted ON chat_heads (chat_id) WHERE deleted = 1;
