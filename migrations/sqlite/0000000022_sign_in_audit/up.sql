-- Lines about signing in: where from, and how many attempts a line stands for.
ALTER TABLE audit_log ADD COLUMN sign_in INTEGER NOT NULL DEFAULT 0 CHECK (sign_in IN (0, 1));
ALTER TABLE audit_log ADD COLUMN address TEXT;
ALTER TABLE audit_log ADD COLUMN protocol TEXT;
ALTER TABLE audit_log ADD COLUMN device TEXT;
ALTER TABLE audit_log ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
-- To read one sort of line and to forget the oldest, and to keep the newest of each account.
CREATE INDEX audit_log_sign_in ON audit_log (sign_in, id);
CREATE INDEX audit_log_target ON audit_log (target_id, action, id);
