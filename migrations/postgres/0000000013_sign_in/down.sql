ALTER TABLE sessions DROP COLUMN renews_repeatedly;
ALTER TABLE sessions DROP COLUMN protocol;
DROP INDEX users_login_email;
ALTER TABLE users DROP COLUMN login_email;
