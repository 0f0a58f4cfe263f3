"""From the tables of an older intake to those of today, version by version, on each database (nâng cấp).

The steps are written out and never change again, whatever `tables` says today: a new column is a new step.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect

VERSION = 3
"""1: uploads, submissions, audit, keys, on SQLite alone. 2: the province's work queue, dossier codes.
3: the span and the CRC of an upload's last bytes."""


def upgrade(db: Connection, version: int) -> None:
    """Bring the tables of `version` (1 or newer) up to VERSION, in the transaction of `db`."""
    for step in range(version + 1, VERSION + 1):
        _STEPS[step](db)


def _to_2(db: Connection) -> None:
    """Only ever on SQLite: PostgreSQL came with version 2."""
    _add(
        db,
        "submissions",
        {
            "last_number": _number(db),
            "dossier_code": _TEXT,
            "urgent": _number(db),
            "lease_id": _TEXT,
            "worker": _TEXT,
            "lease_until": _number(db),
            "attempts": _number(db),
            "decided_at": _TEXT,
            "decision": _TEXT,
        },
    )
    for statement in (
        "UPDATE submissions SET last_number = audit_number",
        "CREATE INDEX uploads_by_station ON uploads (station)",
        "CREATE INDEX submissions_by_state ON submissions (state, urgent, attempts, audit_number)",
        "CREATE INDEX submissions_by_change ON submissions (station, last_number)",
        "CREATE INDEX submissions_by_day ON submissions (station, received_at)",
        "CREATE INDEX submissions_by_time ON submissions (received_at)",
        "CREATE INDEX submissions_by_decision ON submissions (state, decided_at)",
        "CREATE INDEX submissions_by_lease ON submissions (lease_id)",
        "CREATE INDEX submissions_by_code ON submissions (dossier_code)",
        "CREATE TABLE dossier_counters (agency TEXT NOT NULL, day TEXT NOT NULL, last INTEGER NOT NULL,"
        " PRIMARY KEY (agency, day)) STRICT",
        "CREATE TABLE schema_version (number INTEGER NOT NULL PRIMARY KEY)",
    ):
        db.exec_driver_sql(statement)


def _to_3(db: Connection) -> None:
    known = {column["name"] for column in inspect(db).get_columns("uploads")}
    if "last_from" in known:
        return  # made in the days when these columns came without a version of their own
    _add(db, "uploads", {"last_from": _number(db), "last_crc": _number(db)})
    # Nothing was lost by then: every byte that counted was on the disk before it did.
    db.exec_driver_sql("UPDATE uploads SET last_from = held")


_STEPS: Mapping[int, Callable[[Connection], None]] = {2: _to_2, 3: _to_3}
_KIND = {"sqlite": "INTEGER", "postgresql": "BIGINT"}
_TEXT = "TEXT NOT NULL DEFAULT ''"


def _number(db: Connection) -> str:
    return f"{_KIND[db.dialect.name]} NOT NULL DEFAULT 0"


def _add(db: Connection, table: str, columns: Mapping[str, str]) -> None:
    for name, description in columns.items():
        db.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} {description}")
