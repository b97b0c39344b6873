-- The session at a host that a session came of, which ends with it.
ALTER TABLE sessions ADD COLUMN host_session text;
CREATE INDEX sessions_host_session ON sessions (host_session) WHERE host_session IS NOT NULL;
