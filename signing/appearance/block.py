"""What a visible signature shows (khối chữ ký): the words and the picture of one signature.

Ten point Times-like upright black letters, as Nghị định 30/2020 Phụ lục I Phần III asks for signatures on
copies.
"""

import string
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from signing.appearance.font import normal
from signing.appearance.kinds import kind_called
from signing.appearance.picture import Picture, read_picture
from signing.errors import SigningError, SigningFault

VIETNAM_TIME = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Spot:
    """A place that somebody chose: page from 1 on, left and top in mm as the page is seen."""

    page: int
    left: float
    top: float


@dataclass(frozen=True)
class Block:
    """One visible signature of the kind `kind`; made by `block`.

    `signer` is the name by which an `above-name` kind finds its place.
    """

    kind: str
    lines: tuple[str, ...]
    picture: Picture | None = None
    signer: str = ""
    spot: Spot | None = None


@dataclass(frozen=True)
class ClerkBlock:
    """Who scanned the paper and when (TT 01/2023/TT-VPCP Điều 8 khoản 1), top left on page 1.

    `at` is timezone-aware and shown in Vietnam's time.
    """

    full_name: str
    at: datetime
    spot: Spot | None = None

    kind = "clerk"
    picture = None

    def __post_init__(self) -> None:
        """Refuse a time without its zone."""
        _require_zone(self.at)

    @property
    def lines(self) -> tuple[str, ...]:
        """The two lines of the block."""
        return _filled("clerk", {"name": self.full_name, "time": vietnam_time(self.at)})

    @property
    def signer(self) -> str:
        """The clerk's full name."""
        return self.full_name


Shown = Block | ClerkBlock


def block(
    kind: str,
    *,
    at: datetime,
    name: str = "",
    agency: str = "",
    number: str = "",
    symbol: str = "",
    form: str = "",
    picture: Path | None = None,
    spot: Spot | None = None,
) -> Block:
    """The block of a kind of `resources/stamps/signatures.toml`, filled in.

    `name` is the signer's, `agency` the agency's, `number` the number and notation of the main document,
    `symbol` the sign of conversion, `form` words instead of the kind's own, `picture` a PNG or JPEG.
    Raises `sign.appearance-unknown`, `sign.appearance-incomplete` (fact `field`), `sign.picture-broken`,
    and ValueError for a time without its zone.
    """
    _require_zone(at)
    chosen = kind_called(kind)
    told = {
        "name": name,
        "agency": agency,
        "number": number,
        "symbol": symbol,
        "form": form or chosen.form,
        "time": vietnam_time(at),
    }
    if chosen.with_picture and picture is None:
        raise SigningError(SigningFault.APPEARANCE_INCOMPLETE, appearance=kind, field="picture")
    shown = (
        read_picture(picture, chosen.picture_mm, chosen.colour) if picture and chosen.with_picture else None
    )
    return Block(kind, _filled(kind, told), shown, normal(name), spot)


def vietnam_time(at: datetime) -> str:
    """`20/05/2026 08:41:07 +07:00`."""
    return at.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M:%S +07:00")


def _filled(kind: str, told: dict[str, str]) -> tuple[str, ...]:
    lines = kind_called(kind).lines
    for _, field, _, _ in (part for line in lines for part in string.Formatter().parse(line)):
        if field and not normal(told.get(field, "")):
            raise SigningError(SigningFault.APPEARANCE_INCOMPLETE, appearance=kind, field=field)
    cleaned = {field: normal(text) for field, text in told.items()}
    return tuple(line.format_map(cleaned) for line in lines)


def _require_zone(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("the time of scanning needs its time zone")
