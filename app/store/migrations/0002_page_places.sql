-- A page has a place in the dossier, or none once another page took it: then it is history.
ALTER TABLE page ADD COLUMN place INTEGER;
ALTER TABLE page ADD COLUMN replaces INTEGER;
UPDATE page SET place = number;

-- What the page looks like, to notice a sheet that was fed twice; and the profile it was scanned with.
ALTER TABLE page ADD COLUMN fingerprint TEXT;
ALTER TABLE page ADD COLUMN profile TEXT NOT NULL DEFAULT '';
