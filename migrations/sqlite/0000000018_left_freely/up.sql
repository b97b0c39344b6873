-- Whether whoever is out of the chat left it by themselves.
ALTER TABLE members ADD COLUMN left_freely INTEGER NOT NULL DEFAULT 0 CHECK (left_freely IN (0, 1));
