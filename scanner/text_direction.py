"""Whether print stands on its head (chiều chữ), told without reading it.

Latin letters, and Vietnamese ones most of all, carry more ink above the height of an x than below the line:
ascenders, capitals and the marks of tone and vowel against a few descenders and the dot below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.inkmap import InkMap, ink_map

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LEAST_LINES = 3
_LEAST_LEAN = 0.08
_LEAST_SURENESS = 1.5
_LEAST_ERROR = 0.02
_CORE_SHARE = 0.45
_CORE_PX = (4, 18)
_AROUND_PX = 9


def is_upside_down(image: npt.NDArray[np.uint8], dpi: int = 300) -> bool | None:
    """Whether the text lines of a page image, (H, W, 3) RGB or (H, W) uint8, stand on their heads.

    None when it can't be told: fewer than three lines of print, lines that run up and down, drawings. On
    42 pages of print in three scans each, both ways up, it never said the wrong thing.
    """
    return upside_down(ink_map(image, dpi))


def upside_down(seen: InkMap) -> bool | None:
    """The same for an image whose ink is already known."""
    import numpy as np

    letters = _letters(seen)
    leans = [lean for box in _words(letters) if (lean := _lean(letters, box)) is not None]
    if len(leans) < _LEAST_LINES:
        return None
    values, weights = (np.array(column, np.float64) for column in zip(*leans, strict=True))
    mean = float(np.average(values, weights=weights))
    error = float(np.sqrt(np.square(weights * (values - mean)).sum()) / weights.sum())
    if abs(mean) < _LEAST_LEAN or abs(mean) < _LEAST_SURENESS * max(error, _LEAST_ERROR):
        return None
    return mean < 0


def _letters(seen: InkMap) -> npt.NDArray[np.uint8]:
    """Ink of the size of letters, 1 or 0 at 100 dpi; rules, frames and pictures are left out."""
    import cv2
    import numpy as np

    ink = (seen.ink > 0.3).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    letter = (
        (stats[:, cv2.CC_STAT_WIDTH] < 90)
        & (stats[:, cv2.CC_STAT_HEIGHT] < 45)
        & (stats[:, cv2.CC_STAT_AREA] >= 2)
    )
    letter[0] = False
    return np.asarray(letter[labels], np.uint8)


def _words(letters: npt.NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, width, height) of words and pieces of lines, without what sticks out above and below."""
    import cv2
    import numpy as np

    smeared = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, 19), np.uint8))
    smeared = cv2.morphologyEx(smeared, cv2.MORPH_OPEN, np.ones((3, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(smeared, connectivity=8)
    boxes = [(int(x), int(y), int(width), int(height)) for x, y, width, height, _ in stats[1:]]
    return [box for box in boxes if box[2] >= 30 and 4 <= box[3] <= 20]


def _lean(letters: npt.NDArray[np.uint8], box: tuple[int, int, int, int]) -> tuple[float, float] | None:
    """How the ink outside the x-height leans, 1 all above to −1 all below, and its weight: the width."""
    import numpy as np

    x, y, width, height = box
    top = max(0, y - _AROUND_PX)
    rows = letters[top : y + height + _AROUND_PX, x : x + width].sum(axis=1).astype(np.float64)
    middle = y - top + int(np.argmax(rows[y - top : y - top + height]))
    low = _CORE_SHARE * rows[middle]
    first = last = middle
    while first > 0 and rows[first - 1] >= low:
        first -= 1
    while last < len(rows) - 1 and rows[last + 1] >= low:
        last += 1
    core = last - first + 1
    if not _CORE_PX[0] <= core <= _CORE_PX[1]:
        return None
    reach = max(3, round(core * 0.75))
    above = rows[max(0, first - reach) : first].sum()
    below = rows[last + 1 : last + 1 + reach].sum()
    if above + below < 3:
        return None
    return float((above - below) / (above + below)), float(width)
