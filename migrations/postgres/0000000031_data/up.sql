-- What hosts keep with messages, chats and people: a JSON object, which is never looked into here.
ALTER TABLE messages ADD COLUMN data text;
ALTER TABLE chats ADD COLUMN data text;
ALTER TABLE users ADD COLUMN data text;
-- What sort of message it is; nothing for one that says something.
ALTER TABLE messages ADD COLUMN kind text;
