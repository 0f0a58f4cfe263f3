"""The tables of earlier intakes as they were made then, and a filled intake put back into them."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import create_engine

from sync.server.database import checked_url, sqlite_url

UPLOAD = "01JQ7ZK3V9D2M4N6P8R0S2T4W6"
"""An upload under way: 4 of 9 bytes are there."""

_UNDER_WAY = (
    "INSERT INTO uploads (id, submission_id, package_sha256, station, length, held, expires_at) VALUES"
    " ('01JQ7ZK3V9D2M4N6P8R0S2T4W6', '01JQ7ZK3V9D2M4N6P8R0S2T4W7', '0', '', 9, 4, 9999999999)"
)
_FIRST = """
CREATE TABLE audit (number {number} PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL){strict};
CREATE TABLE signing_keys (key_id TEXT PRIMARY KEY, public_pem TEXT NOT NULL){strict};
CREATE TABLE uploads (
  id TEXT PRIMARY KEY, submission_id TEXT NOT NULL, package_sha256 TEXT NOT NULL, station TEXT NOT NULL,
  length {number} NOT NULL CHECK (length >= 0),
  held {number} NOT NULL CHECK (held BETWEEN 0 AND length), expires_at {number} NOT NULL{crc}){strict};
CREATE INDEX uploads_by_expiry ON uploads (expires_at);
CREATE TABLE submissions (
  id TEXT PRIMARY KEY, package_sha256 TEXT NOT NULL, package_bytes {number} NOT NULL, station TEXT NOT NULL,
  state TEXT NOT NULL, received_at TEXT NOT NULL, receipt TEXT NOT NULL,
  audit_number {number} NOT NULL UNIQUE REFERENCES audit (number){work}){strict};
"""
_WORK = """,
  last_number {number} NOT NULL DEFAULT 0, dossier_code TEXT NOT NULL DEFAULT '',
  urgent {number} NOT NULL DEFAULT 0, lease_id TEXT NOT NULL DEFAULT '', worker TEXT NOT NULL DEFAULT '',
  lease_until {number} NOT NULL DEFAULT 0, attempts {number} NOT NULL DEFAULT 0,
  decided_at TEXT NOT NULL DEFAULT '', decision TEXT NOT NULL DEFAULT ''"""
_CRC = ", last_from {number} NOT NULL DEFAULT 0, last_crc {number} NOT NULL DEFAULT 0"
_SECOND = """
CREATE INDEX uploads_by_station ON uploads (station);
CREATE INDEX submissions_by_state ON submissions (state, urgent, attempts, audit_number);
CREATE INDEX submissions_by_change ON submissions (station, last_number);
CREATE INDEX submissions_by_day ON submissions (station, received_at);
CREATE INDEX submissions_by_time ON submissions (received_at);
CREATE INDEX submissions_by_decision ON submissions (state, decided_at);
CREATE INDEX submissions_by_lease ON submissions (lease_id);
CREATE INDEX submissions_by_code ON submissions (dossier_code);
CREATE TABLE dossier_counters (
  agency TEXT NOT NULL, day TEXT NOT NULL, last {number} NOT NULL, PRIMARY KEY (agency, day)){strict};
CREATE TABLE schema_version (number {counter} NOT NULL PRIMARY KEY);
"""

VERSIONS = ("1", "2", "2 with last_crc")
"""The third was made for a while: new columns that came without a version of their own."""


def statements(version: str, *, sqlite: bool) -> list[str]:
    """What made the tables of this version."""
    kinds = {
        "number": "INTEGER" if sqlite else "BIGINT",
        "counter": "INTEGER" if sqlite else "BIGSERIAL",
        "strict": " STRICT" if sqlite else "",
    }
    later = version != "1"
    crc = _CRC.format(**kinds) if version.endswith("last_crc") else ""
    text = _FIRST.format(work=_WORK.format(**kinds) if later else "", crc=crc, **kinds)
    text += _SECOND.format(**kinds) if later else ""
    made = [one.strip() for one in text.split(";") if one.strip()]
    return [*made, "INSERT INTO schema_version VALUES (2)"] if later else made


def put_back(filled: Path, folder: Path, url: str, version: str) -> list[tuple[str, str]]:
    """Copy a filled intake into tables of `version` in `url` ("": the folder's own SQLite file).

    Returns (submission id, receipt) in the order of acceptance.
    """
    shutil.copytree(filled, folder)
    with contextlib.closing(sqlite3.connect(folder / "intake.sqlite")) as db:
        audit = db.execute("SELECT number, entry, hash FROM audit").fetchall()
        keys = db.execute("SELECT key_id, public_pem FROM signing_keys").fetchall()
        rows = db.execute(
            "SELECT id, package_sha256, package_bytes, station, state, received_at, receipt, audit_number"
            " FROM submissions ORDER BY audit_number"
        ).fetchall()
    for file in folder.glob("intake.sqlite*"):
        file.unlink()
    (folder / "uploads" / UPLOAD).write_bytes(b"%PDF")
    engine = create_engine(checked_url(url) if url else sqlite_url(folder / "intake.sqlite"))
    sqlite = not url
    mark = "?" if sqlite else "%s"
    with engine.begin() as made:
        for statement in statements(version, sqlite=sqlite):
            made.exec_driver_sql(statement)
        for table, filling in (("audit", audit), ("signing_keys", keys), ("submissions", rows)):
            columns = {"submissions": "(id, package_sha256, package_bytes, station, state, received_at,"
                       " receipt, audit_number)"}.get(table, "")  # fmt: skip
            marks = ", ".join([mark] * len(filling[0]))
            made.exec_driver_sql(f"INSERT INTO {table} {columns} VALUES ({marks})", filling)  # noqa: S608
        if version != "1":
            made.exec_driver_sql("UPDATE submissions SET last_number = audit_number")
        made.exec_driver_sql(_UNDER_WAY)
        if version.endswith("last_crc"):
            made.exec_driver_sql("UPDATE uploads SET last_from = held")
        if sqlite:
            made.exec_driver_sql(f"PRAGMA user_version={version[0]}")
    engine.dispose()
    return [(row[0], row[6]) for row in rows]
