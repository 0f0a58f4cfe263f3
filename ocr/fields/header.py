"""The header of an administrative paper in its cells (NĐ 30/2020/NĐ-CP, phụ lục I: ô số 1 đến 4).

The issuing body and the number stand left, the nation's name with place and date right. An engine reads both
across in one line, so the cells are told apart by where the words stand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.fields.spelling import likeness, skeleton
from ocr.fields.strip import Strip, gutter_of, height_of, split_at, strips_of
from ocr.page import ReadPage, Word

HEADER_SHARE = 0.35
_NATION = ("CONGHOAXAHOICHUNGHIAVIETNAM", "DANGCONGSANVIETNAM")
_ALIKE = 0.78
_LEFT_MOST = 0.15
_DATE_LINE = re.compile(r"ng.y.{0,14}th.ng|th.ng.{0,14}n.m", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """The cells of a header, and the rows of the page below it.

    `left` holds issuing body, number and the subject of a letter, `right` the nation's name, place and date.
    `sure` tells that the nation's name was found where it belongs.
    """

    left: tuple[Strip, ...]
    right: tuple[Strip, ...]
    body: tuple[Strip, ...]
    sure: bool


def header_of(page: ReadPage) -> Header:
    """The header of a first page; empty cells when it has none."""
    top = [word for word in page.words if word.box[3] < HEADER_SHARE * page.height_px]
    anchor = _nation(top)
    if anchor is None:
        return Header((), (), tuple(strips_of(page.words)), sure=False)
    right_edge = anchor[0].box[0]
    date_line = _date_line(top, anchor)
    floor = max(word.box[3] for word in (date_line or anchor))
    if right_edge < 0.3 * page.width_px:  # centred: a form, no cells
        body = [word for word in page.words if word.box[1] >= floor or word not in top]
        return Header((), tuple(strips_of(anchor)), tuple(strips_of(body)), sure=True)
    start = min([word.box[0] for word in (*anchor, *(date_line or ()))])
    above = [word for word in top if (word.box[1] + word.box[3]) / 2 < floor]
    gutter = gutter_of(above, _LEFT_MOST * page.width_px, right_edge, lambda word: word.confidence > 30)
    left, right = split_at(above, gutter if gutter is not None else min(start, right_edge) - 1)
    left += _going_on(top, left, floor, right_edge)
    taken = {id(word) for word in (*left, *right)}
    body = [word for word in page.words if id(word) not in taken]
    return Header(
        tuple(strips_of(left)),
        tuple(strips_of(right)),
        tuple(strips_of(body)),
        sure=True,
    )


def _nation(words: Sequence[Word]) -> tuple[Word, ...] | None:
    """The words of the nation's or the Party's name, wherever they stand in a row."""
    best: tuple[float, tuple[Word, ...]] | None = None
    for strip in strips_of(words):
        for first in range(len(strip.words)):
            tail = strip.words[first:]
            score = max(likeness(skeleton(" ".join(word.text for word in tail)), name) for name in _NATION)
            if score >= _ALIKE and (best is None or score > best[0]):
                best = (score, tail)
    return best[1] if best else None


def _date_line(words: Sequence[Word], anchor: Sequence[Word]) -> tuple[Word, ...] | None:
    """The words of place and date: the first row of that kind below the nation's name, at its side."""
    bottom = max(word.box[3] for word in anchor)
    middle = (anchor[0].box[0] + anchor[-1].box[2]) / 2
    reach = 8 * height_of(anchor)
    width = anchor[-1].box[2] - anchor[0].box[0]
    below = [
        word
        for word in words
        if bottom <= word.box[3] <= bottom + reach and word.box[2] > middle - 0.75 * width
    ]
    for strip in strips_of(below):
        if _DATE_LINE.search(strip.bare):
            return strip.words
    return None


def _going_on(words: Sequence[Word], left: Sequence[Word], floor: float, right_edge: float) -> list[Word]:
    """What goes on in the left cell below the date: the subject of a letter, centred under the number."""
    if not left:
        return []
    middle = (min(word.box[0] for word in left) + max(word.box[2] for word in left)) / 2
    width = max(word.box[2] for word in left) - min(word.box[0] for word in left)
    height = height_of(left)
    kept: list[Word] = []
    bottom = max(word.box[3] for word in left)
    for strip in strips_of(word for word in words if word.box[1] >= floor - 0.3 * height):
        if any(word in left for word in strip.words):
            continue
        x0, y0, x1, y1 = strip.box
        beside = x1 <= right_edge + 2 * height and abs(strip.middle - middle) < 0.2 * width + 2 * height
        if not beside or y0 - bottom > 1.6 * height or (x1 - x0) > 1.8 * width:
            break
        kept += strip.words
        bottom = y1
    return kept
