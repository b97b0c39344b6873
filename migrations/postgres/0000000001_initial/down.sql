DROP TABLE messages;
DROP TABLE members;
DROP TABLE chat_heads;
DROP TABLE chats;
DROP TABLE tickets;
DROP TABLE ended_sessions;
DROP TABLE sessions;
DROP TABLE users;
