-- Lines about signing in: where from, and how many attempts a line stands for.
ALTER TABLE audit_log ADD COLUMN sign_in boolean NOT NULL DEFAULT false;
ALTER TABLE audit_log ADD COLUMN address text;
ALTER TABLE audit_log ADD COLUMN protocol text;
ALTER TABLE audit_log ADD COLUMN device text;
ALTER TABLE audit_log ADD COLUMN count bigint NOT NULL DEFAULT 1;
-- To read one sort of line and to forget the oldest, and to keep the newest of each account.
CREATE INDEX audit_log_sign_in ON audit_log (sign_in, id);
CREATE INDEX audit_log_target ON audit_log (target_id, action, id);
