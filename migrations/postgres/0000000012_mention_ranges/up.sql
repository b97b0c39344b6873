-- Where in the text somebody is mentioned; `reindex` fills it in for what is there.
ALTER TABLE mentions ADD COLUMN ranges text NOT NULL DEFAULT '';
-- A search takes the dotted and the dotless i as one.
UPDATE users SET searched = replace(replace(searched, 'ı', 'i'), 'i̇', 'i')
WHERE searched LIKE '%ı%' OR searched LIKE '%i̇%';
