-- Whether anybody who knows a group's number may come in.
ALTER TABLE chat_heads ADD COLUMN open boolean NOT NULL DEFAULT false;
