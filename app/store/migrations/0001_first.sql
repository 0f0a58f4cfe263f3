CREATE TABLE dossier (
    id              TEXT PRIMARY KEY,
    code            TEXT NOT NULL UNIQUE,
    procedure_code  TEXT NOT NULL,
    procedure_name  TEXT NOT NULL,
    applicant_name  TEXT NOT NULL,
    applicant_id    TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    business        TEXT NOT NULL,
    digitisation    TEXT NOT NULL,
    synchronisation TEXT NOT NULL,
    archiving       TEXT NOT NULL,
    submission_id   TEXT UNIQUE,
    sheets_expected INTEGER CHECK (sheets_expected > 0),
    training        INTEGER NOT NULL CHECK (training IN (0, 1))
) STRICT;

CREATE TABLE component (
    id             TEXT PRIMARY KEY,
    dossier_id     TEXT NOT NULL REFERENCES dossier(id),
    ordinal        INTEGER NOT NULL CHECK (ordinal > 0),
    key            TEXT NOT NULL,
    name           TEXT NOT NULL,
    paper_type     TEXT NOT NULL,
    expected_pages INTEGER CHECK (expected_pages > 0),
    code           TEXT UNIQUE,
    built          TEXT,
    coded          TEXT,
    signed         TEXT,
    signature      TEXT,
    timestamped_at TEXT,
    UNIQUE (dossier_id, ordinal)
) STRICT;

CREATE TABLE page (
    id           TEXT PRIMARY KEY,
    dossier_id   TEXT NOT NULL REFERENCES dossier(id),
    number       INTEGER NOT NULL CHECK (number > 0),
    original     TEXT NOT NULL,
    dpi          INTEGER NOT NULL,
    width_px     INTEGER NOT NULL,
    height_px    INTEGER NOT NULL,
    sheet        INTEGER NOT NULL,
    side         INTEGER NOT NULL,
    scanned_at   TEXT NOT NULL,
    role         TEXT NOT NULL,
    component_id TEXT REFERENCES component(id),
    separator_key TEXT,
    visible      TEXT,
    reading      TEXT,
    confidence   REAL,
    flags        TEXT NOT NULL,
    UNIQUE (dossier_id, number)
) STRICT;

-- The next number of each series; taken in the same transaction that uses it, so none repeats.
CREATE TABLE sequence (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    submission_id TEXT PRIMARY KEY,
    dossier_id    TEXT NOT NULL UNIQUE REFERENCES dossier(id),
    package       TEXT NOT NULL,
    package_bytes INTEGER NOT NULL,
    state         TEXT NOT NULL,
    queued_at     TEXT NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    next_try_at   TEXT,
    last_error    TEXT,
    upload_state  TEXT,
    receipt       TEXT
) STRICT;

CREATE INDEX outbox_due ON outbox (state, next_try_at, queued_at);

-- The key that each server's receipts are signed with, pinned when it was first seen.
CREATE TABLE receipt_key (
    server     TEXT PRIMARY KEY,
    public_pem TEXT NOT NULL,
    first_seen TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    n        INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    details  TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END;

CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit chain only grows'); END;
