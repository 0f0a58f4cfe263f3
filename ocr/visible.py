"""The visible page as a JPEG (ảnh trang để xem): as it was captured, in half the bytes of the usual coders.

Measured on 300 dpi scans against quality 75 of the usual tables, two things make it small: paper without its
grain, and tables of nearly even steps, since the edges of print need fine frequencies as much as coarse ones
(a quarter less at the same difference in print).

Coloured ink is worth finer steps: with them seals look as true with half of their hue as with coarser steps
and all of it, in as many bytes and a third of the time. Pages without it are coded in progressive order, a
fifteenth smaller for 0.08 s of a page.
"""

import os
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ocr.grain import Calm, without_grain
from ocr.image import coded_jpeg

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PRINT_STEPS = (36, 2, 10, 1)
_COLOUR_STEPS = (27, 2, 7, 0)
_LEVEL_STEP = 8
_COARSER = (1.0, 1.5, 2.2, 3.2)
_WORTH_IT = 0.8
_SMALL_BITS = 0.25
_USUAL_DPI = 300
_LAST_QUALITY = 40


@dataclass(frozen=True)
class Steps:
    """How coarsely a JPEG rounds its frequencies: light and hue, each with what is added for every frequency
    across or down; `sampling` of hue as "4:2:0" (half across and down), "4:2:2" (half across) or "4:4:4"."""

    light: float
    light_slope: float
    hue: float
    hue_slope: float
    sampling: str = "4:2:0"


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


def _is_small(source: bytes, pixels: "NDArray[np.uint8]", dpi: int) -> bool:
    """Whether a JPEG has so few bits a px that nothing is to be gained; a coarse scan has more of them."""
    height, width = pixels.shape[:2]
    return len(source) * 8 * dpi <= _SMALL_BITS * _USUAL_DPI * int(height) * int(width)


def _coded(calm: Calm, factor: float) -> bytes | None:
    """A JPEG of `calm` with steps `factor` times the usual; None for noise that the coder has no room for."""
    light, light_slope, hue, hue_slope = _COLOUR_STEPS if calm.coloured else _PRINT_STEPS
    sampling = "4:2:2" if calm.coloured else "4:2:0"
    steps = Steps(light * factor, light_slope * factor, hue * factor, hue_slope * factor, sampling)
    mode = "L" if calm.planes.ndim == 2 else "YCbCr"
    return _written(calm.planes, mode, steps, progressive=not calm.coloured)


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
                subsampling=steps.sampling,
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
