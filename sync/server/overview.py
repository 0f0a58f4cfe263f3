"""How things stand at the intake: queue, today, stations, what was sent back (tình hình tiếp nhận)."""

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, select

from sync.server.database import Database
from sync.server.records import ACCEPTED, DONE, PROCESSING, REJECTED
from sync.server.tables import submissions, uploads

_MOST_STATIONS = 500
_MOST_REJECTS = 20


@dataclass(frozen=True)
class StationToday:
    """One station: what it sent today, what was ever sent back, its last package (ISO 8601), uploads."""

    name: str
    packages: int
    bytes: int
    rejected: int
    last_at: str
    under_way: int


@dataclass(frozen=True)
class Reject:
    """One submission that was sent back: when, whose, under which code, and the codes of the reasons."""

    at: str
    station: str
    dossier_code: str
    submission_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """Everything that the page for people shows; no name of a person and no text of a reason is in it."""

    waiting: int
    urgent: int
    processing: int
    lapsed: int
    oldest_waiting_at: str
    done_today: int
    rejected_today: int
    accepted_today: int
    bytes_today: int
    accepted_ever: int
    uploads: int
    stations: tuple[StationToday, ...]
    rejects: tuple[Reject, ...]


def overview(database: Database, *, today: str, now: int) -> Overview:
    """Count. `today` is the ISO date at the intake, `now` is in Unix seconds."""
    state, count = submissions.c.state, func.count()
    with database.reading() as db:
        decided = {
            name: _count(db, (state == name) & (submissions.c.decided_at >= today))
            for name in (DONE, REJECTED)
        }
        size = func.coalesce(func.sum(submissions.c.package_bytes), 0)
        accepted_today, bytes_today = db.execute(
            select(count, size).where(submissions.c.received_at >= today)
        ).one()
        oldest = select(func.min(submissions.c.received_at)).where(state == ACCEPTED)
        return Overview(
            waiting=_count(db, state == ACCEPTED),
            urgent=_count(db, (state == ACCEPTED) & (submissions.c.urgent > 0)),
            processing=_count(db, state == PROCESSING),
            lapsed=_count(db, (state == PROCESSING) & (submissions.c.lease_until < now)),
            oldest_waiting_at=str(db.execute(oldest).scalar() or ""),
            done_today=decided[DONE],
            rejected_today=decided[REJECTED],
            accepted_today=int(accepted_today),
            bytes_today=int(bytes_today),
            accepted_ever=int(db.execute(select(count).select_from(submissions)).scalar_one()),
            uploads=int(db.execute(select(count).select_from(uploads)).scalar_one()),
            stations=_stations(db, today),
            rejects=_rejects(db),
        )


def _count(db: Connection, condition: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).select_from(submissions).where(condition)).scalar_one())


def _stations(db: Connection, today: str) -> tuple[StationToday, ...]:
    is_today = case((submissions.c.received_at >= today, 1), else_=0)
    query = (
        select(
            submissions.c.station,
            func.sum(is_today),
            func.sum(is_today * submissions.c.package_bytes),
            func.sum(case((submissions.c.state == REJECTED, 1), else_=0)),
            func.max(submissions.c.received_at),
        )
        .group_by(submissions.c.station)
        .order_by(func.max(submissions.c.received_at).desc())
        .limit(_MOST_STATIONS)
    )
    under_way = select(uploads.c.station, func.count()).group_by(uploads.c.station)
    sending = {str(name): int(number) for name, number in db.execute(under_way)}
    found = [
        StationToday(str(name), int(packages), int(size), int(rejected), str(last), sending.pop(str(name), 0))
        for name, packages, size, rejected, last in db.execute(query)
    ]
    found += [StationToday(name, 0, 0, 0, "", number) for name, number in sorted(sending.items())]
    return tuple(found[:_MOST_STATIONS])


def _rejects(db: Connection) -> tuple[Reject, ...]:
    query = (
        select(
            submissions.c.decided_at,
            submissions.c.station,
            submissions.c.dossier_code,
            submissions.c.id,
            submissions.c.decision,
        )
        .where(submissions.c.state == REJECTED)
        .order_by(submissions.c.decided_at.desc())
        .limit(_MOST_REJECTS)
    )
    return tuple(
        Reject(str(at), str(station), str(code), str(number), _codes(str(decision)))
        for at, station, code, number, decision in db.execute(query)
    )


def _codes(decision: str) -> tuple[str, ...]:
    reasons = json.loads(decision).get("reasons", []) if decision else []
    return tuple(dict.fromkeys(str(reason["code"]) for reason in reasons))
