"""Issuing dossier codes, `agency-YYMMDD-number`, in the transaction that accepts (cấp mã hồ sơ)."""

import re
from datetime import date

from sqlalchemy import Connection, insert, select, update

from sync.server.tables import dossier_counters, submissions

_AGENCY = re.compile(r"[A-Y]\d{2}(?:\.[0-9A-Z]{1,8}){0,5}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")


def is_agency(text: str) -> bool:
    """Tell whether `text` is an agency's identifier (mã định danh cơ quan), e.g. "H18.19"."""
    return _AGENCY.fullmatch(text) is not None


def issue_code(db: Connection, agency: str, day: date) -> str:
    """Return the next code of `agency` on `day`; the caller's transaction lets no one else number."""
    key = (dossier_counters.c.agency == agency) & (dossier_counters.c.day == day.isoformat())
    last = db.execute(select(dossier_counters.c.last).where(key)).scalar_one_or_none()
    number = (last or 0) + 1
    if last is None:
        db.execute(insert(dossier_counters).values(agency=agency, day=day.isoformat(), last=number))
    else:
        db.execute(update(dossier_counters).where(key).values(last=number))
    return f"{agency}-{day:%y%m%d}-{number:04d}"


def earlier_code(db: Connection, station: str, code: str, replaces: str) -> str:
    """Return the code that a new version goes on under: one that was issued to the same station before.

    It is named by the code itself, or by the submission that is replaced; "" when neither is known.
    """
    known = select(submissions.c.dossier_code).where(
        submissions.c.station == station, submissions.c.dossier_code != ""
    )
    if replaces:
        found = db.execute(known.where(submissions.c.id == replaces)).scalar()
        if found:
            return str(found)
    if code and db.execute(known.where(submissions.c.dossier_code == code).limit(1)).scalar():
        return code
    return ""
