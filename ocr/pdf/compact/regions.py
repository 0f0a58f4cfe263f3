"""Where seals, signatures and photographs are (vùng con dấu, chữ ký, ảnh): they are kept as pictures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.page import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLOURED, PHOTOGRAPH = 128, 255
_MM_PER_INCH = 25.4
_CHROMA = 38
_DEPTH = 24
_LEAST_MM2 = 1.2
_JOIN_MM, _MARGIN_MM = 3.0, 1.0
_WINDOW_MM = 6.0
_MIDTONES = (70, 205)
_MIDTONE_SHARE = 0.55
_LEAST_PHOTO_MM2 = 100.0
_VIVID, _MOST_VIVID = 60, 0.75


@dataclass(frozen=True)
class Regions:
    """`map`: uint8 at the resolution of what was looked at, COLOURED and PHOTOGRAPH where these lie, else 0;
    `boxes`: px there, apart from each other."""

    map: "NDArray[np.uint8]"
    boxes: tuple[Box, ...]


def find_regions(white: "NDArray[np.uint8]", dpi: float, *, colours: bool) -> Regions:
    """The coloured ink and the photographs on `white` (whitened grey or R, G, B at `dpi`).

    Without `colours` coloured ink is looked at as print, and photographs alone are found.
    """
    import cv2
    import numpy as np

    found = _photographs(white, dpi)
    if white.ndim == 3 and colours:
        ink = _coloured_ink(white, dpi)
        found = np.where(found > 0, found, ink * np.uint8(COLOURED))
    if not found.any():
        return Regions(found, ())
    reach = round(_JOIN_MM / _MM_PER_INCH * dpi) | 1
    joined = cv2.dilate(found, np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats((joined > 0).astype(np.uint8), connectivity=8)
    height, width = found.shape
    grown = round((_MARGIN_MM - _JOIN_MM / 2) / _MM_PER_INCH * dpi)
    boxes = [
        (
            max(0, left - grown),
            max(0, top - grown),
            min(width, left + wide + grown),
            min(height, top + high + grown),
        )
        for left, top, wide, high, _ in (stats[index].tolist() for index in range(1, count))
    ]
    # On an image of a few px nothing may be left of a box once what joined it is taken off.
    return Regions(found, tuple(box for box in _apart(boxes) if box[0] < box[2] and box[1] < box[3]))


def _coloured_ink(white: "NDArray[np.uint8]", dpi: float) -> "NDArray[np.uint8]":
    """1 where ink with a colour of its own lies, in patches worth a picture."""
    import cv2
    import numpy as np

    parts = cv2.split(white)
    darkest = cv2.min(cv2.min(parts[0], parts[1]), parts[2])
    brightest = cv2.max(cv2.max(parts[0], parts[1]), parts[2])
    chroma = cv2.blur(cv2.subtract(brightest, darkest), (3, 3))
    ink = ((chroma > _CHROMA) & (darkest < 255 - _DEPTH)).astype(np.uint8)
    reach = round(_JOIN_MM / 2 / _MM_PER_INCH * dpi) | 1
    joined = cv2.dilate(ink, np.ones((reach, reach), np.uint8))
    count, labels, _, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    amount = np.bincount(labels[ink > 0], minlength=count)
    large = amount >= _LEAST_MM2 * (dpi / _MM_PER_INCH) ** 2
    large[0] = False
    return np.asarray(ink * large[labels], np.uint8)


def _photographs(white: "NDArray[np.uint8]", dpi: float) -> "NDArray[np.uint8]":
    """PHOTOGRAPH where tones between ink and paper prevail over an area no letter has, unless nearly all
    of them are of one vivid ink: a seal that is worn or full."""
    import cv2
    import numpy as np

    grey = white if white.ndim == 2 else cv2.cvtColor(white, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    shrink = max(1, round(dpi / 50))
    size = max(1, width // shrink), max(1, height // shrink)
    middle = ((grey > _MIDTONES[0]) & (grey < _MIDTONES[1])).astype(np.float32)
    small = cv2.resize(middle, size, interpolation=cv2.INTER_AREA)
    window = max(3, round(_WINDOW_MM / _MM_PER_INCH * dpi / shrink)) | 1
    dense = (cv2.blur(small, (window, window)) > _MIDTONE_SHARE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dense, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    tones = np.bincount(labels.ravel(), weights=small.ravel(), minlength=count)
    vivid = np.bincount(labels.ravel(), weights=_vivid(white, middle, size).ravel(), minlength=count)
    large = (area >= _LEAST_PHOTO_MM2 * (dpi / shrink / _MM_PER_INCH) ** 2) & (vivid < _MOST_VIVID * tones)
    large[0] = False
    boxes = np.zeros_like(dense)
    for left, top, wide, high, _ in stats[large].tolist():
        # A photograph is a rectangle; the blur took half a window from its sides.
        pad = window // 2
        boxes[max(0, top - pad) : top + high + pad, max(0, left - pad) : left + wide + pad] = PHOTOGRAPH
    return np.asarray(cv2.resize(boxes, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _vivid(
    white: "NDArray[np.uint8]", middle: "NDArray[np.float32]", size: tuple[int, int]
) -> "NDArray[np.float32]":
    """The share of tones in between that have a strong colour, at `size` (width, height)."""
    import cv2
    import numpy as np

    if white.ndim == 2:
        return np.zeros(size[::-1], np.float32)
    parts = cv2.split(white)
    darkest = cv2.min(cv2.min(parts[0], parts[1]), parts[2])
    brightest = cv2.max(cv2.max(parts[0], parts[1]), parts[2])
    strong = middle * (cv2.subtract(brightest, darkest) > _VIVID)
    return np.asarray(cv2.resize(strong, size, interpolation=cv2.INTER_AREA), np.float32)


def _apart(boxes: list[Box]) -> list[Box]:
    """`boxes` with those that overlap put together, in reading order."""
    merged: list[Box] = []
    for box in boxes:
        grown = box
        while touching := [other for other in merged if _overlap(grown, other)]:
            merged = [other for other in merged if other not in touching]
            grown = _around([grown, *touching])
        merged.append(grown)
    return sorted(merged, key=lambda box: (box[1], box[0]))


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _around(boxes: list[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
