"""Seals, signatures and photographs as pictures of their own (ảnh con dấu, chữ ký): as fine as their colours
need, and no finer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.colours import colour_difference, lab
from ocr.image import coded_jpeg, decode
from ocr.page import Box
from ocr.pdf.compact.paper import WHITE, Paper, calmed
from ocr.pdf.compact.regions import PHOTOGRAPH
from ocr.pdf.layers import Coding, Picture, Place
from ocr.visible import Steps, stepped_jpeg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_INK_DPI, _PHOTOGRAPH_DPI = 300, 150
_PHOTOGRAPH_QUALITY, _PHOTOGRAPH_HUE_QUALITY = 40, 60
_HALF_COLOUR = tuple(
    Steps(light, light / 5, light / 5, light / 24) for light in (104, 92, 82, 74, 66, 59, 52)
)
_FULL_COLOUR = tuple(
    Steps(light, light / 6, light * 0.6, light / 9, sampling="4:4:4") for light in (52, 45, 39, 33, 28)
)
_LADDER = (*_HALF_COLOUR, *_FULL_COLOUR)
"""Coarse to fine; each takes about 6 % more bytes than the one before."""
_MOST_APART = 4.0
"""ΔE00, mean over the coloured points at 300 dpi; print over the seal takes some of it away."""
_SAMPLE = 8_000
_COLOURED = 35
_INK_AT, _PAPER_AT = 200, 250
_MOST_SHOWN = 40


@dataclass(frozen=True)
class Scene:
    """What pictures are cut from: `pixels` of the page at `dpi`, its `paper`, and the `mask` of its print, 0
    or 1, at its own resolution."""

    pixels: "NDArray[np.uint8]"
    dpi: int
    paper: Paper
    mask: "NDArray[np.uint8]"


def picture_of(scene: Scene, place: Box, kind: int) -> Picture:
    """The `place` (px of the page) as a picture; `kind` is COLOURED or PHOTOGRAPH."""
    import cv2
    import numpy as np

    left, top, right, bottom = place
    dpi = _PHOTOGRAPH_DPI if kind == PHOTOGRAPH else _INK_DPI
    factor = min(1.0, dpi / scene.dpi)
    size = max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor))
    captured = np.asarray(
        cv2.resize(scene.pixels[top:bottom, left:right], size, interpolation=cv2.INTER_AREA), np.uint8
    )
    own = _in_its_ink(captured, calmed(_whitened(captured, scene, place), scene.paper.tint))
    own = _healed(own, _covered(scene, place, size))
    box = (float(left), float(top), float(right), float(bottom))
    if own.ndim == 2 or kind == PHOTOGRAPH:
        data = coded_jpeg(own, _PHOTOGRAPH_QUALITY, colour_quality=_PHOTOGRAPH_HUE_QUALITY, progressive=True)
        return _jpeg(data, own, box)
    return _jpeg(_fine_enough(own, captured), own, box)


def _jpeg(data: bytes, pixels: "NDArray[np.uint8]", box: Place) -> Picture:
    height, width = pixels.shape[:2]
    return Picture(data, Coding.JPEG, width, height, 1 if pixels.ndim == 2 else 3, box)


def _fine_enough(own: "NDArray[np.uint8]", captured: "NDArray[np.uint8]") -> bytes:
    """`own` in the coarsest steps that keep its coloured ink near enough to what was captured."""
    import numpy as np

    wanted = lab(captured)
    coloured = np.flatnonzero(np.hypot(wanted[..., 1], wanted[..., 2]) > _COLOURED)
    some = coloured[:: 1 + len(coloured) // _SAMPLE]
    wanted = wanted.reshape(-1, 3)[some]
    if not len(some):
        return stepped_jpeg(own, _LADDER[0])

    def too_far(data: bytes) -> bool:
        seen = lab(decode(data).pixels.reshape(1, -1, 3)[:, some])[0]
        return bool(colour_difference(wanted, seen).mean() > _MOST_APART)

    coarsest, finest = 0, len(_LADDER) - 1
    best = b""
    while coarsest < finest:
        middle = (coarsest + finest) // 2
        data = stepped_jpeg(own, _LADDER[middle])
        if too_far(data):
            coarsest = middle + 1
        else:
            best, finest = data, middle
    return best if best and finest < len(_LADDER) - 1 else stepped_jpeg(own, _LADDER[finest])


def _whitened(captured: "NDArray[np.uint8]", scene: Scene, place: Box) -> "NDArray[np.uint8]":
    """`captured`, cut at `place`, brought to white where it is as bright as the paper there."""
    import cv2
    import numpy as np

    ground = scene.paper.ground
    left, top, right, bottom = place
    height, width = captured.shape[:2]
    page_height, page_width = scene.pixels.shape[:2]
    across, down = ground.shape[1] / page_width, ground.shape[0] / page_height
    wide, high = (right - left) / width * across, (bottom - top) / height * down
    into = np.array(
        [
            [wide, 0, left * across + wide / 2 - 0.5],
            [0, high, top * down + high / 2 - 0.5],
        ],
        np.float32,
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    under = cv2.warpAffine(ground, into, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.divide(captured, under, scale=WHITE), np.uint8)


def _in_its_ink(captured: "NDArray[np.uint8]", calm: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """`calm` paper with ink of just the colour it was `captured` in, and a soft passage in between."""
    import cv2
    import numpy as np

    darkest = calm if calm.ndim == 2 else calm.min(axis=2)
    lightness = cv2.GaussianBlur(darkest, (3, 3), 0).astype(np.float32)
    weight = np.clip((lightness - _INK_AT) / (_PAPER_AT - _INK_AT), 0, 1)
    if calm.ndim == 3:
        weight = weight[..., None]
    return np.asarray(np.round(calm * weight + captured * (1 - weight)), np.uint8)


def _covered(scene: Scene, place: Box, size: tuple[int, int]) -> "NDArray[np.uint8]":
    """How much of every point of a picture of `size` at `place` print covers, 0..255."""
    import cv2
    import numpy as np

    height, width = scene.pixels.shape[:2]
    across, down = scene.mask.shape[1] / width, scene.mask.shape[0] / height
    left, top, right, bottom = place
    part = scene.mask[round(top * down) : round(bottom * down), round(left * across) : round(right * across)]
    if not part.size:
        return np.zeros(size[::-1], np.uint8)
    return np.asarray(cv2.resize(part * np.uint8(WHITE), size, interpolation=cv2.INTER_AREA), np.uint8)


def _healed(picture: "NDArray[np.uint8]", covered: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """A picture without the print that is painted over it, so that it isn't coded twice: what is next to the
    letters goes on under them."""
    import cv2
    import numpy as np

    under = cv2.dilate((covered > _MOST_SHOWN).astype(np.uint8), np.ones((3, 3), np.uint8))
    if not under.any():
        return picture
    return np.asarray(cv2.inpaint(picture, under, 2, cv2.INPAINT_TELEA), np.uint8)
