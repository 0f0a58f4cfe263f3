-- A scanner found again under another id keeps its row: those it went by before, one a line.
ALTER TABLE device ADD COLUMN formerly TEXT NOT NULL DEFAULT '';
