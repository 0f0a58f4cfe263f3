"""Whether anything is on a page (trang trắng): a pencil note or a lone stamp is something."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.clean.ink import darkest_channel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORKING_DPI = 100
_PUNCH_HOLE_ZONE_MM = 22.0
_PUNCH_HOLE_MM = (4.0, 9.0)
_RIM_GAP_MM = 3.2
_OFF_RIM_MM = 0.5
_EIGHTHS = 6
_SEEN_MM = 0.7
_HAIRLINE = 5
_EDGE_ZONE_MM = 9.0
_LOWEST_SURE = 0.5


@dataclass(frozen=True)
class BlankParameters:
    """Ink is darker than the paper by `noise_times` the paper's own grain, at least `faintest` grey levels.
    The outer `edge_mm` doesn't count, nor do up to `specks` pieces below `speck_mm`, nor one below
    `crumb_mm`: the smallest digit that stands alone on a page is larger."""

    edge_mm: float = 6.0
    faintest: int = 30
    noise_times: float = 6.0
    specks: int = 20
    speck_mm: float = 1.5
    crumb_mm: float = 2.0


@dataclass(frozen=True)
class Blank:
    """`is_blank`: nothing is written, stamped or drawn; `reason`: "empty" or "specks" then. `sure`: 0..1."""

    is_blank: bool
    reason: str
    sure: float


def judge_blank(
    channels: "Sequence[NDArray[np.uint8]]",
    dpi: int,
    parameters: BlankParameters = BlankParameters(),
) -> Blank:
    """Whether a whitened page (one channel, or R, G, B), freed of what shows through, holds nothing.

    Punch holes don't count.
    """
    import cv2
    import numpy as np

    darkest = darkest_channel(channels)
    shrink = min(1.0, _WORKING_DPI / dpi)
    small = cv2.resize(darkest, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    scale = dpi * shrink / 25.4
    edge = round(parameters.edge_mm * scale)
    inner = np.asarray(small[edge:-edge, edge:-edge] if min(small.shape) > 4 * edge else small, np.uint8)
    zone = _PUNCH_HOLE_ZONE_MM * scale - edge
    ink = (inner < 255 - _faintest_ink(inner, parameters)).astype(np.uint8)
    ink = _without_broken_rings(ink, round(zone), scale)
    _, found, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    labels = np.asarray(found, np.int32)
    specks = crumbs = 0
    for label in np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1:
        row = stats[label]
        longest_mm = int(max(row[cv2.CC_STAT_WIDTH], row[cv2.CC_STAT_HEIGHT])) / scale
        if longest_mm < _SEEN_MM or _is_punch_hole(row, labels, int(label), zone, scale):
            continue
        if _is_sheet_edge(row, labels.shape, scale):
            continue
        specks += 1
        crumbs += longest_mm >= parameters.speck_mm
        if longest_mm >= parameters.crumb_mm or crumbs > 1 or specks > parameters.specks:
            return Blank(is_blank=False, reason="", sure=1.0)
    sure = 1.0 - specks * (1.0 - _LOWEST_SURE) / max(1, parameters.specks)
    return Blank(is_blank=True, reason="specks" if specks else "empty", sure=sure)


def _is_sheet_edge(row: "NDArray[np.int32]", size: tuple[int, int], scale: float) -> bool:
    """Whether a component is a hairline along the nearest edge, as a sheet that lies askew leaves one."""
    x, y, wide, high = (int(row[index]) for index in range(4))
    upright, across = high >= _HAIRLINE * wide, wide >= _HAIRLINE * high
    beside = min(x, size[1] - x - wide) < _EDGE_ZONE_MM * scale
    along = min(y, size[0] - y - high) < _EDGE_ZONE_MM * scale
    return (upright and beside) or (across and along)


def _faintest_ink(page: "NDArray[np.uint8]", parameters: BlankParameters) -> float:
    """How much darker than white a point must be to be ink, from the grain of the paper."""
    import numpy as np

    counts = np.bincount(page.ravel(), minlength=256)
    levels = np.arange(256.0)
    middle = _median(levels, counts)
    grain = 1.4826 * _median(np.abs(levels - middle), counts)
    return min(120.0, max(parameters.faintest, (255 - middle) + parameters.noise_times * grain))


def _median(values: "NDArray[np.float64]", counts: "NDArray[np.intp]") -> float:
    """The median of `values`, each of which is there so many times."""
    import numpy as np

    order = np.argsort(values)
    reached = np.cumsum(counts[order])
    last = int(reached[-1])
    lower, upper = np.searchsorted(reached, [(last + 1) // 2, last // 2 + 1])
    return float(values[order[lower]] + values[order[upper]]) / 2


def _without_broken_rings(ink: "NDArray[np.uint8]", zone: int, scale: float) -> "NDArray[np.uint8]":
    """`ink` (0 or 1) without punch holes of which only arcs show, in the outer `zone` px left and right."""
    import cv2
    import numpy as np

    kept = ink.copy()
    width = ink.shape[1]
    reach = 2 * round(_RIM_GAP_MM * scale / 2) + 1
    for columns in (slice(0, zone), slice(max(0, width - zone), width)):
        strip = ink[:, columns]
        joined = cv2.dilate(strip, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
        count, groups = cv2.connectedComponents(joined, connectivity=8)
        rows, places = np.nonzero(strip)
        of_point = groups[rows, places]
        for group in range(1, count):
            own = of_point == group
            if _is_rim(rows[own], places[own], scale):
                kept[rows[own], places[own] + columns.start] = 0
    return kept


def _is_rim(ys: "NDArray[np.intp]", xs: "NDArray[np.intp]", scale: float) -> bool:
    """Whether points lie on one circle of a punch hole's size, all around it."""
    import numpy as np

    wide, high = float(np.ptp(xs)) + 1, float(np.ptp(ys)) + 1
    if not all(_PUNCH_HOLE_MM[0] <= side / scale <= _PUNCH_HOLE_MM[1] for side in (wide, high)):
        return False
    across, down = xs - (xs.min() + xs.max()) / 2, ys - (ys.min() + ys.max()) / 2
    off = np.abs(np.hypot(across, down) - (wide + high - 2) / 4) / scale
    around = np.unique(np.floor(np.arctan2(down, across) / (np.pi / 4)))
    return bool((off < _OFF_RIM_MM).mean() > 0.9 and len(around) >= _EIGHTHS)


def _is_punch_hole(
    row: "NDArray[np.int32]", labels: "NDArray[np.int32]", label: int, zone: float, scale: float
) -> bool:
    """Whether a component is round, full or a ring, 4–9 mm wide and within `zone` px of the left or right."""
    import cv2
    import numpy as np

    x, wide, high = int(row[cv2.CC_STAT_LEFT]), int(row[cv2.CC_STAT_WIDTH]), int(row[cv2.CC_STAT_HEIGHT])
    size = max(wide, high) / scale
    near = min(x, labels.shape[1] - x - wide) < zone
    if not (near and _PUNCH_HOLE_MM[0] <= size <= _PUNCH_HOLE_MM[1] and 0.75 < wide / high < 1.33):
        return False
    y = int(row[cv2.CC_STAT_TOP])
    component = labels[y : y + high, x : x + wide] == label
    hull = cv2.convexHull(np.argwhere(component).astype(np.int32))
    return 0.6 < cv2.contourArea(hull) / (wide * high) < 0.88
