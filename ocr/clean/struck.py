"""A seal struck on the other side (dấu thấm từ mặt trước): its ink comes through in specks, never as a ring.

Measured on backs of stamped decisions: such a seal falls into 86 to 230 pieces, the largest of which spans
0.39 to 0.75 of it; a seal struck on this side has up to 65, one of them its ring, which spans 0.97 and more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Grey = NDArray[np.uint8]

_WORKING_DPI = 50
_SEAL_MM = (10.0, 60.0)
_NARROWEST_MM = 3.5
_JOIN_MM = 8.0
_AROUND_MM = 5.0
_FEWEST_POINTS = 40
_BLACK = 120
_PRINTED_SHARE = 0.003
_DARK = 190
_COLOURLESS = 45.0


@dataclass(frozen=True)
class StruckParameters:
    """`chroma`: from which a point is coloured. A seal from the other side has at least `pieces` pieces, half
    of them below `speck_mm`, none spanning more than `span` of it; or `many` of them, half below
    `coarse_mm`, none spanning more than `wide`. Where the other side is known, `covered` of its points must
    lie over coloured ink there, and be fainter than `fainter` of that."""

    chroma: int = 24
    pieces: int = 15
    speck_mm: float = 1.0
    span: float = 0.86
    many: int = 80
    coarse_mm: float = 1.4
    wide: float = 0.93
    covered: float = 0.8
    fainter: float = 0.75


@dataclass(frozen=True)
class OtherInk:
    """Coloured ink of the other side, mirrored and laid over this one: where some may lie (`near`, bool), and
    how dark it is (`depth`, uint8), at any one size."""

    near: "Mask"
    depth: "Grey"

    def within(self, area: tuple[slice, slice], page: tuple[int, ...]) -> Self:
        """What of it lies in an area of a page of `page` (height, width) px."""
        down, across = self.near.shape[0] / page[0], self.near.shape[1] / page[1]
        rows = slice(int(area[0].start * down), max(1, round(area[0].stop * down)))
        columns = slice(int(area[1].start * across), max(1, round(area[1].stop * across)))
        return replace(self, near=self.near[rows, columns], depth=self.depth[rows, columns])


def struck_seals(
    channels: "tuple[Grey, Grey, Grey]",
    dpi: int,
    parameters: StruckParameters = StruckParameters(),
    other: OtherInk | None = None,
) -> "Mask":
    """The points of a whitened page (R, G, B) that belong to seals struck on the other side."""
    import cv2
    import numpy as np

    red, green, blue = channels
    lightest = cv2.max(cv2.max(red, green), blue)
    chroma = np.asarray(cv2.subtract(lightest, cv2.min(cv2.min(red, green), blue)), np.uint8)
    coloured = chroma > parameters.chroma
    through = np.zeros(coloured.shape, bool)
    printed = int((lightest < _BLACK).sum()) > _PRINTED_SHARE * coloured.size
    if printed or int(coloured.sum()) < _FEWEST_POINTS:
        # Among print nothing has to be taken off: coloured ink is dropped before reading.
        return through
    reddish = red >= lightest
    for hue in (reddish, ~reddish):
        # A note in blue beside a red seal is no part of it.
        own = np.asarray(coloured & hue, np.uint8)
        for area in _clusters(own, dpi):
            specks = _is_specks(own[area], dpi / 25.4, parameters)
            if other is not None:
                covered, strength = _over(own[area] > 0, chroma[area], other.within(area, own.shape))
                specks = covered >= parameters.covered and (specks or strength < parameters.fainter)
            if not specks:
                continue
            wide = _square_around(area, dpi)
            pale = (chroma[wide] > parameters.chroma // 3) & hue[wide]
            taken = _grown(pale)
            through[wide] |= taken & ~_grown(_written(np.asarray(lightest[wide], np.uint8), chroma[wide]))
    return through


def _grown(mask: "Mask") -> "Mask":
    import cv2
    import numpy as np

    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)), bool)


def _written(lightest: "Grey", chroma: "Grey") -> "Mask":
    """What is written in black across the seal: dark in every channel; the middle of a blot has colour."""
    import cv2
    import numpy as np

    count, labels = cv2.connectedComponents((lightest < _DARK).astype(np.uint8), connectivity=8)
    points = np.bincount(labels.ravel(), minlength=count)
    colour = np.bincount(labels.ravel(), weights=chroma.ravel(), minlength=count) / np.maximum(1, points)
    own = colour < _COLOURLESS
    own[0] = False
    return np.asarray(own[labels], bool)


def _clusters(ink: "Grey", dpi: int) -> Iterator[tuple[slice, slice]]:
    """Where ink of a seal's size stands together; a ring of which parts are missing is one cluster."""
    import cv2
    import numpy as np

    height, width = ink.shape
    shrink = min(1.0, _WORKING_DPI / dpi)
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = (cv2.resize(ink * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    px = dpi * shrink / 25.4
    join = max(3, round(_JOIN_MM * px))
    joined = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((join, join), np.uint8))
    for x, y, wide, high in cv2.connectedComponentsWithStats(joined, connectivity=8)[2][1:, :4].tolist():
        longest, shortest = max(wide, high) / px, min(wide, high) / px
        if _SEAL_MM[0] <= longest <= _SEAL_MM[1] and shortest >= _NARROWEST_MM:
            yield (
                slice(int(y / shrink), min(height, int((y + high) / shrink) + 1)),
                slice(int(x / shrink), min(width, int((x + wide) / shrink) + 1)),
            )


def _is_specks(ink: "Grey", px: float, parameters: StruckParameters) -> bool:
    import cv2
    import numpy as np

    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = count - 1
    if pieces < parameters.pieces:
        return False
    lengths = np.maximum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    span, usual_mm = lengths.max() / max(ink.shape), float(np.median(lengths)) / px
    if span < parameters.span and usual_mm < parameters.speck_mm:
        return True
    return bool(pieces >= parameters.many and span < parameters.wide and usual_mm < parameters.coarse_mm)


def _over(ink: "Mask", chroma: "Grey", other: OtherInk) -> tuple[float, float]:
    """(share of the ink that lies over the other side's, its strength as a share of that)."""
    import cv2
    import numpy as np

    size = ink.shape[1], ink.shape[0]
    near = cv2.resize(other.near.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    strong = other.depth[other.depth > 0]
    strength = float(np.median(strong)) if strong.size else 1.0
    covered = float((ink & near).sum()) / max(1, int(ink.sum()))
    return covered, float(np.median(chroma[ink])) / max(1.0, strength)


def _square_around(area: tuple[slice, slice], dpi: int) -> tuple[slice, slice]:
    """The square of the whole seal: a part of the ring may not have come through at all."""
    y, x = area
    side = max(y.stop - y.start, x.stop - x.start) + round(_AROUND_MM * dpi / 25.4)
    return slice(max(0, y.stop - side), y.start + side), slice(max(0, x.stop - side), x.start + side)
