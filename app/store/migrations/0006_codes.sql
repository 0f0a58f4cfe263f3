-- Codes that were given to papers, with their parts; a new scan of a paper is a new version of its code.
CREATE TABLE issued_code (
    code      TEXT NOT NULL,
    version   INTEGER NOT NULL CHECK (version > 0),
    template  TEXT NOT NULL,
    base      TEXT NOT NULL,
    parts     TEXT NOT NULL,
    sha256    TEXT,
    issued_at TEXT NOT NULL,
    PRIMARY KEY (code, version)
) STRICT;

CREATE UNIQUE INDEX issued_code_version ON issued_code (base, version);
CREATE UNIQUE INDEX issued_code_file ON issued_code (code, sha256) WHERE sha256 IS NOT NULL;
