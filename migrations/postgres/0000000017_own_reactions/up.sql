-- Somebody's reactions, message by message.
CREATE INDEX reactions_of_user ON reactions (user_id, message_id);
DROP INDEX reactions_user_id;
