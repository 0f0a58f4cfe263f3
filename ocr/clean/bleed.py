"""What shows through from the other side (hằn mực mặt sau), told from what was written on this one.

Three ways in: the other side where it is at hand, mirrored and laid over this one (`reverse`); a seal struck
there, whose ink comes through in specks (`struck`); print that shines through paper, faint and soft all over.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocr.clean.ink import darkest_channel
from ocr.clean.reverse import OtherSide, ReverseParameters, is_worth_a_look, lay_over
from ocr.clean.struck import OtherInk, StruckParameters, struck_seals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Channels = tuple["NDArray[np.uint8]", ...]


@dataclass(frozen=True)
class BleedParameters:
    """Print from the other side is lighter than `faint` grey levels and softer than `soft_mm` at its edges.
    `notable`: share of the page from which a mark is made."""

    faint: int = 70
    soft_mm: float = 0.53
    notable: float = 0.00005
    struck: StruckParameters = field(default_factory=StruckParameters)
    reverse: ReverseParameters = field(default_factory=ReverseParameters)


@dataclass(frozen=True)
class BleedThrough:
    """`channels`: the page without what came through; `share` of its points were whitened. `sure`: 0..1."""

    channels: Channels
    share: float
    sure: float
    notable: bool


def find_bleed_through(
    channels: Channels,
    dpi: int,
    parameters: BleedParameters = BleedParameters(),
    reverse: OtherSide | None = None,
) -> BleedThrough:
    """Takes off a whitened page (one channel, or R, G, B) what belongs to the other side.

    `reverse` is looked at only when there is faint ink to be explained.
    """
    import numpy as np

    darkest = darkest_channel(channels)
    through, other = _explained(darkest, dpi, parameters, reverse)
    sure = 1.0
    if len(channels) == 3:
        struck = struck_seals((channels[0], channels[1], channels[2]), dpi, parameters.struck, other)
        through |= struck
        sure = 0.8 if struck.any() and other is None else 1.0
    rest = darkest[~through] if through.any() else darkest
    if int(rest.min(initial=255)) >= 255 - 2 * parameters.faint:
        through |= _soft_print(darkest, dpi, parameters)
    share = float(through.mean())
    if share == 0.0:
        return BleedThrough(channels, 0.0, 1.0, notable=False)
    clean = tuple(np.where(through, np.uint8(255), channel) for channel in channels)
    return BleedThrough(clean, share, sure, notable=share >= parameters.notable)


def _explained(
    darkest: "NDArray[np.uint8]", dpi: int, parameters: BleedParameters, reverse: OtherSide | None
) -> "tuple[NDArray[np.bool_], OtherInk | None]":
    """(the points that the other side explains, its coloured ink where it fits)."""
    import cv2
    import numpy as np

    nothing = np.zeros(darkest.shape, bool)
    if reverse is None or not is_worth_a_look(darkest, dpi, parameters.reverse):
        return nothing, None
    pixels = reverse.look()
    laid = None if pixels is None else lay_over(darkest, dpi, pixels, parameters.reverse)
    if laid is None:
        return nothing, None
    ceiling = cv2.resize(laid.ceiling, darkest.shape[::-1], interpolation=cv2.INTER_LINEAR)
    explained = np.asarray(cv2.add(darkest, ceiling) == 255, bool) & (darkest < 250)
    # The soft edge of a dark stroke is its own, whatever lies behind it.
    dark = (darkest < 255 - parameters.reverse.dark).astype(np.uint8)
    edges = cv2.dilate(dark, np.ones((5, 5), np.uint8)) > 0
    return explained & ~edges, laid.coloured


def _soft_print(darkest: "NDArray[np.uint8]", dpi: int, parameters: BleedParameters) -> "NDArray[np.bool_]":
    """The faint ink of a page that has no other, where its edges are soft all over."""
    import cv2
    import numpy as np

    calm = cv2.GaussianBlur(darkest, (0, 0), max(0.5, dpi / 250))
    depth = 255.0 - np.asarray(calm, np.float32)
    ink = depth > 8
    if not ink.any():
        return np.zeros(darkest.shape, bool)
    # The darkest stroke and the steepest edge tell: a pencil leaves both on a page of much faint texture.
    strongest = float(depth.max())
    core = cv2.dilate((depth > strongest / 2).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    slope = np.hypot(cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1)) / 8
    steepest = float(slope[core].max())
    width_mm = strongest / max(steepest, 0.1) * 25.4 / dpi
    soft = strongest < parameters.faint and width_mm > parameters.soft_mm
    return ink if soft else np.zeros(darkest.shape, bool)
