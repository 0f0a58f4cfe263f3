"""Reads a page out of the driver in large pieces, past python-sane (đọc ảnh từ trình điều khiển).

python-sane reads row by row, takes the interpreter's lock after each, and copies the page twice more: as much
work again as a network scanner's own JPEG takes to decode. What it holds of a device is SANE's handle and
nothing else; with that, SANE's own `sane_read` fills our memory at once, and the lock stays free meanwhile.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PIECE_BYTES = 128 * 1024
_GOOD, _EOF = 0, 5
_SECONDS_BETWEEN_EMPTY_READS = 0.002
_HANDLE_BYTES = ctypes.sizeof(ctypes.c_void_p)


class StatusError(Exception):
    """Another status than good and end of file, in SANE's words as python-sane has them."""


def can_read(device: Any, depth: int, rows: int) -> bool:
    """Whether the open `device` of python-sane can be read here.

    One byte a sample and a length that is known; and the object that holds the device must be its handle
    behind Python's own head, which is looked at before it is used.
    """
    return depth == 8 and rows > 0 and _holds_a_handle(type(device.dev)) and _library() is not None


def read_page(
    device: Any, rows: int, row_bytes: int, progress: Callable[[int], None]
) -> npt.NDArray[np.uint8]:
    """The samples of the page that was started, whole rows of them, as they come; `progress` gets rows.

    One row more at most than was announced. Raises StatusError.
    """
    import numpy as np

    sane = _library()
    if sane is None:
        raise RuntimeError("SANE isn't there")
    handle = ctypes.c_void_p.from_address(id(device.dev) + object.__basicsize__)
    samples = np.empty((rows + 1) * row_bytes, np.uint8)
    start, got, size = samples.ctypes.data, 0, samples.nbytes
    came = ctypes.c_int32()
    while got < size:
        status = sane.sane_read(handle, start + got, min(PIECE_BYTES, size - got), ctypes.byref(came))
        if status == _EOF:
            break
        if status != _GOOD:
            raise StatusError(sane.sane_strstatus(status).decode("latin-1"))
        if came.value:
            got += came.value
            progress(got // row_bytes)
        else:
            # A driver that doesn't wait where it should: no sign of life, and no reason to be asked at once.
            time.sleep(_SECONDS_BETWEEN_EMPTY_READS)
    return samples[: got - got % row_bytes]


def _holds_a_handle(kind: type) -> bool:
    """SANE's handle is a pointer; where the object holds more or less, it isn't known where it lies."""
    return (
        kind.__name__ == "SaneDev"
        and kind.__basicsize__ == object.__basicsize__ + _HANDLE_BYTES
        and not (kind.__itemsize__ or kind.__dictoffset__ or kind.__weakrefoffset__)
    )


@cache
def _library() -> Any:
    """The SANE that python-sane itself is bound to; None where it can't be told."""
    import _sane

    try:
        library = ctypes.CDLL(_sane.__file__)
        library.sane_read.argtypes = (
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_int32,
            ctypes.POINTER(ctypes.c_int32),
        )
        library.sane_read.restype = ctypes.c_int
        library.sane_strstatus.argtypes = (ctypes.c_int,)
        library.sane_strstatus.restype = ctypes.c_char_p
    except (OSError, AttributeError):
        return None
    return library
