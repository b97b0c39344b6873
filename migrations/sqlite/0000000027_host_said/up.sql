-- What a host said of a person last: an account follows what the host changes, and nothing else. NULL where that
-- is not known.
ALTER TABLE host_accounts ADD COLUMN said_name TEXT;
ALTER TABLE host_accounts ADD COLUMN said_email TEXT;
ALTER TABLE host_accounts ADD COLUMN said_admin INTEGER;
