"""The visible page as a JPEG (ảnh trang để xem): as it was captured, in half the bytes of the usual coders.

Two things make it small, measured on 300 dpi scans against quality 75 of the usual tables: paper without its
grain; and tables of nearly even steps, since the edges of print need fine frequencies as much as coarse ones
(a quarter less at the same difference in print). Coloured ink needs finer steps and colour in full: all of
the page gets them where one JPEG must do, its areas alone where a page may have several, one over the other.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ocr.grain import Calm, without_grain
from ocr.image import coded_jpeg
from ocr.page import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PRINT_STEP, _COLOUR_STEP = 36, 28
_HUE_STEP = 10
_LEVEL_STEP = 8
_SLOPE, _HUE_SLOPE = 2, 1
_COARSER = (1.0, 1.5, 2.2, 3.2)
_WORTH_IT = 0.8
_SMALL_BITS = 0.25
_USUAL_DPI = 300
_LAST_QUALITY = 40


_BLOCK, _NEAR_PX = 16, 32
_MOSTLY = 0.4
"""Of a page that is coloured all over, one JPEG is smaller."""


@dataclass(frozen=True)
class Part:
    """A JPEG and the box in px of the page that it shows."""

    jpeg: bytes
    box: Box


@dataclass(frozen=True)
class Steps:
    """How coarsely a JPEG rounds its frequencies: light and hue, each with what is added for every frequency
    across or down; hue in half the resolution unless `full_colour`."""

    light: float
    light_slope: float
    hue: float
    hue_slope: float
    full_colour: bool = False


def visible_jpeg(
    pixels: "NDArray[np.uint8]", dpi: int, source: bytes | None = None, *, most: int | None = None
) -> bytes:
    """`pixels` (uint8, grey or R, G, B, at `dpi`) as a JPEG without a label of its dpi.

    `source`, the JPEG that the pixels are of, is taken as it is, with every coefficient, when it is small
    already or a new one would save less than a fifth. Otherwise steps grow, up to three times, while the
    result has more than `most` bytes.
    """
    if source is not None and _is_small(source, pixels, dpi):
        return source
    calm = without_grain(pixels)
    for factor in _COARSER:
        data = _coded(calm, factor) or coded_jpeg(pixels, round(_LAST_QUALITY / factor), progressive=True)
        if most is None or len(data) <= most:
            break
    return source if source is not None and len(data) > _WORTH_IT * len(source) else data


def visible_parts(
    pixels: "NDArray[np.uint8]", dpi: int, source: bytes | None = None, *, most: int | None = None
) -> tuple[Part, ...]:
    """As `visible_jpeg`, as one or more parts to be laid one over the other, the page itself first.

    Areas of coloured ink come on top of it: in a third of the time of one progressive JPEG with its colour in
    full, and a little smaller.
    """
    height, width = (int(side) for side in pixels.shape[:2])
    whole = (0, 0, width, height)
    if source is not None and _is_small(source, pixels, dpi):
        return (Part(source, whole),)
    calm = without_grain(pixels)
    areas = _blocks(calm.areas, width, height) if calm.coloured else ()
    covered = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in areas)
    if covered > _MOSTLY * width * height:
        return (Part(visible_jpeg(pixels, dpi, source, most=most), whole),)
    parts: tuple[Part, ...] = ()
    for factor in _COARSER:
        parts = tuple(
            Part(
                _part(calm.planes[y0:y1, x0:x1], pixels[y0:y1, x0:x1], factor, coloured=on_top),
                (x0, y0, x1, y1),
            )
            for on_top, (x0, y0, x1, y1) in ((False, whole), *((True, area) for area in areas))
        )
        if most is None or sum(len(part.jpeg) for part in parts) <= most:
            break
    if source is not None and sum(len(part.jpeg) for part in parts) > _WORTH_IT * len(source):
        return (Part(source, whole),)
    return parts


def _part(
    planes: "NDArray[np.uint8]", pixels: "NDArray[np.uint8]", factor: float, *, coloured: bool
) -> bytes:
    made = _written(planes, _mode(planes), _steps(factor, coloured=coloured), progressive=False)
    return made or coded_jpeg(pixels, round(_LAST_QUALITY / factor))


def _blocks(areas: Sequence[Box], width: int, height: int) -> tuple[Box, ...]:
    """`areas` on the borders of blocks of 16 px, neighbours joined."""
    joined: list[Box] = []
    for x0, y0, x1, y1 in areas:
        box = (
            x0 // _BLOCK * _BLOCK,
            y0 // _BLOCK * _BLOCK,
            min(width, -(-x1 // _BLOCK) * _BLOCK),
            min(height, -(-y1 // _BLOCK) * _BLOCK),
        )
        while near := [other for other in joined if _are_near(box, other)]:
            joined = [other for other in joined if other not in near]
            edges = list(zip(box, *near, strict=True))
            box = min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])
        joined.append(box)
    return tuple(sorted(joined, key=lambda box: (box[1], box[0])))


def _are_near(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + _NEAR_PX
        and other[0] <= one[2] + _NEAR_PX
        and one[1] <= other[3] + _NEAR_PX
        and other[1] <= one[3] + _NEAR_PX
    )


def _is_small(source: bytes, pixels: "NDArray[np.uint8]", dpi: int) -> bool:
    """Whether a JPEG has so few bits a px that nothing is to be gained; a coarse scan has more of them."""
    height, width = pixels.shape[:2]
    return len(source) * 8 * dpi <= _SMALL_BITS * _USUAL_DPI * int(height) * int(width)


def _coded(calm: Calm, factor: float) -> bytes | None:
    """A JPEG of `calm` with steps `factor` times the usual; None for noise that the coder has no room for."""
    return _written(calm.planes, _mode(calm.planes), _steps(factor, coloured=calm.coloured))


def _steps(factor: float, *, coloured: bool) -> Steps:
    step = _COLOUR_STEP if coloured else _PRINT_STEP
    return Steps(
        step * factor, _SLOPE * factor, _HUE_STEP * factor, _HUE_SLOPE * factor, full_colour=coloured
    )


def _mode(planes: "NDArray[np.uint8]") -> str:
    return "L" if planes.ndim == 2 else "YCbCr"


def stepped_jpeg(pixels: "NDArray[np.uint8]", steps: Steps) -> bytes:
    """R, G, B `pixels` as a progressive JPEG in just these `steps`."""
    return _written(pixels, "RGB", steps) or coded_jpeg(pixels, _LAST_QUALITY, progressive=True)


def _written(
    planes: "NDArray[np.uint8]", mode: str, steps: Steps, *, progressive: bool = True
) -> bytes | None:
    import numpy as np
    from PIL import Image

    shown = Image.frombuffer(mode, planes.shape[1::-1], np.ascontiguousarray(planes), "raw", mode, 0, 1)
    tables = [_table(steps.light, steps.light_slope)]
    tables[0][0] = min(tables[0][0], _LEVEL_STEP)  # a single level: paper must not fall into tiles
    if planes.ndim == 3:
        tables.append(_table(steps.hue, steps.hue_slope))
    with _without_name() as written:
        try:
            shown.save(
                written,
                "JPEG",
                qtables=tables,
                subsampling="4:4:4" if steps.full_colour else "4:2:0",
                progressive=progressive,
                optimize=True,
            )
        except OSError:
            return None
        written.seek(0)
        return written.read()


def _without_name() -> IO[bytes]:
    """A file that nobody can open and that goes when it is closed, in memory where the system has such files.

    Only while Pillow writes into a file of the system it lets other threads go on.
    """
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("page"), "w+b")
    return tempfile.TemporaryFile()


def _table(step: float, slope: float) -> list[int]:
    """Steps of the 64 frequencies, row by row: `step`, and `slope` more for each frequency across or down."""
    return [
        max(1, min(255, round(step + slope * (across + down)))) for down in range(8) for across in range(8)
    ]
