"""The audit chain: who did what, each row bound to the one before (nhật ký kiểm toán).

h(n) = SHA-256(h(n-1) ‖ canonical JSON of row n). A changed or missing row breaks every later hash;
a cut tail shows because the head goes with each upload and the server keeps it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from app.domain.errors import StationError, StationFault
from app.store.database import Database

_START = "0" * 64


@dataclass(frozen=True)
class AuditRow:
    """One thing that was done: when, by whom, to what."""

    n: int
    at: str
    actor: str
    action: str
    subject: str
    details: str
    previous: str
    hash: str


class Audit:
    """The chain in the database; rows are only ever added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        action: str,
        subject: str,
        *,
        actor: str,
        at: datetime,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Adds a row; inside a transaction it stands or falls with it."""
        with self._database.transaction():
            last = self._database.row("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")
            previous = last["hash"] if last else _START
            row: dict[str, str | int] = {
                "n": last["n"] + 1 if last else 1,
                "at": at.isoformat(),
                "actor": actor,
                "action": action,
                "subject": subject,
                "details": json.dumps(
                    details or {}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
                ),
            }
            self._database.write(
                "INSERT INTO audit (n, at, actor, action, subject, details, previous, hash)"
                " VALUES (:n, :at, :actor, :action, :subject, :details, :previous, :hash)",
                {**row, "previous": previous, "hash": _hash(previous, **row)},
            )

    def head(self) -> str:
        """Hash of the newest row; 64 zeros for an empty chain."""
        last = self._database.row("SELECT hash FROM audit ORDER BY n DESC LIMIT 1")
        return str(last["hash"]) if last else _START

    def journalled_head(self) -> str:
        """The hash of the newest row that the sidecar journal holds; empty when it holds none.

        A row that was cut off the database's end is still there.
        """
        return self._database.journalled_audit_head()

    def knows(self, head: str) -> bool:
        """True when the chain once ended in this hash."""
        if head == _START:
            return True
        return self._database.row("SELECT 1 FROM audit WHERE hash = ?", (head,)) is not None

    def rows(self, subject: str | None = None) -> list[AuditRow]:
        """All rows in order, or those about one subject."""
        if subject is None:
            found = self._database.rows("SELECT * FROM audit ORDER BY n")
        else:
            found = self._database.rows("SELECT * FROM audit WHERE subject = ? ORDER BY n", (subject,))
        return [AuditRow(**dict(row)) for row in found]


def verify_chain(rows: Iterable[AuditRow], head: str | None = None) -> None:
    """Checks a whole chain from its first row. Raises StationError `station.audit-broken` with the row."""
    previous, expected = _START, 1
    for row in rows:
        content = {name: value for name, value in asdict(row).items() if name not in ("previous", "hash")}
        computed = _hash(row.previous, **content)
        if row.n != expected or row.previous != previous or row.hash != computed:
            raise StationError(StationFault.AUDIT_BROKEN, row=expected)
        previous, expected = row.hash, expected + 1
    if head is not None and head != previous:
        raise StationError(StationFault.AUDIT_BROKEN, row=expected)


def _hash(previous: str, **row: str | int) -> str:
    canonical = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous.encode() + canonical.encode()).hexdigest()
