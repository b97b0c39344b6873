DROP INDEX host_accounts_picture_due;
ALTER TABLE host_accounts DROP COLUMN picture_tries;
ALTER TABLE host_accounts DROP COLUMN picture_due;
ALTER TABLE host_accounts DROP COLUMN said_picture;
