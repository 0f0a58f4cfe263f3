"""The kinds of visible signatures, read from `resources/stamps/signatures.toml` (mẫu chữ ký)."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from resources import path as resource
from signing.appearance.frame import Frame
from signing.errors import SigningError, SigningFault


class Place(StrEnum):
    """How a spot for the block is found."""

    BAND = "band"
    ABOVE_NAME = "above-name"
    OVER_SIGNATURE = "over-signature"


@dataclass(frozen=True)
class Edges:
    """A zone in mm from the page's left and top; negative edges count from its right and bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def on(self, frame: Frame) -> tuple[float, float, float, float]:
        """Left, top, right and bottom on a page of this size."""
        wide, high = frame.width_mm, frame.height_mm
        return (
            self.left + (wide if self.left < 0 else 0),
            self.top + (high if self.top < 0 else 0),
            self.right + (wide if self.right < 0 else 0),
            self.bottom + (high if self.bottom < 0 else 0),
        )


@dataclass(frozen=True)
class Kind:
    """One kind of visible signature; the fields are explained in the file itself."""

    name: str
    source: str
    lines: tuple[str, ...]
    form: str
    place: Place
    from_right: bool
    widths_mm: tuple[float, ...]
    zones: tuple[Edges, ...]
    with_picture: bool
    picture_mm: tuple[float, float]
    colour: tuple[int, int, int]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    told = tomllib.loads(resource("stamps", "signatures.toml").read_text(encoding="utf-8"))
    return {name: _kind(name, entry) for name, entry in told.items()}


def kind_called(name: str) -> Kind:
    """The kind `name`. Raises `sign.appearance-unknown`."""
    found = kinds().get(name)
    if found is None:
        raise SigningError(SigningFault.APPEARANCE_UNKNOWN, appearance=name)
    return found


def _kind(name: str, entry: dict[str, Any]) -> Kind:
    told: dict[str, Any] = {"colour": "#000000", "picture_mm": (0, 0), "zones": (), "width_mm": (0,), **entry}
    colour = str(told["colour"]).lstrip("#")
    wide, high = told["picture_mm"]
    return Kind(
        name=name,
        source=str(told["source"]),
        lines=tuple(told["lines"]),
        form=str(told.get("form", "")),
        place=Place(str(told["place"])),
        from_right=told.get("align") == "right",
        widths_mm=tuple(float(width) for width in told["width_mm"]),
        zones=tuple(Edges(**zone) for zone in told["zones"]),
        with_picture=told.get("picture") == "needed",
        picture_mm=(float(wide), float(high)),
        colour=(int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)),
    )
