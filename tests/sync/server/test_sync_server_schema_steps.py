"""A folder of an older intake opens, keeps what it acknowledged, and has the tables of a new one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, inspect

from sync import IntakeClient, Package
from sync.server import Choices, IntakeThread, first_break, open_ledger
from sync.server.database import Database, checked_url, sqlite_url
from sync.server.schema_steps import _STEPS, VERSION

from .old_schemas import UPLOAD, VERSIONS, put_back

Make = Callable[..., Package]


def _tables(url: Any) -> dict[str, Any]:
    """Everything that makes a difference: columns, keys, references, indexes; not the order of columns."""

    def described(column: Any) -> tuple[object, ...]:
        may_be_null = column["nullable"] and not column.get("primary_key")
        default = (column["default"] or "").partition("::")[0].strip("'")  # '0'::bigint is 0
        return str(column["type"]), may_be_null, default

    engine = create_engine(url)
    try:
        seen = inspect(engine)
        return {
            table: {
                "columns": {column["name"]: described(column) for column in seen.get_columns(table)},
                "key": seen.get_pk_constraint(table)["constrained_columns"],
                "references": [
                    (key["constrained_columns"], key["referred_table"])
                    for key in seen.get_foreign_keys(table)
                ],
                "unique": [one["column_names"] for one in seen.get_unique_constraints(table)],
                "indexes": {one["name"]: one["column_names"] for one in seen.get_indexes(table)},
            }
            for table in seen.get_table_names()
        }
    finally:
        engine.dispose()


# Version 1 stood on SQLite alone.
each_old_schema = pytest.mark.parametrize(
    ("version", "database"),
    [(version, kind) for kind in ("sqlite", "postgresql") for version in VERSIONS[kind != "sqlite" :]],
    indirect=["database"],
)


@each_old_schema
def test_an_older_folder_opens_and_loses_nothing(
    version: str, database: str, tmp_path: Path, filled_once: Path, make_package: Make
) -> None:
    folder = tmp_path / "old"
    accepted = put_back(filled_once, folder, database, version)
    choices = Choices(database=database)
    with IntakeThread(folder, choices=choices) as running, IntakeClient(running.url) as client:
        for submission_id, receipt in accepted:
            found = client.receipt_of(submission_id)
            assert found is not None
            assert found.to_json() == receipt
        changes = requests.get(running.url + "/changes?limit=200", timeout=20).json()["changes"]
        assert [change["submission_id"] for change in changes] == [one for one, _ in accepted]
        begun = requests.head(
            f"{running.url}/uploads/{UPLOAD}", headers={"Tus-Resumable": "1.0.0"}, timeout=20
        )
        assert begun.headers["Upload-Offset"] == "4"
        client.deliver(make_package(100_000))
    ledger = open_ledger(folder, database)
    assert first_break(ledger) is None
    ledger.close()


@each_old_schema
def test_it_then_has_the_tables_of_a_new_one(
    version: str, database: str, tmp_path: Path, filled_once: Path, postgresql: Any
) -> None:
    put_back(filled_once, tmp_path / "old", database, version)
    old = checked_url(database) if database else sqlite_url(tmp_path / "old" / "intake.sqlite")
    new = checked_url(postgresql.fresh()) if database else sqlite_url(tmp_path / "new.sqlite")
    for url in (old, new, old):  # opened twice, nothing is done twice
        Database(url).close()
    assert _tables(old) == _tables(new)


def test_each_version_has_its_step() -> None:
    assert sorted(_STEPS) == list(range(2, VERSION + 1))
