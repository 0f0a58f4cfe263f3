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
    import cv2
    import numpy as np

    picture = cv2.imdecode(
        np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    )
    if picture is None:
        raise ScanError(ScanFault.UNREADABLE_PAPER)
    if picture.ndim == 2:
        return np.asarray(picture, np.uint8)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
