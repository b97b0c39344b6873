CREATE INDEX reactions_user_id ON reactions (user_id);
DROP INDEX reactions_of_user;
