ALTER TABLE mentions DROP COLUMN ranges;
