"""The JPEG of a device as a page, or a refusal: never half a page (ảnh trang từ máy)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.backends.escl import wholeness
from scanner.backends.escl.settings import CLIPPED_MM, Order
from scanner.coded import CodedPage
from scanner.contract import LEAST_DPI, MM_PER_INCH, ColorMode, PageImage, Source
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

_BANDS = {ColorMode.COLOR: "RGB", ColorMode.GREY: "L", ColorMode.BITONAL: "L"}
SHORTEST_MM = 10.0
"""A feeder ends a page where its paper ends, which may be sooner than asked; no page is shorter than this."""


class NotWholeError(Exception):
    """The bytes are no whole JPEG: the page may be asked for again."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A whole page with its true dpi: as the JPEG that arrived, or as `pixels` where these had to change."""

    dpi: int
    encoded: bytes
    shape: tuple[int, ...]
    pixels: npt.NDArray[np.uint8] | None = None

    def page(self, sheet: int, side: int) -> PageImage:
        """The page that it is of the scan."""
        if self.pixels is not None:
            return PageImage(self.pixels, self.dpi, sheet, side)
        return CodedPage(self.encoded, self.shape, self.dpi, sheet, side)


def develop(data: bytes, order: Order) -> Picture:
    """Looks through what arrived for `order`, to its last row.

    Raises NotWholeError; ScanError `scan.bad-answer` for a picture that can't be what was asked for,
    `scan.truncated` for one that is smaller than the paper, `scan.unsupported` for grey where colour was
    asked for, `scan.resolution-too-low`.
    """
    import numpy as np
    from PIL import Image

    data = wholeness.with_true_height(data)
    frame = wholeness.read_frame(data)
    if frame is None or not frame.height or not wholeness.has_end(data, frame):
        raise NotWholeError
    _refuse_strange(frame, order)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            stated = image.info.get("dpi")
            dpi = _true_dpi(image, stated, order)
            if not wholeness.decodes_to_its_end(data, frame):
                raise NotWholeError
            shape = (image.height, image.width, *((3,) if order.mode is ColorMode.COLOR else ()))
            if image.mode == _BANDS[order.mode]:
                return Picture(dpi, data, shape)
            return Picture(dpi, data, shape, np.asarray(image.convert(_BANDS[order.mode])))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotWholeError from error


def most_bytes(order: Order) -> int:
    """Bytes beyond which no JPEG of the asked area is read: as many as its raw pixels, and a head."""
    return order.most_width_px * _tallest(order) * 3 + 1024 * 1024


def _tallest(order: Order) -> int:
    """A device may send its whole glass where less was asked; a feeder of ten metres doesn't do so."""
    return order.most_height_px if order.source is Source.FLATBED else order.height_px * 2


def _refuse_strange(frame: wholeness.Frame, order: Order) -> None:
    slack_px = round(CLIPPED_MM * order.dpi / MM_PER_INCH)
    if frame.width > order.most_width_px + slack_px or frame.height > _tallest(order) + slack_px:
        raise ScanError(ScanFault.BAD_ANSWER, what="size", width_px=frame.width, height_px=frame.height)
    if frame.components == 1 and order.mode is ColorMode.COLOR:
        raise ScanError(ScanFault.UNSUPPORTED, field="mode", wanted=order.mode.value)


def _true_dpi(image: Image.Image, stated: tuple[float, float] | None, order: Order) -> int:
    """The resolution asked for where the size agrees, else the one that the file states where that does.

    Many devices state any density at all, so the size is asked first.
    """
    if _is_as_large(image, order, order.dpi):
        return order.dpi
    dpi = round(float(stated[0])) if stated else 0
    if dpi and dpi != order.dpi and _is_as_large(image, order, dpi):
        if dpi < LEAST_DPI:
            raise ScanError(ScanFault.RESOLUTION_TOO_LOW, dpi=dpi, least=LEAST_DPI)
        return dpi
    raise ScanError(
        ScanFault.TRUNCATED,
        rows=image.height,
        expected_rows=order.height_px,
        width_px=image.width,
        expected_px=order.width_px,
    )


def _is_as_large(image: Image.Image, order: Order, dpi: int) -> bool:
    slack_px = CLIPPED_MM * dpi / MM_PER_INCH
    width, height = (length * dpi / order.dpi for length in (order.width_px, order.height_px))
    if order.source is not Source.FLATBED:
        height = min(height, slack_px + SHORTEST_MM * dpi / MM_PER_INCH)
    return image.width >= width - slack_px and image.height >= height - slack_px
