-- Somebody's reactions, message by message: the key of a table without rowids ends each of its indexes, so
-- reactions_user_id is in that order as it is.
SELECT 1;
