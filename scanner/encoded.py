"""Capture logic for pages that are JPEG files already (ảnh trang đã nén)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner import jpeg
from scanner.errors import ScanError, ScanFault
from scanner.likeness import fingerprint
from scanner.training_mark import mark

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_QUALITY = 88


def fingerprint_of_jpeg(data: bytes, dpi: int) -> str:
    """The fingerprint of a page as `scanner.likeness` makes it. Raises ScanError `scan.unreadable-paper`."""
    return fingerprint(_decoded(data), dpi)


def marked_for_training(data: bytes, dpi: int) -> bytes:
    """The page with TẬP HUẤN across it, as a JPEG of the same size. Raises `scan.unreadable-paper`."""
    return jpeg.encode(mark(_decoded(data)), dpi, _QUALITY)


def _decoded(data: bytes) -> npt.NDArray[np.uint8]:
    try:
        return jpeg.decoded(data)
    except ValueError:
        raise ScanError(ScanFault.UNREADABLE_PAPER) from None
