"""A page as paper, pictures and inks (trang gọn nhẹ): found, separated and coded one after the other."""

from typing import TYPE_CHECKING

from ocr.image import coded_jpeg
from ocr.page import Box
from ocr.pdf.archival import bilevel
from ocr.pdf.compact.inks import separate_print
from ocr.pdf.compact.paper import WHITE, Paper, calmed, divided, find_paper
from ocr.pdf.compact.pictures import Scene, picture_of
from ocr.pdf.compact.regions import Regions, find_regions
from ocr.pdf.g4 import encode_g4
from ocr.pdf.layers import Coding, Ink, Layer, Painting, Picture, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OVERVIEW_DPI = 150
_GROUND_DPI = 75
_GROUND_QUALITY = 35
_PATCH_PX, _MOST_PATCHES = 15, 4
_MASK_MARGIN = 2
_INK_DEPTH = 90
_CHROMA = 60
_MOSTLY, _ALL_OVER = 0.6, 0.12
_SEEN = 6
_LEAST_SHOWN = 0.15


def compact(pixels: "NDArray[np.uint8]", dpi: int) -> Painting:
    """`pixels` (uint8, grey or R, G, B, at `dpi`) as a small painting that looks like it on white paper."""
    height, width = pixels.shape[:2]
    if pixels.ndim == 2 and bilevel(pixels):
        ink = Ink(encode_g4(WHITE - pixels), width, height, (0, 0, 0), (0, 0, width, height))
        return Painting(width, height, dpi, (ink,))
    paper = find_paper(pixels, dpi)
    half = _shrunk(pixels, min(1.0, _OVERVIEW_DPI / dpi))
    white = divided(half, paper.ground)
    seen = white if pixels.ndim == 3 and _has_colour(white) else _grey(white)
    scale = half.shape[1] / width
    regions = find_regions(seen, dpi * scale, colours=True)
    written_in_colour = seen.ndim == 3 and _is_mostly_coloured(seen) and _is_all_over(regions)
    if written_in_colour:
        regions = find_regions(seen, dpi * scale, colours=False)
    printed = separate_print(pixels, paper.ground, dpi, regions.map, colours=written_in_colour)
    tint = paper.tint if seen.ndim == 3 else (WHITE,)
    bare = _bare(
        seen, _hidden(_covered(printed.mask, seen), regions.boxes), min(1.0, _GROUND_DPI / dpi / scale)
    )
    layers: list[Layer] = [*_ground(calmed(bare, tint), width, height)]
    if seen.ndim == 2:
        pixels, paper = _grey(pixels), Paper(_grey(paper.ground), tint)
    scene = Scene(pixels, dpi, paper, printed.mask)
    for box in regions.boxes:
        left, top, right, bottom = box
        kind = int(regions.map[top:bottom, left:right].max())
        layers.append(picture_of(scene, _on_page(box, seen.shape, (height, width)), kind))
    layers += printed.inks
    return Painting(width, height, dpi, tuple(layers))


def _is_all_over(regions: Regions) -> bool:
    """Whether coloured ink takes more of the page than seals and signatures do."""
    boxed = sum((right - left) * (bottom - top) for left, top, right, bottom in regions.boxes)
    return bool(boxed > _ALL_OVER * regions.map.size)


def _on_page(box: Box, seen: tuple[int, ...], page: tuple[int, int]) -> Box:
    """A box of an image of the shape `seen` in px of the page it shows."""
    down, across = page[0] / seen[0], page[1] / seen[1]
    left, top, right, bottom = box
    return round(left * across), round(top * down), round(right * across), round(bottom * down)


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


def _ground(coarse: "NDArray[np.uint8]", width: int, height: int) -> list[Picture]:
    """The paper and what is faint on it, in patches where there are few; nothing where all of it is white."""
    import cv2
    import numpy as np

    darkest = coarse if coarse.ndim == 2 else coarse.min(axis=2)
    shown = (darkest < WHITE - _SEEN).astype(np.uint8)
    if not shown.any():
        return []
    if coarse.ndim == 3 and int(_chroma(coarse).max()) < 2 * _SEEN:
        coarse = _grey(coarse)
    near = cv2.dilate(shown, np.ones((_PATCH_PX, _PATCH_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    boxes = [(left, top, wide, high) for left, top, wide, high, _ in stats[1:].tolist()]
    if count > 1 + _MOST_PATCHES:
        left, top, wide, high = cv2.boundingRect(near)
        boxes = [(left, top, wide, high)]
    across, down = width / coarse.shape[1], height / coarse.shape[0]
    return [
        _coded(
            np.ascontiguousarray(coarse[top : top + high, left : left + wide]),
            (left * across, top * down, (left + wide) * across, (top + high) * down),
        )
        for left, top, wide, high in boxes
    ]


def _coded(pixels: "NDArray[np.uint8]", box: Place) -> Picture:
    height, width = pixels.shape[:2]
    data = coded_jpeg(pixels, _GROUND_QUALITY, progressive=True)
    return Picture(data, Coding.JPEG, width, height, 1 if pixels.ndim == 2 else 3, box)
