"""When was it signed, by the signer's own word? The claimed time and its oddities (thời điểm ký)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from signing.verify.envelope import BROKEN
from signing.verify.quirks import Quirk

if TYPE_CHECKING:
    from asn1crypto import cms

VIETNAM = timezone(timedelta(hours=7))
_AHEAD = timedelta(hours=7)
_NEAR = timedelta(minutes=15)
_NEAR_AHEAD = timedelta(minutes=45)
"""The Government's time-stamp clocks were seen to lag by up to 21 minutes."""
_DATE = re.compile(
    r"D?:?\s*(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?\s*(?:(Z)|([+-])\s*(\d{1,2})'?(\d{2})?'?)?"
)


@dataclass(frozen=True)
class Claim:
    """`at` is the claimed time as it stands in the file (None: none), `meant` the time that it means.

    They differ where Vietnamese local time is marked as UTC.
    """

    at: datetime | None = None
    meant: datetime | None = None
    quirks: tuple[Quirk, ...] = ()


NO_CLAIM = Claim()


def claim_of(signer: "cms.SignerInfo | None", in_pdf: str, witness: datetime | None) -> Claim:
    """The claimed time of a signature from its signed attribute and /M (`in_pdf`).

    `witness` is the time of a time stamp, against which both are held.
    """
    stated = signing_time(signer) if signer is not None else None
    written, without_zone = pdf_time(in_pdf)
    at = stated or written
    if at is None:
        return NO_CLAIM
    quirks = [Quirk.TIME_WITHOUT_ZONE] if without_zone and stated is None else []
    meant = at
    against = witness or (written if stated else None)
    if against is not None and _is_utc(at):
        ahead = at - against
        if abs(ahead - _AHEAD) < (_NEAR_AHEAD if witness else _NEAR):
            quirks.append(Quirk.LOCAL_TIME_AS_UTC)
            meant = at - _AHEAD
    if witness is not None and meant - witness > _NEAR:
        quirks.append(Quirk.CLAIMED_AFTER_TIMESTAMP)
    if stated and written and not without_zone and _apart(stated, written):
        quirks.append(Quirk.TIMES_DIFFER)
    return Claim(at, meant, tuple(quirks))


def signing_time(signer: "cms.SignerInfo") -> datetime | None:
    """The signing-time attribute (RFC 5652 §11.3), None where there is none that can be read."""
    try:
        for attribute in signer["signed_attrs"] or ():
            if attribute["type"].native == "signing_time":
                at: Any = attribute["values"][0].native
                if isinstance(at, datetime):
                    return at if at.tzinfo else at.replace(tzinfo=UTC)
    except BROKEN:
        return None
    return None


def pdf_time(text: str) -> tuple[datetime | None, bool]:
    """A date of PDF (ISO 32000-1 §7.9.4) and whether it has no time zone; such a one is Vietnam's time."""
    match = _DATE.match(text.strip())
    if match is None:
        return None, False
    year, month, day, hour, minute, second, utc, sign, ahead, more = match.groups()
    zone: timezone = VIETNAM
    without = False
    if utc:
        zone = UTC
    elif sign:
        offset = timedelta(hours=int(ahead), minutes=int(more or 0))
        zone = timezone(offset if sign == "+" else -offset) if offset < timedelta(hours=24) else VIETNAM
    else:
        without = True
    try:
        return (
            datetime(
                int(year),
                int(month or 1),
                int(day or 1),
                int(hour or 0),
                int(minute or 0),
                int(second or 0),
                tzinfo=zone,
            ),
            without,
        )
    except ValueError:
        return None, False


def _is_utc(at: datetime) -> bool:
    return at.utcoffset() == timedelta(0)


def _apart(stated: datetime, written: datetime) -> bool:
    """Whether two claims are neither the same moment nor the same reading of a clock in another zone."""
    gap = abs(stated - written)
    return gap > timedelta(hours=1) and abs(gap - _AHEAD) > _NEAR
