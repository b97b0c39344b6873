-- What an account signs in by besides its name: its e-mail address in lower case, unless another account
-- was given the same address before.
ALTER TABLE users ADD COLUMN login_email text;
UPDATE users SET login_email = lower(email)
WHERE id IN (SELECT min(id) FROM users WHERE email <> '' GROUP BY lower(email));
CREATE UNIQUE INDEX users_login_email ON users (login_email);
-- What signed in: the protocol that it speaks, and whether it uses a refresh token more than once.
ALTER TABLE sessions ADD COLUMN protocol text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN renews_repeatedly boolean NOT NULL DEFAULT false;
