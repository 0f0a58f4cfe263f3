"""Tells a page whose end is missing from a whole one, where the driver doesn't (trang bị cắt cụt).

Drivers of network scanners get JPEG from the device and decode it with libjpeg. Where the device sent only a
part, libjpeg fills the rest with uniform middle grey and the driver reports success.
"""

from __future__ import annotations

DRIVERS_THAT_DECODE_JPEG = ("airscan:", "escl:")

_FILL = b"\x80"
_ROWS_BETWEEN_LOOKS = 8
_SHARE_OF_A_ROW = 0.9
_LOOKS_IN_A_ROW = 2
_BYTES_BETWEEN_GLANCES = 97
"""Coprime to the samples of a pixel. A row of which a glance finds less than half filled is not looked at."""
_SHARE_AT_A_GLANCE = 0.5


def is_torn(samples: bytes | bytearray | memoryview, row_bytes: int) -> bool:
    """Whether the page holds rows, at least 16 on end, that are the decoder's fill but for their margins.

    A sensor's noise never leaves nine tenths of so many samples at one value in the middle of the scale.
    """
    on_end = 0
    for start in range(0, len(samples), row_bytes * _ROWS_BETWEEN_LOOKS):
        row = samples[start : start + row_bytes]
        filled = (
            _filled(row[::_BYTES_BETWEEN_GLANCES]) >= _SHARE_AT_A_GLANCE and _filled(row) >= _SHARE_OF_A_ROW
        )
        on_end = on_end + 1 if filled else 0
        if on_end > _LOOKS_IN_A_ROW:
            return True
    return False


def _filled(samples: bytes | bytearray | memoryview) -> float:
    """The share of the decoder's fill in at least one sample."""
    return bytes(samples).count(_FILL) / len(samples)
