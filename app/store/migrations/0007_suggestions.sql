-- What was read from a paper for each field, and what the clerk confirmed; `suggested` never changes.
CREATE TABLE suggestion (
    component_id TEXT NOT NULL REFERENCES component(id),
    ordinal      INTEGER NOT NULL CHECK (ordinal > 0),
    name         TEXT NOT NULL,
    suggested    TEXT,
    confidence   REAL NOT NULL,
    read         TEXT NOT NULL,
    doubt        TEXT,
    spots        TEXT NOT NULL,
    value        TEXT,
    decided_at   TEXT,
    decided_by   TEXT,
    PRIMARY KEY (component_id, name)
) STRICT;

-- Every decision with the value before and after it; only grows.
CREATE TABLE field_decision (
    n            INTEGER PRIMARY KEY,
    component_id TEXT NOT NULL REFERENCES component(id),
    name         TEXT NOT NULL,
    before       TEXT,
    after        TEXT NOT NULL,
    decided_at   TEXT NOT NULL,
    decided_by   TEXT NOT NULL
) STRICT;

CREATE TRIGGER field_decision_is_never_changed BEFORE UPDATE ON field_decision
BEGIN SELECT RAISE(ABORT, 'decisions only grow'); END;
