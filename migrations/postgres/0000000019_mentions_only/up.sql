-- Whether only what mentions the member is worth a notification.
ALTER TABLE members ADD COLUMN mentions_only boolean NOT NULL DEFAULT false;
