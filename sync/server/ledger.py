"""The intake's memory: uploads, accepted submissions, receipts, and the audit chain (sổ tiếp nhận)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from sync.server.chain import next_row
from sync.server.database import Database
from sync.server.records import Acceptance, AuditRow, Quota, Submission, Upload
from sync.server.refusal import Refusal
from sync.server.tables import audit, signing_keys, submissions, uploads

_NEWEST = select(audit).order_by(audit.c.number.desc()).limit(1)


class Ledger:
    """What is written down in one database; threads may share it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def add_upload(self, upload: Upload, quota: Quota | None = None, today: str = "") -> None:
        """Write down a new upload, within the `quota` of its station. Raises Refusal 429.

        `today` is the ISO date at the intake.
        """
        with self.database.changing() as db:
            if quota is not None:
                _require_quota(db, upload, quota, today)
            db.execute(insert(uploads).values(asdict(upload)))

    def upload(self, upload_id: str) -> Upload | None:
        """Return the upload, or None."""
        row = self._one(select(uploads).where(uploads.c.id == upload_id))
        return None if row is None else Upload(*row)

    def uploads(self) -> list[Upload]:
        """Return all uploads under way."""
        return [Upload(*row) for row in self._all(select(uploads))]

    def hold(self, upload: Upload, held: int, expires_at: int, *, crc: int | None = None) -> Upload:
        """Write down that the first `held` bytes of an upload are durable, and return it so.

        With `crc`, the CRC-32 of what is new, that may still be under way to the disk when this is written.
        Raises Refusal 404 when the upload is no longer there.
        """
        last_from = held if crc is None else upload.held
        now = replace(upload, held=held, expires_at=expires_at, last_from=last_from, last_crc=crc or 0)
        with self.database.changing() as db:
            changed = db.execute(update(uploads).where(uploads.c.id == upload.id).values(asdict(now)))
            if not changed.rowcount:
                raise Refusal(404, "upload-unknown")
        return now

    def drop_upload(self, upload_id: str) -> None:
        """Forget an upload."""
        with self.database.changing() as db:
            db.execute(delete(uploads).where(uploads.c.id == upload_id))

    def expired_uploads(self, now: int) -> list[str]:
        """Return the ids of uploads that lapsed before `now` (Unix seconds)."""
        return [str(row[0]) for row in self._all(select(uploads.c.id).where(uploads.c.expires_at < now))]

    def submission(self, submission_id: str) -> Submission | None:
        """Return the accepted submission, or None."""
        return _submission(self._one(select(submissions).where(submissions.c.id == submission_id)))

    def submissions(self, *, after: str, limit: int, station: str) -> list[Submission]:
        """Return up to `limit` submissions of one station by rising id behind `after`."""
        query = select(submissions).where(submissions.c.id > after, submissions.c.station == station)
        return [Submission(*row) for row in self._all(query.order_by(submissions.c.id).limit(limit))]

    def changes(self, *, after: int, limit: int, station: str) -> list[Submission]:
        """Return up to `limit` submissions of one station with something new behind audit row `after`."""
        query = select(submissions).where(submissions.c.station == station, submissions.c.last_number > after)
        return [Submission(*row) for row in self._all(query.order_by(submissions.c.last_number).limit(limit))]

    def latest(self, station: str) -> Submission | None:
        """Return what was last accepted from a station, or None."""
        query = select(submissions).where(submissions.c.station == station)
        return _submission(self._one(query.order_by(submissions.c.audit_number.desc()).limit(1)))

    def today(self, station: str, today: str) -> tuple[int, int]:
        """Return how many packages and bytes a station has sent since the start of `today` (ISO date)."""
        with self.database.reading() as db:
            return _sent(db, station, today)

    def accept(
        self, submission_id: str, upload_id: str, make: Callable[[Connection, AuditRow | None], Acceptance]
    ) -> tuple[Submission, bool]:
        """Accept a submission once: its row, its receipt and its audit row in one transaction.

        `make` gets the transaction and the last audit row, and returns what is to be written. When the
        submission is already there, nothing is written and the one that is there comes back. The second
        value is true when new.
        """
        with self.database.changing() as db:
            self.database.lock_chain(db)
            present = _submission(_first(db, select(submissions).where(submissions.c.id == submission_id)))
            if present is not None:
                return present, False
            acceptance = make(db, _audit_row(_first(db, _NEWEST)))
            db.execute(insert(audit).values(asdict(acceptance.audit)))
            db.execute(insert(submissions).values(asdict(acceptance.submission)))
            db.execute(delete(uploads).where(uploads.c.id == upload_id))
            return acceptance.submission, True

    def append(self, db: Connection, entry: Mapping[str, object]) -> AuditRow:
        """Append an entry to the audit chain within the transaction `db`, and return its row."""
        self.database.lock_chain(db)
        row = next_row(_audit_row(_first(db, _NEWEST)), entry)
        db.execute(insert(audit).values(asdict(row)))
        return row

    def last_audit_row(self) -> AuditRow | None:
        """Return the newest audit row, or None at the very beginning."""
        return _audit_row(self._one(_NEWEST))

    def audit_rows(self, *, after: int, limit: int) -> list[AuditRow]:
        """Return up to `limit` audit rows with numbers above `after`."""
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        return [AuditRow(*row) for row in self._all(query)]

    def accepted_in_order(self, *, after: int, limit: int) -> list[Submission]:
        """Return up to `limit` submissions with audit numbers above `after`, by rising audit number."""
        query = select(submissions).where(submissions.c.audit_number > after)
        rows = self._all(query.order_by(submissions.c.audit_number).limit(limit))
        return [Submission(*row) for row in rows]

    def add_signing_key(self, key_id: str, public_pem: str) -> None:
        """Write down a public key, so that its receipts can be checked after a change of keys."""
        with self.database.changing() as db:
            if not db.execute(select(signing_keys).where(signing_keys.c.key_id == key_id)).first():
                db.execute(insert(signing_keys).values(key_id=key_id, public_pem=public_pem))

    def signing_keys(self) -> dict[str, str]:
        """Return every public key (PEM) that ever signed here, by its id."""
        return {str(key_id): str(pem) for key_id, pem in self._all(select(signing_keys))}

    def _one(self, query: Select[Any]) -> tuple[Any, ...] | None:
        with self.database.reading() as db:
            return _first(db, query)

    def _all(self, query: Select[Any]) -> list[tuple[Any, ...]]:
        with self.database.reading() as db:
            return [tuple(row) for row in db.execute(query)]


def _first(db: Connection, query: Select[Any]) -> tuple[Any, ...] | None:
    row = db.execute(query).first()
    return None if row is None else tuple(row)


def _submission(row: tuple[Any, ...] | None) -> Submission | None:
    return None if row is None else Submission(*row)


def _audit_row(row: tuple[Any, ...] | None) -> AuditRow | None:
    return None if row is None else AuditRow(*row)


def _require_quota(db: Connection, upload: Upload, quota: Quota, today: str) -> None:
    under_way = select(func.count()).select_from(uploads).where(uploads.c.station == upload.station)
    if db.execute(under_way).scalar_one() >= quota.uploads_at_once:
        raise Refusal(429, "quota-uploads")
    packages, size = _sent(db, upload.station, today)
    if packages >= quota.packages_per_day:
        raise Refusal(429, "quota-packages")
    if size + upload.length > quota.bytes_per_day:
        raise Refusal(429, "quota-bytes")


def _sent(db: Connection, station: str, today: str) -> tuple[int, int]:
    size = func.coalesce(func.sum(submissions.c.package_bytes), 0)
    query = select(func.count(), size).where(
        submissions.c.station == station, submissions.c.received_at >= today
    )
    packages, total = db.execute(query).one()
    return int(packages), int(total)
