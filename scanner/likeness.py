"""Whether two images show the same sheet (so khớp ảnh trang): a sheet scanned twice, the place to go on after
a jam.

A fingerprint holds a 256-bit difference hash and a map of the ink in cells of 1 × 2 mm, smeared up and down.
The hash alone says "the same form": it is as close for two forms that two people filled in as for one sheet
scanned twice. The maps tell them apart, laid over each other and compared place by place: the worst places
decide, not the mean. Two prints of the same text are the same to it, and so are two that differ by a letter
or two.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from scanner.captured import CapturedPage, Finding, FindingCode, finding
from scanner.inkmap import WORKING_DPI, InkMap, ink_map

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grey = npt.NDArray[np.float32]

SAME_SHEET = 0.19
"""Distances up to this are one sheet. Measured on real and made-up papers with skew to ±1.5°, shifts to
±3 mm, scale ±0.3 %, blur, brightness and JPEG down to quality 45: one sheet again at most 0.14; two copies of
a form that differ in a name and the signature at least 0.24, with other people in all fields at least 0.59;
unrelated pages at least 0.88. Two typed copies without a signature that differ in one syllable come to 0.05:
no one can tell those at this size."""

NOTHING = "1.-"
"""The fingerprint of a page with too little on it to know it again: it is like no other, nor like itself."""

_LEVELS = 15
_ENOUGH_CELLS = 600
_INKED = 3
_HASH_BITS = 256
_SAME_LAYOUT_BITS = 56
_CELL_MM = (1.0, 2.0)
_SMEAR_MM = 3.0
_REACH = (8, 4)
_ROUGHLY_ALIKE = 0.5
_WINDOW = (12, 3)
_NUDGES = (-0.5, 0.0, 0.5)
_SOFT = 0.6
_FLOOR = 1.0
_TELLING = 1.0
_WORST = 10
_LONGEST_SIDE = 2000
_WRITTEN = re.compile(r"1\.([0-9a-f]{64})\.([0-9a-f]{64})\.(\d{1,4})x(\d{1,4})\.([A-Za-z0-9+/=]+)")


def fingerprint(image: npt.NDArray[np.uint8], dpi: int = 300) -> str:
    """The fingerprint of a page image, (H, W, 3) RGB or (H, W) uint8 at `dpi`: some 5 to 12 kB of ASCII.

    `NOTHING` for a page with little more on it than a stamp. Lines of print can't be read out of it, lone
    large letters can: it belongs with the page, into no log.
    Raises ValueError for what is no page image.
    """
    return fingerprint_of(ink_map(image, dpi))


def fingerprint_of(seen: InkMap) -> str:
    """The same for an image whose ink is already known."""
    import numpy as np

    cells = _cells(seen)
    inked = int((cells > _INKED).sum())
    if inked < _ENOUGH_CELLS or max(cells.shape) > _LONGEST_SIDE:
        return NOTHING
    height, width = cells.shape
    even = np.append(cells.ravel(), np.zeros(cells.size % 2, np.uint8))
    packed = zlib.compress((even[0::2] << 4 | even[1::2]).tobytes(), 9)
    hashes = f"{_hash(cells):064x}.{_hash(np.rot90(cells, 2)):064x}"
    return f"1.{hashes}.{width}x{height}.{base64.b64encode(packed).decode()}"


def distance(first: str, second: str) -> float:
    """How unlike two fingerprints are, 0.0 to 1.0; up to `SAME_SHEET` they are of one sheet, in whatever
    direction it was fed. 1.0 where either has nothing to compare, also for "".

    Raises ValueError for a text that is no fingerprint.
    """
    if first in ("", NOTHING) or second in ("", NOTHING):
        return 1.0
    one, other = _read(first), _read(second)
    nearest = 1.0
    for turned in (False, True):
        bits = (one.upright ^ (other.turned if turned else other.upright)).bit_count()
        if bits <= _SAME_LAYOUT_BITS:
            nearest = min(nearest, _unlikeness(_map_of(first), _map_of(second), turned=turned))
    return nearest


def same_sheet_twice(pages: Sequence[CapturedPage]) -> tuple[Finding, ...]:
    """Sheets that look like an earlier one, each with the first that it looks like.

    All printed sides of both must agree, whichever way round and up the sheet was fed. Separator sheets are
    meant to look alike and are left aside; sheets with nothing on them match none.
    """
    seen: list[_Leaf] = []
    found: list[Finding] = []
    for leaf in _leaves(pages):
        if any(page.separator for page in leaf.pages):
            continue
        first = next((other for other in seen if _same_leaf(other, leaf) is True), None)
        if first is None:
            seen.append(leaf)
            continue
        found.append(
            finding(
                FindingCode.SCANNED_TWICE,
                (page.number for page in (*first.pages, *leaf.pages)),
                feed=leaf.pages[0].feed,
                sheet=leaf.pages[0].sheet,
                first_feed=first.pages[0].feed,
                first_sheet=first.pages[0].sheet,
            )
        )
    return tuple(found)


def resume_point(last_good: Sequence[CapturedPage], rescanned_pages: Sequence[CapturedPage]) -> int:
    """How many of the sheets that were fed anew after a jam were kept already (điểm nạp tiếp).

    `last_good` are the pages before the jam, the last good one at their end; a few sheets are enough. The
    newly fed sheets overlap with the end of those: the longest run that agrees, sheet by sheet, counts, and
    at least one sheet of it must be known by its print (blank ones agree with blank ones only). 0 when the
    first sheet is a new one.
    """
    before, after = list(_leaves(last_good)), list(_leaves(rescanned_pages))
    for overlap in range(min(len(before), len(after)), 0, -1):
        pairs = zip(before[-overlap:], after[:overlap], strict=True)
        verdicts = [_same_leaf(old, new) for old, new in pairs]
        if False not in verdicts and True in verdicts:
            return overlap
    return 0


@dataclass(frozen=True)
class _Leaf:
    """The sides of one sheet, and the fingerprints of those that have one."""

    pages: tuple[CapturedPage, ...]

    @property
    def prints(self) -> tuple[str, ...]:
        return tuple(page.likeness for page in self.pages if page.likeness not in ("", NOTHING))


def _leaves(pages: Sequence[CapturedPage]) -> Iterator[_Leaf]:
    for _, sides in groupby(pages, key=lambda page: page.leaf):
        yield _Leaf(tuple(sides))


def _same_leaf(one: _Leaf, other: _Leaf) -> bool | None:
    """None where neither has print to go by."""
    if not one.prints and not other.prints:
        return None
    if len(one.prints) != len(other.prints):
        return False
    straight = zip(one.prints, other.prints, strict=True)
    swapped = zip(one.prints, reversed(other.prints), strict=True)
    return any(all(distance(a, b) <= SAME_SHEET for a, b in pairs) for pairs in (straight, swapped))


@dataclass(frozen=True)
class _Hashes:
    upright: int
    turned: int


@lru_cache(maxsize=4096)
def _read(text: str) -> _Hashes:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("no fingerprint of a page")
    return _Hashes(int(match[1], 16), int(match[2], 16))


@lru_cache(maxsize=128)
def _map_of(text: str) -> npt.NDArray[np.uint8]:
    import numpy as np

    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("no fingerprint of a page")
    width, height = int(match[3]), int(match[4])
    length = (width * height + 1) // 2
    try:
        unpacking = zlib.decompressobj()
        packed = unpacking.decompress(base64.b64decode(match[5], validate=True), length + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("no fingerprint of a page") from error
    if not unpacking.eof or len(packed) != length or not 0 < max(width, height) <= _LONGEST_SIDE:
        raise ValueError("no fingerprint of a page")
    pairs = np.frombuffer(packed, np.uint8)
    return np.stack([pairs >> 4, pairs & 15], axis=1).ravel()[: width * height].reshape(height, width)


def _cells(seen: InkMap) -> npt.NDArray[np.uint8]:
    """Ink in cells of 1 × 2 mm, 0 to 15; the root brings thin strokes forward.

    Smeared up and down by 3 mm, lines run into each other: words keep their pattern and lose their letters.
    """
    import cv2
    import numpy as np

    px_per_mm = WORKING_DPI / 25.4
    smeared = cv2.GaussianBlur(seen.ink, (0, 0), sigmaX=0.3, sigmaY=_SMEAR_MM * px_per_mm)
    height, width = seen.ink.shape
    size = (max(1, round(width / px_per_mm / _CELL_MM[0])), max(1, round(height / px_per_mm / _CELL_MM[1])))
    share = cv2.resize(smeared, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.round(np.sqrt(np.clip(share, 0, 1)) * _LEVELS), np.uint8)


def _hash(cells: npt.NDArray[np.uint8]) -> int:
    """Difference hash of the smoothed ink, centred on its centre of mass so that a shift doesn't count."""
    import cv2
    import numpy as np

    height, width = cells.shape
    soft = cv2.GaussianBlur(cells.astype(np.float32), (0, 0), sigmaX=4, sigmaY=2)
    ys, xs = np.nonzero(cells > _INKED)
    weights = cells[ys, xs].astype(np.float64)
    down, across = np.average(ys, weights=weights), np.average(xs, weights=weights)
    centred = _shifted(np.asarray(soft, np.float32), width / 2 - across, height / 2 - down)
    coarse = cv2.resize(centred, (17, 16), interpolation=cv2.INTER_AREA)
    bits = np.packbits(coarse[:, 1:] > coarse[:, :-1])
    return int.from_bytes(bits.tobytes(), "big")


def _unlikeness(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], *, turned: bool) -> float:
    import numpy as np

    if turned:
        other = np.rot90(other, 2)
    shape = (max(one.shape[0], other.shape[0]), max(one.shape[1], other.shape[1]))
    first, second = _padded(one, shape), _padded(other, shape)
    laid = _laid_over(first, second)
    if laid is None:
        return 1.0
    agreement, ink = _agreement(first, laid)
    telling = agreement[ink > _TELLING]
    if telling.size <= _WORST:
        return 1.0
    return float(np.clip(1 - np.partition(telling, _WORST)[_WORST], 0, 1))


def _padded(cells: npt.NDArray[np.uint8], shape: tuple[int, int]) -> Grey:
    import numpy as np

    whole = np.zeros(shape, np.float32)
    whole[: cells.shape[0], : cells.shape[1]] = cells
    return whole


def _laid_over(first: Grey, second: Grey) -> Grey | None:
    """`second` moved onto `first`: the best shift within 8 mm, then a slight turn and stretch as well.

    None where even the best shift leaves too little in common.
    """
    import cv2
    import numpy as np

    level_first, level_second = first - first.mean(), second - second.mean()
    spectrum = np.fft.rfft2(level_first) * np.conj(np.fft.rfft2(level_second))
    common = np.fft.irfft2(spectrum, first.shape)
    sideways, upwards = (np.r_[0 : reach + 1, -reach:0] for reach in _REACH)
    around = common[np.ix_(upwards % first.shape[0], sideways % first.shape[1])]
    row, column = np.unravel_index(int(np.argmax(around)), around.shape)
    energy = np.sqrt(np.square(level_first).sum() * np.square(level_second).sum())
    if around[row, column] < _ROUGHLY_ALIKE * energy:
        return None
    down, across = int(upwards[row]), int(sideways[column])
    matrix: Any = np.array([[1, 0, -across], [0, 1, -down]], np.float32)
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    try:
        _, matrix = cv2.findTransformECC(
            first, second, matrix, cv2.MOTION_AFFINE, ends, np.ones(second.shape, np.uint8), 5
        )
    except cv2.error:
        # It didn't converge: the shift alone is what there is.
        matrix = np.array([[1, 0, -across], [0, 1, -down]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(second, matrix, first.shape[::-1], flags=flags), np.float32)


def _agreement(first: Grey, second: Grey) -> tuple[Grey, Grey]:
    """At every cell, how well the windows around it correlate (−1 to 1), and how much ink varies in them.

    The floor makes two nearly empty windows agree; half a cell of play forgives the grid.
    """
    import cv2
    import numpy as np

    def soft(cells: Grey) -> Any:
        return cv2.GaussianBlur(cells, (0, 0), _SOFT)

    def mean(cells: Any) -> Any:
        return cv2.blur(cells, _WINDOW, borderType=cv2.BORDER_CONSTANT)

    here = soft(first)
    here_mean = mean(here)
    here_varies = mean(here * here) - here_mean * here_mean
    best = np.full(first.shape, -1, np.float32)
    ink = np.zeros(first.shape, np.float32)
    for down in _NUDGES:
        for across in _NUDGES:
            there = soft(_shifted(second, across, down))
            there_mean = mean(there)
            varies = mean(there * there) - there_mean * there_mean
            both = mean(here * there) - here_mean * there_mean
            agreed = (both + _FLOOR) / np.sqrt((here_varies + _FLOOR) * (varies + _FLOOR))
            best = np.maximum(best, agreed)
            if down == 0 and across == 0:
                ink = np.maximum(here_varies, varies)
    return best, ink


def _shifted(cells: Grey, across: float, down: float) -> Grey:
    import cv2
    import numpy as np

    matrix = np.array([[1, 0, across], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(cells, matrix, cells.shape[::-1]), np.float32)
