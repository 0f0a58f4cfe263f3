-- Behind which page one was put in; why a clerk left one out; the arrangement that a clerk confirmed.
ALTER TABLE page ADD COLUMN after INTEGER;
ALTER TABLE page ADD COLUMN left_out TEXT;
ALTER TABLE dossier ADD COLUMN arrangement_confirmed TEXT;

-- What a device itself counted of one feed, and how much of it was kept, in the same unit.
CREATE TABLE feed_count (
    dossier_id TEXT NOT NULL REFERENCES dossier(id),
    first_page INTEGER NOT NULL CHECK (first_page > 0),
    unit       TEXT NOT NULL CHECK (unit IN ('sheets', 'pages')),
    fed        INTEGER NOT NULL CHECK (fed >= 0),
    kept       INTEGER NOT NULL CHECK (kept >= 0),
    PRIMARY KEY (dossier_id, first_page)
) STRICT;
