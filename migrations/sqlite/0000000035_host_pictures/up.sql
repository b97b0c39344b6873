-- The picture that a host named last, when it is to be fetched, and how often that was tried. Nothing is to be fetched
-- where no time stands: it was, it was given up, or the person has chosen a picture.
ALTER TABLE host_accounts ADD COLUMN said_picture TEXT;
ALTER TABLE host_accounts ADD COLUMN picture_due INTEGER;
ALTER TABLE host_accounts ADD COLUMN picture_tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX host_accounts_picture_due ON host_accounts (picture_due) WHERE picture_due IS NOT NULL;
