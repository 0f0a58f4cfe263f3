"""Measuring a scanned test page (đo trang kiểm tra): where it lies, how fine, how straight, how clean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scanner.contract import LEAST_DPI, MM_PER_INCH
from scanner.errors import ScanError, ScanFault
from scanner.testpage.layout import (
    A4_MM,
    FREQUENCIES,
    MARKER_MM,
    MARKERS,
    BarGroup,
    Patch,
    bar_groups,
    taken,
    wedge,
)
from scanner.testpage.result import Limits, Streak, TestResult, Weakness

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float64]

_LOOKING_DPI = 200
_LARGEST_MISFIT_MM = 1.0
_APART = 0.15
_STEP_LEVELS = 5
_BANDS = 12
_STREAK_SHARE = 0.6
_LEAST_BANDS = 4
_LEAST_DEPTH = 5.0
_GRAIN_TIMES = 5.0
_NEIGHBOURHOOD_MM = 6.0
_MARGIN_MM = 6.0
_USUAL = Limits()


def measure(image: Pixels, dpi: int, limits: Limits = _USUAL) -> TestResult:
    """Measure a scan of the test page, (H, W, 3) RGB or (H, W) uint8 at `dpi`, fed either way up.

    Raises ScanError `scan.test-page-absent` where not all of it is found, and `scan.resolution-too-low`
    below 200 dpi; ValueError for what is no page image.
    """
    import cv2
    import numpy as np

    if dpi < LEAST_DPI:
        raise ScanError(ScanFault.RESOLUTION_TOO_LOW, dpi=dpi, least=LEAST_DPI)
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ValueError("a page image is (H, W) or (H, W, 3) uint8")
    grey: Pixels = np.asarray(image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    place = _found(grey, dpi)
    levels = [_mean(image, place, patch.inner(3)) for patch in wedge()]
    greys = tuple(round(float(np.mean(level))) for level in levels)
    resolution = _resolution(grey, place, dpi, contrast=greys[-1] - greys[0])
    result = TestResult(
        dpi=dpi,
        resolution_lp_mm=resolution,
        skew_deg=round(place.skew_deg, 2),
        scale_percent=place.scale_percent(dpi),
        streaks=tuple(_streaks(image, place, dpi)),
        colour_cast_delta_e=None if image.ndim == 2 else round(_cast(levels), 1),
        grey_levels=greys,
        grey_steps=1 + sum(b - a >= _STEP_LEVELS for a, b in pairwise(greys)),
        weaknesses=(),
    )
    return TestResult(**{**vars(result), "weaknesses": tuple(_weaknesses(result, limits))})


@dataclass(frozen=True, eq=False)
class _Place:
    """How the page lies in the image: image px = `matrix` (2, 3) · (mm right, mm down, 1)."""

    matrix: Floats

    @property
    def skew_deg(self) -> float:
        """Clockwise, of the nearer of both ways up."""
        import numpy as np

        across = self.matrix[:, 0]
        angle = float(np.degrees(np.arctan2(across[1], across[0])))
        return (angle + 90) % 180 - 90

    def scale_percent(self, dpi: int) -> tuple[float, float]:
        """How much too wide and too high the page came out."""
        import numpy as np

        sides = np.linalg.norm(self.matrix[:, :2], axis=0) / (dpi / MM_PER_INCH)
        return round(float(sides[0] - 1) * 100, 2), round(float(sides[1] - 1) * 100, 2)

    def pixels_of(self, patch: Patch, shape: tuple[int, ...]) -> tuple[Any, Any, Floats]:
        """The pixels inside a patch: their rows and columns, and where they are on the page in mm, (2, N)."""
        import numpy as np

        right, bottom = patch.left + patch.width, patch.top + patch.height
        corners = self.matrix @ np.array(
            [[patch.left, right, right, patch.left], [patch.top, patch.top, bottom, bottom], [1, 1, 1, 1]]
        )
        low = np.maximum(np.floor(corners.min(axis=1)), 0).astype(int)
        high = np.minimum(np.ceil(corners.max(axis=1)) + 1, [shape[1], shape[0]]).astype(int)
        rows, columns = (grid.ravel() for grid in np.mgrid[low[1] : high[1], low[0] : high[0]])
        centres = np.stack([columns + 0.5, rows + 0.5])
        where = np.linalg.solve(self.matrix[:, :2], centres - self.matrix[:, 2:])
        inside = (where[0] >= patch.left) & (where[0] < right) & (where[1] >= patch.top) & (where[1] < bottom)
        return rows[inside], columns[inside], np.asarray(where[:, inside], np.float64)


def _found(grey: Pixels, dpi: int) -> _Place:
    """The place of the page by its four marks; all of them have to be there."""
    import cv2
    import numpy as np

    shrink = min(1.0, _LOOKING_DPI / dpi)
    small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    kinds = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    corners, numbers, _ = cv2.aruco.ArucoDetector(kinds, settings).detectMarkers(small)
    found = {} if numbers is None else dict(zip(numbers.ravel().tolist(), corners, strict=True))
    if not set(range(len(MARKERS))) <= set(found) or len(numbers) != len(found):
        raise ScanError(ScanFault.TEST_PAGE_ABSENT, marks=len(found))
    page, seen = [], []
    for number, (left, top) in enumerate(MARKERS):
        right, bottom = left + MARKER_MM, top + MARKER_MM
        page += [(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)]
        seen += [(x + 0.5, y + 0.5) for x, y in (found[number].reshape(4, 2) / shrink).tolist()]
    solved, *_ = np.linalg.lstsq(np.array(page, np.float64), np.array(seen, np.float64), rcond=None)
    misfit = np.abs(np.array(page) @ solved - np.array(seen)).max() * MM_PER_INCH / dpi
    if misfit > _LARGEST_MISFIT_MM:
        raise ScanError(ScanFault.TEST_PAGE_ABSENT, marks=len(found))
    return _Place(np.asarray(solved.T, np.float64))


def _mean(image: Pixels, place: _Place, patch: Patch) -> Floats:
    """The mean colour inside a patch, one or three values 0 to 255."""
    import numpy as np

    rows, columns, _ = place.pixels_of(patch, image.shape)
    if rows.size == 0:
        raise ScanError(ScanFault.TEST_PAGE_ABSENT, marks=len(MARKERS))
    return np.atleast_1d(image[rows, columns].astype(np.float64).mean(axis=0))


def _resolution(grey: Pixels, place: _Place, dpi: int, *, contrast: float) -> float:
    """The finest group up to which all bars in both directions keep 15 % of the contrast, between two groups
    where the 15 % lies."""
    finest = dpi / MM_PER_INCH / 2
    groups = list(bar_groups())
    best = []
    for upright in (True, False):
        reached, before = 0.0, 1.0
        for group in groups:
            if group.upright is not upright or group.frequency >= finest:
                continue
            kept = _modulation(grey, place, group) / max(contrast, 1.0)
            if kept < _APART:
                if reached:
                    step = FREQUENCIES[FREQUENCIES.index(reached) + 1] - reached
                    reached += step * (before - _APART) / (before - kept)
                break
            reached, before = group.frequency, kept
        best.append(reached)
    return round(min(best), 1)


def _modulation(grey: Pixels, place: _Place, group: BarGroup) -> float:
    """The contrast of bars: the wave of their frequency in the pixels where they lie, nothing resampled.

    A square wave from black to white has a first harmonic of 2/π of its contrast.
    """
    import numpy as np

    rows, columns, where = place.pixels_of(group.field.inner(0.5), grey.shape)
    if rows.size < 50:
        return 0.0
    along = where[0 if group.upright else 1] - where[0 if group.upright else 1].min()
    # Whole periods only, under a window: the mean and the neighbours don't leak in.
    length = along.max()
    window = np.sin(np.pi * along / max(length, 1e-9)) ** 2
    values = grey[rows, columns].astype(np.float64)
    values -= np.average(values, weights=window)
    wave = np.exp(-2j * np.pi * group.frequency * along)
    return float(2 * np.abs((values * window * wave).sum()) / window.sum() / (2 / np.pi))


def _cast(levels: Sequence[Floats]) -> float:
    """Mean chroma of the greys but black, in CIE L*a*b* of sRGB (D65): 0 is neutral."""
    import cv2
    import numpy as np

    colours = (np.array(levels[1:]) / 255).astype(np.float32)[None]
    lab: Any = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)
    return float(np.hypot(lab[0, :, 1], lab[0, :, 2]).mean())


def _streaks(image: Pixels, place: _Place, dpi: int) -> Iterator[Streak]:
    """Columns of the image that differ from their neighbours on bare paper, all along the page.

    A streak is made by the scanner, so it runs straight down the image whichever way the paper lies.
    """
    import numpy as np

    depth = _depth_of_columns(image, _bare(place, image.shape), dpi)
    told = np.nan_to_num(np.abs(depth))
    grain = 1.4826 * np.nanmedian(np.abs(depth)) if np.isfinite(depth).any() else 0.0
    marked = told > max(_LEAST_DEPTH, _GRAIN_TIMES * float(grain))
    bands = np.isfinite(depth).sum(axis=0)
    streaked = (bands >= _LEAST_BANDS) & (marked.sum(axis=0) >= _STREAK_SHARE * np.maximum(bands, 1))
    edges = np.flatnonzero(np.diff(np.r_[0, streaked.astype(np.int8), 0]))
    for first, end in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
        px = MM_PER_INCH / dpi
        typical = float(np.nanmedian(depth[:, first:end]))
        yield Streak(round((first + end) / 2 * px, 1), round((end - first) * px, 2), round(typical, 1))


def _bare(place: _Place, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Where the image shows bare paper: the layout's white, laid into the image, 2 mm clear of everything."""
    import cv2
    import numpy as np

    per_mm = 2
    page = np.zeros((round(A4_MM[1] * per_mm), round(A4_MM[0] * per_mm)), np.uint8)
    edge = round(_MARGIN_MM * per_mm)
    page[edge:-edge, edge:-edge] = 1
    for patch in taken():
        clear = patch.inner(-2)
        rows = slice(max(0, round(clear.top * per_mm)), round((clear.top + clear.height) * per_mm))
        columns = slice(max(0, round(clear.left * per_mm)), round((clear.left + clear.width) * per_mm))
        page[rows, columns] = 0
    scaled = place.matrix.copy()
    scaled[:, :2] /= per_mm
    laid = cv2.warpAffine(page, scaled, (shape[1], shape[0]), flags=cv2.INTER_NEAREST)
    return np.asarray(laid, np.bool_)


def _depth_of_columns(image: Pixels, bare: npt.NDArray[np.bool_], dpi: int) -> Floats:
    """By band and column, how much darker bare paper is than around it, (12, W); nan without bare paper.

    Of a colour image the channel that differs most counts: a streak may be yellow.
    """
    import numpy as np

    layers = image[..., None] if image.ndim == 2 else image
    depth = np.full((_BANDS, image.shape[1]), np.nan)
    for number, rows in enumerate(np.array_split(np.arange(image.shape[0]), _BANDS)):
        band = slice(int(rows[0]), int(rows[-1]) + 1)
        share = bare[band]
        count = share.sum(axis=0)
        enough = count >= max(8, len(rows) // 8)
        if not enough.any():
            continue
        for channel in range(layers.shape[2]):
            total = np.where(share, layers[band, :, channel], 0).sum(axis=0, dtype=np.float64)
            mean = np.where(enough, total / np.maximum(count, 1), np.nan)
            off = _running_median(mean, round(_NEIGHBOURHOOD_MM * dpi / MM_PER_INCH)) - mean
            before = np.nan_to_num(np.abs(depth[number]))
            depth[number] = np.where(np.nan_to_num(np.abs(off)) >= before, off, depth[number])
    return depth


def _running_median(values: Floats, width: int) -> Floats:
    """The median of the columns around each one that have a value; nan where there is none."""
    import numpy as np

    there = np.flatnonzero(np.isfinite(values))
    result = np.full_like(values, np.nan)
    if there.size == 0:
        return result
    half = width // 2
    padded = np.pad(values[there], half, mode="reflect" if there.size > half else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    result[there] = np.median(windows, axis=1)
    return result


def _weaknesses(result: TestResult, limits: Limits) -> Iterator[Weakness]:
    if result.resolution_lp_mm < limits.least_lp_mm(result.dpi):
        yield Weakness.BLURRED
    if abs(result.skew_deg) > limits.skew_deg:
        yield Weakness.SKEWED
    if result.streaks:
        yield Weakness.STREAKED
    if result.colour_cast_delta_e is not None and result.colour_cast_delta_e > limits.cast_delta_e:
        yield Weakness.TINTED
    if result.grey_steps < limits.grey_steps:
        yield Weakness.FLAT
    if max(map(abs, result.scale_percent)) > limits.scale_percent:
        yield Weakness.OUT_OF_SCALE
