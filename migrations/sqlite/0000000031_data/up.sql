-- What hosts keep with messages, chats and people: a JSON object, which is never looked into here.
ALTER TABLE messages ADD COLUMN data TEXT;
ALTER TABLE chats ADD COLUMN data TEXT;
ALTER TABLE users ADD COLUMN data TEXT;
-- What sort of message it is; nothing for one that says something.
ALTER TABLE messages ADD COLUMN kind TEXT;
