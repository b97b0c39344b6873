-- What a host said of a person last: an account follows what the host changes, and nothing else. NULL where that
-- is not known.
ALTER TABLE host_accounts ADD COLUMN said_name text;
ALTER TABLE host_accounts ADD COLUMN said_email text;
ALTER TABLE host_accounts ADD COLUMN said_admin boolean;
