-- Scanners this station has used: how much they scanned, and what their last test page said.
CREATE TABLE device (
    id            TEXT PRIMARY KEY,
    maker         TEXT NOT NULL,
    model         TEXT NOT NULL,
    serial        TEXT NOT NULL,
    connection    TEXT NOT NULL,
    capabilities  TEXT NOT NULL,
    pages_scanned INTEGER NOT NULL DEFAULT 0,
    last_test_at  TEXT,
    test_result   TEXT NOT NULL DEFAULT ''
) STRICT;
