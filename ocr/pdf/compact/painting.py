"""A page as paper, pictures and inks (trang gọn nhẹ): found, separated and coded one after the other."""

from typing import TYPE_CHECKING

from ocr.image import coded_jpeg
from ocr.page import Box
from ocr.pdf.archival import bilevel
from ocr.pdf.compact.inks import separate_print
from ocr.pdf.compact.paper import WHITE, calmed, divided, find_paper
from ocr.pdf.compact.regions import find_regions
from ocr.pdf.g4 import encode_g4
from ocr.pdf.layers import Coding, Ink, Layer, Painting, Picture, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PICTURE_DPI = 150
_GROUND_DPI = 75
_PICTURE_QUALITY, _COLOUR_QUALITY, _GROUND_QUALITY = 40, 60, 35
_MASK_MARGIN = 2
_INK_DEPTH = 90
_CHROMA = 60
_MOSTLY = 0.6
_SEEN = 6
_LEAST_SHOWN = 0.15
_INK_AT, _PAPER_AT = 200, 250
_MOST_SHOWN = 40


def compact(pixels: "NDArray[np.uint8]", dpi: int) -> Painting:
    """`pixels` (uint8, grey or R, G, B, at `dpi`) as a small painting that looks like it on white paper."""
    height, width = pixels.shape[:2]
    if pixels.ndim == 2 and bilevel(pixels):
        ink = Ink(encode_g4(WHITE - pixels), width, height, (0, 0, 0), (0, 0, width, height))
        return Painting(width, height, dpi, (ink,))
    paper = find_paper(pixels, dpi)
    half = _shrunk(pixels, min(1.0, _PICTURE_DPI / dpi))
    white = divided(half, paper.ground)
    seen = white if pixels.ndim == 3 and _has_colour(white) else _grey(white)
    written_in_colour = seen.ndim == 3 and _is_mostly_coloured(seen)
    scale = half.shape[1] / width
    regions = find_regions(seen, dpi * scale, colours=not written_in_colour)
    printed = separate_print(pixels, paper.ground, dpi, regions.map, colours=written_in_colour)
    tint = paper.tint if seen.ndim == 3 else (WHITE,)
    layers: list[Layer] = []
    covered = _covered(printed.mask, seen)
    bare = _bare(seen, _hidden(covered, regions.boxes), min(1.0, _GROUND_DPI / (dpi * scale)))
    if ground := _ground(calmed(bare, tint), (0, 0, width, height)):
        layers.append(ground)
    for box in regions.boxes:
        own = _in_its_ink(_cut(half, box), calmed(_cut(seen, box), tint))
        layers.append(
            _picture(_healed(own, _cut(covered, box)), box, width / seen.shape[1], height / seen.shape[0])
        )
    layers += printed.inks
    return Painting(width, height, dpi, tuple(layers))


def _shrunk(pixels: "NDArray[np.uint8]", factor: float) -> "NDArray[np.uint8]":
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return (
        pixels
        if size == (width, height)
        else np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    )


def _grey(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    import cv2
    import numpy as np

    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _chroma(pixels: "NDArray[np.uint8]") -> "NDArray[np.int16]":
    import numpy as np

    return np.asarray(pixels.max(axis=2).astype(np.int16) - pixels.min(axis=2), np.int16)


def _has_colour(white: "NDArray[np.uint8]") -> bool:
    """Whether any ink on the whitened page has a colour, beyond the fringes a scanner leaves."""
    return int((_chroma(_shrunk(white, 0.5)) > _CHROMA // 2).sum()) > 30


def _is_mostly_coloured(white: "NDArray[np.uint8]") -> bool:
    """Whether the page is written in coloured ink throughout, so that the colour is the text."""
    some = white[::2, ::2]
    ink = some.min(axis=2) < WHITE - _INK_DEPTH
    coloured = ink & (_chroma(some) > _CHROMA)
    return bool(coloured.sum() > _MOSTLY * max(1, int(ink.sum())))


def _cut(pixels: "NDArray[np.uint8]", box: Box) -> "NDArray[np.uint8]":
    import numpy as np

    left, top, right, bottom = box
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _in_its_ink(captured: "NDArray[np.uint8]", calm: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """`calm` paper with ink of just the colour it was `captured` in, and a soft passage in between."""
    import cv2
    import numpy as np

    if calm.ndim != captured.ndim:
        captured = _grey(captured)
    darkest = calm if calm.ndim == 2 else calm.min(axis=2)
    lightness = cv2.GaussianBlur(darkest, (3, 3), 0).astype(np.float32)
    weight = np.clip((lightness - _INK_AT) / (_PAPER_AT - _INK_AT), 0, 1)
    if calm.ndim == 3:
        weight = weight[..., None]
    return np.asarray(np.round(calm * weight + captured * (1 - weight)), np.uint8)


def _bare(white: "NDArray[np.uint8]", hidden: "NDArray[np.uint8]", factor: float) -> "NDArray[np.uint8]":
    """`white` made smaller by `factor` from what is not `hidden` (0 or 1) alone, so that no shadow of a
    letter stays; what is hidden altogether gets the colour of its surroundings, or white."""
    import cv2
    import numpy as np

    shown = (1 - hidden).astype(np.float32)
    kept = white.astype(np.float32) * (shown if white.ndim == 2 else shown[..., None])
    height, width = white.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    total = cv2.resize(kept, size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
    wide_total, wide_share = cv2.blur(total, (9, 9)), cv2.blur(share, (9, 9))
    thin = share < _LEAST_SHOWN
    total[thin], share[thin] = wide_total[thin], wide_share[thin]
    blank = share < 1e-3
    total[blank], share[blank] = WHITE, 1
    return np.asarray(np.clip(total / (share if white.ndim == 2 else share[..., None]), 0, WHITE), np.uint8)


def _covered(mask: "NDArray[np.uint8]", white: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """How much of every point of `white` print covers, 0..255."""
    import cv2
    import numpy as np

    height, width = white.shape[:2]
    return np.asarray(
        cv2.resize(mask * np.uint8(WHITE), (width, height), interpolation=cv2.INTER_AREA), np.uint8
    )


def _hidden(covered: "NDArray[np.uint8]", boxes: tuple[Box, ...]) -> "NDArray[np.uint8]":
    """1 where print, or a picture, will lie over the paper, and a little around print."""
    import cv2
    import numpy as np

    reach = 2 * _MASK_MARGIN + 1
    hidden = cv2.dilate((covered > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    for left, top, right, bottom in boxes:
        hidden[top:bottom, left:right] = 1
    return np.asarray(hidden, np.uint8)


def _healed(picture: "NDArray[np.uint8]", covered: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """A picture without the print that is painted over it, so that it isn't coded twice: what is next to the
    letters goes on under them."""
    import cv2
    import numpy as np

    under = cv2.dilate((covered > _MOST_SHOWN).astype(np.uint8), np.ones((3, 3), np.uint8))
    if not under.any():
        return picture
    return np.asarray(cv2.inpaint(picture, under, 2, cv2.INPAINT_TELEA), np.uint8)


def _ground(coarse: "NDArray[np.uint8]", box: Place) -> Picture | None:
    """The paper and what is faint on it; None when nothing is seen."""
    if int(coarse.min()) >= WHITE - _SEEN:
        return None
    if coarse.ndim == 3 and int(_chroma(coarse).max()) < 2 * _SEEN:
        coarse = _grey(coarse)
    return _coded(coarse, _GROUND_QUALITY, box)


def _picture(calm: "NDArray[np.uint8]", box: Box, across: float, down: float) -> Picture:
    left, top, right, bottom = box
    place = left * across, top * down, right * across, bottom * down
    return _coded(calm, _PICTURE_QUALITY, place, _COLOUR_QUALITY)


def _coded(pixels: "NDArray[np.uint8]", quality: int, box: Place, colour_quality: int = 0) -> Picture:
    height, width = pixels.shape[:2]
    components = 1 if pixels.ndim == 2 else 3
    data = coded_jpeg(pixels, quality, colour_quality=colour_quality, progressive=True)
    return Picture(data, Coding.JPEG, width, height, components, box)
