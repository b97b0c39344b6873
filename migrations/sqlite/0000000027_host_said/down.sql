ALTER TABLE host_accounts DROP COLUMN said_name;
ALTER TABLE host_accounts DROP COLUMN said_email;
ALTER TABLE host_accounts DROP COLUMN said_admin;
