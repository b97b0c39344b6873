-- Whether whoever is out of the chat left it by themselves.
ALTER TABLE members ADD COLUMN left_freely boolean NOT NULL DEFAULT false;
