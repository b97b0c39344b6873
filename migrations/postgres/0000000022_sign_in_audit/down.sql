DROP INDEX audit_log_target;
DROP INDEX audit_log_sign_in;
ALTER TABLE audit_log DROP COLUMN count;
ALTER TABLE audit_log DROP COLUMN device;
ALTER TABLE audit_log DROP COLUMN protocol;
ALTER TABLE audit_log DROP COLUMN address;
ALTER TABLE audit_log DROP COLUMN sign_in;
