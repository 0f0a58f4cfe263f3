"""The order in which a Vietnamese administrative page is read (thứ tự đọc văn bản hành chính).

Decree 30/2020/NĐ-CP, appendix I, sets the issuing body (cells 2, 3) and the national title (cells 1, 4)
side by side at the top, the recipients (9b) and the signature (7) side by side at the end. An engine reads
such pairs of cells straight across. Here they are told apart by the gutter between the word boxes, and only
where the words say that it is such a pair: an ordinary table keeps its rows.
"""

import difflib
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from ocr.page import Word

_HEADER_SHARE = 0.35
_GUTTER_RANGE = (0.2, 0.75)
_GUTTER_LINE_HEIGHTS = 0.7
_ALIKE = 0.72
_SCRIBBLE_LETTERS = 6
_SCRIBBLE_CONFIDENCE = 50
_NATIONAL_TITLES = (
    "CONG HOA XA HOI CHU NGHIA VIET NAM",
    "DOC LAP - TU DO - HANH PHUC",
    "DANG CONG SAN VIET NAM",
)
_RECIPIENTS = ("NOI NHAN:",)
_SIGN_HERE = re.compile(r"\(\s*KY\b")
_DATE = re.compile(r"NGAY.*THANG|THANG.*NAM")

Line = list[Word]


def in_reading_order(words: Sequence[Word], width: int, height: int) -> tuple[Word, ...]:
    """`words` of a page of width × height px in reading order, with lines and blocks numbered anew.

    Marks that are only rules under headings, read as punctuation, are left out.
    """
    lines = [line for line in _lines(words) if line]
    head, body = _header_cells(lines, width, height)
    body, foot = _footer_cells(body, width)
    return _numbered([*head, *_blocks(body), *foot])


def folded(text: str) -> str:
    """`text` in capitals without marks, for comparing what an engine may have misread."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    )
    return plain.replace("đ", "d").replace("Đ", "D").upper()


def says(text: str, phrases: Iterable[str]) -> bool:
    """Whether `text` is one of the folded `phrases`, a few misread letters aside."""
    plain = folded(text).strip()
    return any(difflib.SequenceMatcher(None, plain, phrase).ratio() >= _ALIKE for phrase in phrases)


def _lines(words: Sequence[Word]) -> list[Line]:
    """The engine's lines in its order, without what is no text."""
    typical = median([word.box[3] - word.box[1] for word in words]) if words else 0.0
    kept = [word for word in words if not _is_rule(word, typical)]
    lines = [list(line) for _, line in itertools.groupby(kept, key=lambda word: (word.block, word.line))]
    return [line for line in lines if not _is_scribble(line, typical)]


def _is_rule(word: Word, typical_height: float) -> bool:
    """A thin stroke that the engine took for dashes, dots or underscores."""
    if any(letter.isalnum() for letter in word.text):
        return False
    x0, y0, x1, y1 = word.box
    drawn = x1 - x0 > 2.5 * typical_height and y1 - y0 < 0.6 * typical_height
    return drawn or word.confidence < 45 or (word.confidence < 75 and len(word.text) > 2)


def _is_scribble(line: Line, typical_height: float) -> bool:
    """A pen stroke or the rest of a seal that the engine took for a line of a few doubtful letters."""
    letters = sum(letter.isalnum() for word in line for letter in word.text)
    if letters > _SCRIBBLE_LETTERS:
        return False
    if _is_strokes(line):
        return True
    sure = sum(word.confidence * len(word.text) for word in line) / sum(len(word.text) for word in line)
    small = max(word.box[3] - word.box[1] for word in line) < 0.5 * typical_height
    return sure < _SCRIBBLE_CONFIDENCE or (small and letters == 0)


def _is_strokes(line: Line) -> bool:
    """Several pieces of a letter or two, most of them no letters at all: a pen crossed by a seal."""
    signs = "".join(word.text for word in line)
    short = all(len(word.text) <= 3 for word in line)
    odd = sum(not letter.isalnum() for letter in signs)
    return len(line) > 1 and short and (2 * odd >= len(signs) or all(len(word.text) == 1 for word in line))


def _header_cells(lines: list[Line], width: int, height: int) -> tuple[list[list[Line]], list[Line]]:
    """(blocks of the two cells at the top, the other lines); no blocks when there is no such pair."""
    top = [line for line in lines if _bottom(line) < _HEADER_SHARE * height]
    gutter = _gutter(top, width)
    if gutter is None:
        return [], lines
    at, limit = gutter
    pair = [line for line in top if _bottom(line) <= limit]
    left, right = _cells(pair, at)
    if not any(says(_text(line), _NATIONAL_TITLES) for line in right):
        return [], lines
    right = _up_to_date_line(right)
    return [left, right], _without(lines, left + right)


def _up_to_date_line(cell: list[Line]) -> list[Line]:
    """The right cell ends with place and date (cell 4); a title below it only happens to stand at the
    right."""
    for number, line in enumerate(cell):
        if _DATE.search(folded(_text(line))):
            return cell[: number + 1]
    return cell


def _without(lines: list[Line], taken: list[Line]) -> list[Line]:
    """`lines` without the words of `taken`."""
    gone = {id(word) for line in taken for word in line}
    rest = [[word for word in line if id(word) not in gone] for line in lines]
    return [line for line in rest if line]


def _footer_cells(lines: list[Line], width: int) -> tuple[list[Line], list[list[Line]]]:
    """(the other lines, blocks of the two cells at the end: recipients and signature, or two signatures)."""
    start = _closing(lines)
    if start is None:
        return lines, []
    height = median([word.box[3] - word.box[1] for line in lines for word in line])
    # The signature's authority stands on the same line as the recipients, or a little above it.
    pair = [line for line in lines if _middle(line) > start - 1.5 * height]
    gutter = _gutter(pair, width)
    if gutter is None or len(pair) < 2:
        return lines, []
    at, limit = gutter
    pair = [line for line in pair if _bottom(line) <= limit]
    left, right = _cells(pair, at)
    if not any(_opens_recipients(line) or _says_sign_here(line) for line in left):
        return lines, []
    rest = _without(lines, pair)
    before = [line for line in rest if _middle(line) <= start]
    after = [line for line in rest if _middle(line) > start]
    return before, [left, right, *_blocks(after)]


def _closing(lines: list[Line]) -> float | None:
    """The y in px where the cells at the end begin: recipients, or else the title over "(ký, ghi rõ họ
    tên)"."""
    for line in lines:
        if _opens_recipients(line):
            return float(_top_of(line))
    signed = [_top_of(line) for line in lines if _says_sign_here(line)]
    if not signed:
        return None
    above = [_top_of(line) for line in lines if _bottom(line) < signed[0] + _bottom(line) - _middle(line)]
    return float(max(above, default=signed[0]))


def _says_sign_here(line: Line) -> bool:
    return bool(_SIGN_HERE.search(folded(_text(line))))


def _opens_recipients(line: Line) -> bool:
    return says(_text(line[:2]), _RECIPIENTS)


def _gutter(lines: list[Line], width: int) -> tuple[float, float] | None:
    """(x in px, y in px down to which nothing crosses it) of the empty strip that parts the most words.

    None when no strip of at least 0.7 line heights has words on both sides, side by side.
    """
    words = [word for line in lines for word in line]
    if len(words) < 4:
        return None
    half = _GUTTER_LINE_HEIGHTS * median([word.box[3] - word.box[1] for word in words]) / 2
    best: tuple[float, float, float] | None = None
    for x in range(round(_GUTTER_RANGE[0] * width), round(_GUTTER_RANGE[1] * width), max(1, width // 200)):
        crossing = [word.box[1] for word in words if word.box[0] < x + half and word.box[2] > x - half]
        limit = min(crossing, default=float("inf"))
        above = [word for word in words if word.box[3] <= limit]
        left = [word for word in above if word.box[2] <= x]
        right = [word for word in above if word.box[0] >= x]
        score = _beside(left, right)
        if score and (best is None or score > best[0]):
            best = (score, float(x), limit)
    return (best[1], best[2]) if best else None


def _beside(left: list[Word], right: list[Word]) -> float:
    """How many words stand in two groups that overlap in height; 0 when they don't stand side by side."""
    if len(left) < 2 or len(right) < 2:
        return 0
    spans = [(min(w.box[1] for w in side), max(w.box[3] for w in side)) for side in (left, right)]
    overlap = min(spans[0][1], spans[1][1]) - max(spans[0][0], spans[1][0])
    shorter = min(bottom - top for top, bottom in spans)
    return len(left) + len(right) if overlap > 0.4 * shorter else 0


def _cells(lines: list[Line], at: float) -> tuple[list[Line], list[Line]]:
    """The lines left and right of `at`, each from top to bottom; a line across it becomes two."""
    left = [[word for word in line if word.box[2] <= at] for line in lines]
    right = [[word for word in line if word.box[2] > at] for line in lines]
    return _downwards(left), _downwards(right)


def _downwards(pieces: list[Line]) -> list[Line]:
    """Pieces of lines sorted from top to bottom; what stands on one baseline becomes one line again."""
    rows: list[Line] = []
    for piece in sorted((piece for piece in pieces if piece), key=_middle):
        if rows and _on_one_line(rows[-1], piece):
            rows[-1] = sorted(rows[-1] + piece, key=lambda word: word.box[0])
        else:
            rows.append(piece)
    return rows


def _on_one_line(upper: Line, lower: Line) -> bool:
    apart_in_x = _left(lower) >= _right(upper) or _left(upper) >= _right(lower)
    height = min(_bottom(upper) - _top_of(upper), _bottom(lower) - _top_of(lower))
    return apart_in_x and abs(_middle(upper) - _middle(lower)) < 0.4 * height


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Neighbouring lines of one of the engine's blocks, together."""
    return [list(block) for _, block in itertools.groupby(lines, key=lambda line: line[0].block)]


def _numbered(blocks: list[list[Line]]) -> tuple[Word, ...]:
    ordered: list[Word] = []
    number = 0
    for block_number, block in enumerate(block for block in blocks if block):
        for line in block:
            ordered += [replace(word, line=number, block=block_number) for word in line]
            number += 1
    return tuple(ordered)


def _text(line: Line) -> str:
    return " ".join(word.text for word in line)


def _extent(line: Line, edge: int, choose: Callable[[Iterable[int]], int]) -> int:
    return choose(word.box[edge] for word in line)


def _left(line: Line) -> int:
    return _extent(line, 0, min)


def _top_of(line: Line) -> int:
    return _extent(line, 1, min)


def _right(line: Line) -> int:
    return _extent(line, 2, max)


def _bottom(line: Line) -> int:
    return _extent(line, 3, max)


def _middle(line: Line) -> float:
    return median((word.box[1] + word.box[3]) / 2 for word in line)
