-- Whether the chat was deleted: nobody is in it any more, and what is left of it is taken away step by step.
ALTER TABLE chat_heads ADD COLUMN deleted boolean NOT NULL DEFAULT false;
CREATE INDEX chat_heads_deleted ON chat_heads (chat_id) WHERE deleted;
