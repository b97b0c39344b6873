DROP INDEX sessions_host_session;
ALTER TABLE sessions DROP COLUMN host_session;
