"""Whose back a page is, told by the print that shines through the paper (mực thấm mặt sau).

Print on the other side of a leaf darkens bare paper by a hundredth or so, mirrored. That is below what the
eye minds and enough to find the front again by correlation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.inkmap import WORKING_DPI, InkMap

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grey = npt.NDArray[np.float32]

CELL_MM = 2.0
SHINES = 0.12
"""A correlation from here on may be the other side of the same leaf. On real blank backs the own front
reaches 0.14 to 0.20, other printed pages at most 0.09; two printed sides rarely reach it at all."""

_REACH_MM = 8.0
_MOSTLY_BARE = 0.3
_SURROUNDINGS = 2.5
_ENOUGH_INK = 40.0


@dataclass(frozen=True, eq=False)
class Shine:
    """A side in cells of 2 mm, (H, W) float32: its own `ink`, what is `faint` on it, where it is `bare`."""

    ink: Grey
    faint: Grey
    bare: Grey


@dataclass(frozen=True)
class Through:
    """How well a front is found on the bare paper of a back, −1 to 1: for a leaf turned over its long edge,
    as a page of a book is, and over its short edge."""

    long_edge: float
    short_edge: float

    @property
    def best(self) -> float:
        """The better of the two."""
        return max(self.long_edge, self.short_edge)


def shine_of(seen: InkMap) -> Shine:
    """A side reduced to what the comparison needs; some 190 kB for A4."""
    import cv2
    import numpy as np

    height, width = (max(4, round(side * 25.4 / WORKING_DPI / CELL_MM)) for side in seen.ink.shape)

    def cells(layer: Grey) -> Grey:
        return np.asarray(cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA), np.float32)

    share = cells(seen.bare)
    bare = (share > _MOSTLY_BARE).astype(np.float32)
    faint = np.asarray(cells(seen.faint * seen.bare) / np.maximum(share, 0.01) * bare, np.float32)
    return Shine(cells(seen.ink), faint, bare)


def shines_through(front: Shine, back: Shine) -> Through:
    """How well `front` is found behind `back`. Portrait pages as they lie on the glass; sizes may differ.

    A front with next to no print can't be found: 0.0 both ways.
    """
    import numpy as np

    if float(front.ink.sum()) < _ENOUGH_INK:
        return Through(0.0, 0.0)
    height, width = np.minimum(front.ink.shape, back.ink.shape)
    ink = front.ink[:height, :width]
    bare = back.bare[:height, :width]
    faint = _levelled(back.faint[:height, :width], bare)
    return Through(_found(ink[:, ::-1], faint, bare), _found(ink[::-1], faint, bare))


def _levelled(layer: Grey, bare: Grey) -> Grey:
    """What differs from the surroundings within about 5 mm, 0 outside the bare paper."""
    import cv2
    import numpy as np

    around = cv2.GaussianBlur(layer * bare, (0, 0), _SURROUNDINGS)
    share = cv2.GaussianBlur(bare, (0, 0), _SURROUNDINGS)
    return np.asarray((layer - around / np.maximum(share, 0.05)) * bare, np.float32)


def _found(ink: Grey, faint: Grey, bare: Grey) -> float:
    """The best normalised correlation over shifts within 8 mm, by Fourier transform."""
    import cv2
    import numpy as np

    soft = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(ink), (0, 0), 0.6), np.float32)
    pattern = _levelled(soft, np.ones_like(soft))
    reach = round(_REACH_MM / CELL_MM)
    size = (ink.shape[0] + 2 * reach, ink.shape[1] + 2 * reach)
    common = np.fft.irfft2(np.fft.rfft2(faint, size) * np.conj(np.fft.rfft2(pattern, size)), size)
    seen = np.fft.irfft2(np.fft.rfft2(bare, size) * np.conj(np.fft.rfft2(pattern**2, size)), size)
    near = np.r_[0 : reach + 1, -reach:0]
    window = np.ix_(near % size[0], near % size[1])
    strength = np.sqrt(np.maximum(seen[window], 1e-9) * max(float(np.square(faint).sum()), 1e-9))
    return float(np.max(common[window] / strength))
