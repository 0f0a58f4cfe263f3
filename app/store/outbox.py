"""Rows of the outbox: sealed packages until their receipt is here (hộp gửi)."""

import sqlite3
from datetime import datetime, timedelta

from app.domain.outbox import OutboxEntry, Priority
from app.domain.states import Synchronisation
from app.store.database import Database

_SELECT = (
    "SELECT outbox.*, dossier.code AS dossier_code FROM outbox JOIN dossier ON dossier.id = outbox.dossier_id"
)
_COLUMNS = (
    "state",
    "priority",
    "attempts",
    "next_try_at",
    "last_error",
    "error_facts",
    "upload_state",
    "receipt",
    "delivered_at",
    "verdict",
    "ask_at",
    "erased_at",
)
_TIMES = ("queued_at", "next_try_at", "delivered_at", "ask_at", "erased_at")
_LONGEST_WAIT = timedelta(hours=24)
# Written out, so that SQLite sees that the partial index serves: rows come in the order of their turn.
_TURN = (
    "FROM outbox INDEXED BY outbox_turn WHERE state IN ('queued', 'sending')"
    " AND (next_try_at IS NULL OR next_try_at <= :now OR next_try_at > :never)"
)


class Outbox:
    """The queue's rows; a row appears in the same transaction that seals its dossier."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: OutboxEntry) -> None:
        """Queues a sealed package. A submission id is queued only once, a dossier once at a time."""
        self._database.write(
            "INSERT INTO outbox"
            " (submission_id, dossier_id, package, package_bytes, state, queued_at, priority)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                entry.submission_id,
                entry.dossier_id,
                entry.package,
                entry.package_bytes,
                entry.state.value,
                entry.queued_at.isoformat(),
                int(entry.priority),
            ),
        )

    def save(self, entry: OutboxEntry) -> None:
        """Writes what became of an entry: state, tries, next try, error, upload state, receipt, verdict."""
        row: dict[str, object] = {name: getattr(entry, name) for name in _COLUMNS}
        moments = {name: row[name] for name in _TIMES if name in row}
        row |= {name: at.isoformat() for name, at in moments.items() if isinstance(at, datetime)}
        row |= {"state": entry.state.value, "priority": int(entry.priority)}
        changes = ", ".join(f"{name} = :{name}" for name in _COLUMNS)
        self._database.write(
            f"UPDATE outbox SET {changes} WHERE submission_id = :submission_id",  # noqa: S608 - own columns
            {**row, "submission_id": entry.submission_id},
        )

    def get(self, submission_id: str) -> OutboxEntry:
        """The entry of this submission id. Raises KeyError."""
        row = self._database.row(f"{_SELECT} WHERE outbox.submission_id = ?", (submission_id,))
        if row is None:
            raise KeyError(submission_id)
        return _entry(row)

    def has(self, submission_id: str) -> bool:
        """True when this submission was queued here."""
        query = "SELECT 1 FROM outbox WHERE submission_id = ?"
        return self._database.row(query, (submission_id,)) is not None

    def of_dossier(self, dossier_id: str) -> list[OutboxEntry]:
        """All submissions of a dossier, oldest first: each rejection is followed by a new version."""
        rows = self._database.rows(
            f"{_SELECT} WHERE outbox.dossier_id = ? ORDER BY queued_at, submission_id", (dossier_id,)
        )
        return [_entry(row) for row in rows]

    def entries(
        self, *states: Synchronisation, limit: int = -1, newest_first: bool = False
    ) -> list[OutboxEntry]:
        """Entries in these states, or all, oldest first; at most `limit` when it is not negative."""
        asked = states or tuple(Synchronisation)
        marks = ", ".join("?" for _ in asked)
        order = "queued_at DESC, submission_id DESC" if newest_first else "queued_at, submission_id"
        rows = self._database.rows(
            f"{_SELECT} WHERE outbox.state IN ({marks}) ORDER BY {order} LIMIT ?",
            (*(state.value for state in asked), limit),
        )
        return [_entry(row) for row in rows]

    def next_due(self, now: datetime, *, above: Priority | None = None) -> OutboxEntry | None:
        """The entry whose turn it is: most urgent, then oldest, its next try come; one cut off counts.

        `above` asks only for entries more urgent than that. A next try farther off than any wait was set
        by a clock that has been put right since.
        """
        if above is None and not self._anything_due(now):
            return None
        more = "" if above is None else f" AND priority > {int(above)}"
        row = self._database.row(
            f"SELECT submission_id {_TURN}{more} ORDER BY priority DESC, queued_at, submission_id LIMIT 1",
            _moment(now),
        )
        return self.get(row["submission_id"]) if row else None

    def _anything_due(self, now: datetime) -> bool:
        """Told by an index of its own: while all are backing off, nobody walks through the whole queue."""
        start = "SELECT 1 FROM outbox INDEXED BY outbox_next WHERE state IN ('queued', 'sending')"
        marks = ("next_try_at IS NULL", "next_try_at <= :now", "next_try_at > :never")
        rows = (self._database.row(f"{start} AND {mark} LIMIT 1", _moment(now)) for mark in marks)
        return any(row is not None for row in rows)

    def next_try(self, now: datetime) -> datetime | None:
        """When the first of the entries that wait for their next try comes due; None when none waits."""
        row = self._database.row(
            "SELECT MIN(next_try_at) AS soonest FROM outbox INDEXED BY outbox_next"
            " WHERE state IN ('queued', 'sending') AND next_try_at > :now AND next_try_at <= :never",
            _moment(now),
        )
        return datetime.fromisoformat(row["soonest"]) if row and row["soonest"] else None

    def counts(self) -> dict[Synchronisation, tuple[int, int]]:
        """How many entries are in each state, and their bytes together."""
        rows = self._database.rows(
            "SELECT state, COUNT(*) AS entries, SUM(package_bytes) AS bytes FROM outbox GROUP BY state"
        )
        return {Synchronisation(row["state"]): (row["entries"], row["bytes"]) for row in rows}

    def unsent(self) -> int:
        """How many sealed packages have no receipt."""
        row = self._database.row(
            "SELECT COUNT(*) AS entries FROM outbox WHERE state IN ('queued', 'sending', 'stuck')"
        )
        return int(row["entries"]) if row else 0

    def to_ask(self, now: datetime, limit: int) -> list[OutboxEntry]:
        """Delivered entries about which the province is to be asked now, the longest waiting first."""
        rows = self._database.rows(
            f"{_SELECT} WHERE outbox.ask_at IS NOT NULL AND (outbox.ask_at <= :now OR outbox.ask_at > :never)"
            " ORDER BY outbox.ask_at LIMIT :limit",
            {**_moment(now), "limit": limit},
        )
        return [_entry(row) for row in rows]

    def delivered_before(self, moment: datetime, limit: int) -> list[OutboxEntry]:
        """Entries whose receipt is older than `moment` and whose copies are still here, oldest first."""
        rows = self._database.rows(
            f"{_SELECT} WHERE outbox.state = 'delivered' AND outbox.erased_at IS NULL"
            " AND outbox.delivered_at < ? ORDER BY outbox.delivered_at LIMIT ?",
            (moment.isoformat(), limit),
        )
        return [_entry(row) for row in rows]

    def fact(self, name: str) -> str | None:
        """What the queue as a whole was told under this name."""
        row = self._database.row("SELECT value FROM queue_fact WHERE name = ?", (name,))
        return str(row["value"]) if row else None

    def set_fact(self, name: str, value: str | None) -> None:
        """Tells the queue something; None takes it back."""
        if value is None:
            self._database.write("DELETE FROM queue_fact WHERE name = ?", (name,))
            return
        self._database.write(
            "INSERT INTO queue_fact (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )


def _moment(now: datetime) -> dict[str, object]:
    return {"now": now.isoformat(), "never": (now + _LONGEST_WAIT).isoformat()}


def _entry(row: sqlite3.Row) -> OutboxEntry:
    values = dict(row)
    values["state"] = Synchronisation(values["state"])
    values["priority"] = Priority(values["priority"])
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return OutboxEntry(**values)
