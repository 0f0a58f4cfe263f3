-- Words of a field that may be others, for the clerk to choose from: a list of lists, the word read first.
ALTER TABLE suggestion ADD COLUMN choices TEXT NOT NULL DEFAULT '[]';
