"""Whether a JPEG came whole: its own marks say so, and the decoder never has to make up the rest (ảnh đủ).

A page that broke off may still end with the mark of an end, and decoders fill the missing rows with one
colour without a word. Structure of a JPEG: ITU-T T.81, Annex B.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

_END = b"\xff\xd9"
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_LINES_TOLD_LATE = re.compile(rb"\xff\xdc\x00\x04(..)\xff\xd9", re.DOTALL)
_BASELINE = frozenset({0xC0, 0xC1})
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_STUFFING = bytes((31 * at * at + 7 * at + 90) % 255 for at in range(512))
"""Motley bytes without a mark in them (FF): were they read as picture, they would change it."""


@dataclass(frozen=True)
class Frame:
    """What the head of a JPEG says. Sizes in px, a height of 0 is told at the end; `height_at` and `scan_at`
    are places in bytes; `units` is how many coded units (MCUs) the picture has.
    """

    width: int
    height: int
    components: int
    baseline: bool
    height_at: int
    scan_at: int
    restart_interval: int
    units: int


def read_frame(data: bytes) -> Frame | None:
    """The head of a JPEG, or None for what is none."""
    at = 2
    interval = 0
    frame: tuple[int, int] | None = None
    if data[:2] != b"\xff\xd8":
        return None
    while at + 4 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        if length < 2:
            return None
        if mark == 0xDD:
            interval = int.from_bytes(data[at + 4 : at + 6])
        elif mark in _FRAMES:
            frame = (mark, at + 4)
        elif mark == 0xDA:
            return _frame(data, frame, at + 2 + length, interval)
        at += 2 + length
    return None


def with_true_height(data: bytes) -> bytes:
    """The same picture with its height in its head, for feeders that tell it at the end only (DNL, B.2.5)."""
    frame = read_frame(data)
    told = _LINES_TOLD_LATE.search(data, max(frame.scan_at, len(data) - 64)) if frame else None
    if frame is None or told is None or int.from_bytes(told[1]) in {0, frame.height}:
        return data
    return data[: frame.height_at] + told[1] + data[frame.height_at + 2 :]


def has_end(data: bytes, frame: Frame) -> bool:
    """Whether the mark of the end is there, with every mark between that its head announces."""
    end = data.rfind(_END)
    if end < frame.scan_at:
        return False
    if frame.baseline and frame.restart_interval:
        announced = (frame.units - 1) // frame.restart_interval
        return sum(1 for _ in _RESTART.finditer(data, frame.scan_at, end)) >= announced
    return True


def decodes_to_its_end(data: bytes, frame: Frame) -> bool:
    """Whether a decoder gets every row of a picture out of its bytes, and makes none up.

    A baseline picture is decoded twice, an eighth as large, once with other bytes before its end (13 ms
    together for A4 at 300 dpi). A whole picture stays the same; one that is short takes those bytes for
    picture. The last block of 8 x 8 px may lack its finer detail unnoticed. A progressive one that is short
    is blurred, not cut: there it counts that the decoder has nothing to complain of.
    """
    end = data.rfind(_END)
    try:
        seen = _small(data)
        return not frame.baseline or seen == _small(data[:end] + _STUFFING + data[end:])
    except (OSError, SyntaxError, ValueError):
        return False


def _small(data: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        image.draft(image.mode, (max(image.width // 8, 1), max(image.height // 8, 1)))
        return image.tobytes()


def _frame(data: bytes, found: tuple[int, int] | None, scan_at: int, interval: int) -> Frame | None:
    if found is None:
        return None
    mark, at = found
    components = data[at + 5] if len(data) > at + 5 else 0
    if not 1 <= components <= 4 or len(data) < at + 6 + 3 * components:
        return None
    height, width = int.from_bytes(data[at + 1 : at + 3]), int.from_bytes(data[at + 3 : at + 5])
    factors = [data[at + 7 + 3 * which] for which in range(components)]
    across, down = max(f >> 4 for f in factors), max(f & 15 for f in factors)
    # One component alone is laid out block by block, whatever its factors say (A.2.2).
    unit_width, unit_height = (8, 8) if components == 1 else (8 * across, 8 * down)
    if not width or not unit_width or not unit_height:
        return None
    return Frame(
        width=width,
        height=height,
        components=components,
        baseline=mark in _BASELINE,
        height_at=at + 1,
        scan_at=scan_at,
        restart_interval=interval,
        units=-(-width // unit_width) * -(-height // unit_height),
    )
