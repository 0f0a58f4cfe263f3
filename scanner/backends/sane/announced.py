"""What a driver announces of the image to come, judged before one byte of it is read."""

from __future__ import annotations

from typing import Any

from scanner.contract import LARGEST_PAGE_BYTES, ColorMode, ScanRequest
from scanner.errors import ScanError, ScanFault


def most_bytes(request: ScanRequest) -> int:
    """What a page may hold: four times what was asked for (drivers round areas up to their own formats)."""
    return min(LARGEST_PAGE_BYTES, max(4 * request.page_bytes, 32 * 1024 * 1024))


def shape_of(parameters: tuple[Any, ...], request: ScanRequest) -> tuple[int, int, int]:
    """Width in px, height in px (0 where the device can't tell) and samples a pixel of the coming image.

    Refuses, before anything is allocated, what is too large, what the binding would read wrongly (separate
    colour frames, 16-bit samples, padded rows), and an image of another kind than was asked for.
    """
    most = most_bytes(request)
    form, _, (width, height), depth, bytes_per_line = parameters
    channels = {"gray": 1, "grey": 1, "color": 3}.get(form)
    if channels is None or depth not in (1, 8) or (depth == 1 and channels == 3):
        raise ScanError(ScanFault.UNSUPPORTED, field="frame", frame=str(form), depth=depth)
    if (channels == 3) is not (request.mode is ColorMode.COLOR) or (
        depth == 1 and request.mode is not ColorMode.BITONAL
    ):
        raise ScanError(ScanFault.UNSUPPORTED, field="mode", wanted=request.mode.value, frame=str(form))
    row_bytes = width * channels if depth == 8 else (width + 7) // 8
    if width < 1 or width * channels * max(height, 1) > most:
        raise ScanError(ScanFault.REFUSED_SIZE, width_px=width, height_px=height, most=most)
    if bytes_per_line != row_bytes:
        raise ScanError(ScanFault.UNSUPPORTED, field="bytes_per_line", told=bytes_per_line, right=row_bytes)
    return width, max(height, 0), channels


def depth_of(parameters: tuple[Any, ...]) -> int:
    """Bits a sample of the coming image."""
    return int(parameters[3])
