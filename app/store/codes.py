"""Codes that were given out, each once (sổ cấp mã)."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from app.domain.code_template import Code
from app.store.database import Database


@dataclass(frozen=True)
class IssuedCode:
    """A row of the register: a code, its version, its parts, the file it was printed on, if any yet."""

    code: str
    version: int
    template: str
    base: str
    parts: dict[str, str]
    sha256: str | None
    issued_at: datetime


class Codes:
    """The register. Call it in the transaction that takes the number, so that both stay or neither."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, code: Code, base: str, version: int, at: datetime) -> bool:
        """Enters a code; False when it, or this version of its paper, was given out before."""
        return bool(
            self._database.write(
                "INSERT INTO issued_code (code, version, template, base, parts, issued_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    code.text,
                    version,
                    code.template,
                    base,
                    json.dumps(dict(code.parts), ensure_ascii=False),
                    at.isoformat(),
                ),
            )
        )

    def print_on(self, code: str, version: int, sha256: str) -> None:
        """Notes the file that a code was printed on."""
        self._database.write(
            "UPDATE issued_code SET sha256 = ? WHERE code = ? AND version = ?", (sha256, code, version)
        )

    def of(self, code: str) -> list[IssuedCode]:
        """Every version that was given out under this code, oldest first."""
        rows = self._database.rows("SELECT * FROM issued_code WHERE code = ? ORDER BY version", (code,))
        return [_issued(row) for row in rows]

    def versions(self, base: str) -> list[IssuedCode]:
        """Every version of one paper, oldest first."""
        rows = self._database.rows("SELECT * FROM issued_code WHERE base = ? ORDER BY version", (base,))
        return [_issued(row) for row in rows]


def _issued(row: sqlite3.Row) -> IssuedCode:
    return IssuedCode(
        code=row["code"],
        version=row["version"],
        template=row["template"],
        base=row["base"],
        parts=json.loads(row["parts"]),
        sha256=row["sha256"],
        issued_at=datetime.fromisoformat(row["issued_at"]),
    )
