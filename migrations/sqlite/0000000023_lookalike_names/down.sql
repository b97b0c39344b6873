DROP INDEX users_lookalike_upper;
DROP INDEX users_lookalike_lower;
ALTER TABLE users DROP COLUMN lookalike_upper;
ALTER TABLE users DROP COLUMN lookalike_lower;
