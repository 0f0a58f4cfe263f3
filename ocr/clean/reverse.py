"""The other side of a leaf (mặt kia của tờ giấy), mirrored and laid over this one to explain what shines
through.

Both sides of a sheet are rarely scanned in the very same place: shift and rotation are found from what shines
through itself. What was written on this side stays even where it crosses that: only as much ink is taken off
as the other side explains.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.clean.background import whiten
from ocr.clean.ink import darkest_channel
from ocr.clean.struck import OtherInk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_WORKING_DPI = 100
_FIT_SHRINK = 0.5
_STEPS = 40
_NEAR_MM = 1.2


@dataclass(frozen=True)
class OtherSide:
    """The other side: the `sha256` of its file, and `look`, which gives its pixels (grey or R, G, B) at about
    the same number of px a mm relative to its size; None when they can't be had."""

    sha256: str
    look: "Callable[[], NDArray[np.uint8] | None]"


@dataclass(frozen=True)
class ReverseParameters:
    """The other side is looked at when more than `worth` of the page bears faint ink, lighter than `dark`
    grey levels and darker than `noise`, away from dark ink. It fits when both correlate by `fits`. What
    shines through is at most `most` of the softened ink there, `spread` times stronger than usual."""

    worth: float = 0.0005
    dark: int = 140
    noise: int = 14
    fits: float = 0.12
    most: float = 0.8
    spread: float = 1.3


@dataclass(frozen=True)
class Laid:
    """`ceiling`: how dark (uint8, at 100 dpi) a point of this side may be by what shines through, 0 where
    nothing can. `coloured`: the coloured ink of the other side. `fit`: correlation 0..1."""

    ceiling: "Grey"
    coloured: OtherInk | None
    fit: float


def is_worth_a_look(darkest: "Grey", dpi: int, parameters: ReverseParameters = ReverseParameters()) -> bool:
    """Whether a whitened page has so much faint ink that the other side matters."""
    return bool(_faint(_depth(darkest, dpi), parameters, reach=11).mean() > parameters.worth)


def lay_over(
    darkest: "Grey",
    dpi: int,
    reverse: "NDArray[np.uint8]",
    parameters: ReverseParameters = ReverseParameters(),
) -> Laid | None:
    """The other side mirrored and moved to fit a whitened page; None when it doesn't fit anywhere."""
    import cv2
    import numpy as np

    depth = _depth(darkest, dpi)
    height, width = depth.shape
    small = cv2.flip(cv2.resize(reverse, (width, height), interpolation=cv2.INTER_AREA), 1)
    channels = whiten(np.asarray(small, np.uint8))
    theirs = np.asarray(255 - darkest_channel(channels), np.uint8)
    faint = np.where(_faint(depth, parameters), depth, 0).astype(np.uint8)
    found = _fitted(theirs, faint)
    if found is None or found[1] < parameters.fits:
        return None
    move, fit = found

    def moved(image: "Grey") -> "Grey":
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(image, move, (width, height), flags=flags), np.uint8)

    soft = cv2.GaussianBlur(moved(theirs), (0, 0), 1.6)
    ceiling = _ceiling(depth, np.asarray(soft, np.uint8), parameters)
    return Laid(ceiling, _coloured(channels, moved) if len(channels) == 3 else None, fit)


def _depth(darkest: "Grey", dpi: int) -> "Grey":
    """How dark a whitened page is, at 100 dpi."""
    import cv2
    import numpy as np

    shrink = min(1.0, _WORKING_DPI / dpi)
    small = cv2.resize(darkest, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(255 - small, np.uint8)


def _faint(depth: "Grey", parameters: ReverseParameters, reach: int = 5) -> "NDArray[np.bool_]":
    """Faint ink that is no edge of dark ink, `reach` px wide around it."""
    import cv2
    import numpy as np

    dark = cv2.dilate((depth > parameters.dark).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    calm = cv2.blur(depth, (3, 3))
    return np.asarray((calm > parameters.noise) & (depth <= parameters.dark) & ~dark, bool)


def _fitted(theirs: "Grey", ours: "Grey") -> "tuple[NDArray[np.float32], float] | None":
    """(the move from this side to the other one, how well they correlate): shift first, then rotation."""
    import cv2
    import numpy as np

    pair = [
        cv2.GaussianBlur(
            cv2.resize(side, None, fx=_FIT_SHRINK, fy=_FIT_SHRINK, interpolation=cv2.INTER_AREA), (0, 0), 1.0
        ).astype(np.float32)
        for side in (np.minimum(theirs, 160), ours)
    ]
    if not all(side.any() for side in pair):
        return None
    window = cv2.createHanningWindow(pair[0].shape[::-1], cv2.CV_32F)
    (dx, dy), _ = cv2.phaseCorrelate(pair[1], pair[0], window)
    most = 0.08 * pair[0].shape[1]
    if max(abs(dx), abs(dy)) > most:
        dx = dy = 0.0
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    everywhere = np.full(pair[0].shape, 255, np.uint8)
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-4)
    try:
        fit, turned = cv2.findTransformECC(pair[1], pair[0], move, cv2.MOTION_EUCLIDEAN, until, everywhere, 5)
    except cv2.error:
        return None
    found = np.asarray(turned, np.float32)
    found[:, 2] /= _FIT_SHRINK
    return found, float(fit)


def _ceiling(depth: "Grey", through: "Grey", parameters: ReverseParameters) -> "Grey":
    """What may shine through, from how much of the other side's ink does so on the whole page."""
    import cv2
    import numpy as np

    under = (through > 60) & (depth <= parameters.dark)
    if not under.any():
        return np.zeros_like(depth)
    share = float(np.percentile(depth[under].astype(np.float32) / through[under], 85))
    share = min(parameters.most, parameters.spread * share)
    reach = cv2.dilate(through, np.ones((5, 5), np.uint8))
    most = np.where(reach > 12, reach.astype(np.float32) * share + parameters.noise, 0.0)
    return np.asarray(np.minimum(most, parameters.dark), np.uint8)


def _coloured(channels: "tuple[Grey, ...]", moved: "Callable[[Grey], Grey]") -> OtherInk:
    import cv2
    import numpy as np

    red, green, blue = channels
    chroma = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    laid = moved(np.asarray(chroma, np.uint8))
    ink = np.where(laid > 40, laid, 0).astype(np.uint8)
    reach = 2 * round(_NEAR_MM * _WORKING_DPI / 25.4) + 1
    near = cv2.dilate((ink > 0).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    return OtherInk(np.asarray(near, bool), ink)
