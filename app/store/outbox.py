"""Rows of the outbox: sealed packages until their receipt is here (hộp gửi)."""

import sqlite3
from datetime import datetime

from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.store.database import Database

_SELECT = (
    "SELECT outbox.*, dossier.code AS dossier_code FROM outbox JOIN dossier ON dossier.id = outbox.dossier_id"
)


class Outbox:
    """The queue's rows; a row appears in the same transaction that seals its dossier."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: OutboxEntry) -> None:
        """Queues a sealed package. A submission id or dossier can be queued only once."""
        self._database.write(
            "INSERT INTO outbox (submission_id, dossier_id, package, package_bytes, state, queued_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                entry.submission_id,
                entry.dossier_id,
                entry.package,
                entry.package_bytes,
                entry.state.value,
                entry.queued_at.isoformat(),
            ),
        )

    def save(self, entry: OutboxEntry) -> None:
        """Writes what became of an entry: state, tries, next try, error, upload state, receipt."""
        self._database.write(
            "UPDATE outbox SET state = ?, attempts = ?, next_try_at = ?, last_error = ?,"
            " upload_state = ?, receipt = ? WHERE submission_id = ?",
            (
                entry.state.value,
                entry.attempts,
                entry.next_try_at.isoformat() if entry.next_try_at else None,
                entry.last_error,
                entry.upload_state,
                entry.receipt,
                entry.submission_id,
            ),
        )

    def get(self, submission_id: str) -> OutboxEntry:
        """The entry of this submission id. Raises KeyError."""
        row = self._database.row(f"{_SELECT} WHERE outbox.submission_id = ?", (submission_id,))
        if row is None:
            raise KeyError(submission_id)
        return _entry(row)

    def entries(self) -> list[OutboxEntry]:
        """All entries, oldest first."""
        return [_entry(row) for row in self._database.rows(f"{_SELECT} ORDER BY queued_at, submission_id")]

    def waiting(self) -> list[OutboxEntry]:
        """Entries without a receipt that are not stuck, oldest first; one cut off in mid-send counts."""
        rows = self._database.rows(
            f"{_SELECT} WHERE outbox.state IN (?, ?) ORDER BY queued_at, submission_id",
            (Synchronisation.QUEUED.value, Synchronisation.SENDING.value),
        )
        return [_entry(row) for row in rows]


def _entry(row: sqlite3.Row) -> OutboxEntry:
    values = dict(row)
    values["state"] = Synchronisation(values["state"])
    values["queued_at"] = datetime.fromisoformat(values["queued_at"])
    values["next_try_at"] = datetime.fromisoformat(values["next_try_at"]) if values["next_try_at"] else None
    return OutboxEntry(**values)
