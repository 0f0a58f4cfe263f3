"""Words in rows and columns, with their text at hand letter for letter (dòng chữ)."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr.fields.spelling import bare, clean, skeleton
from ocr.page import Box, Word

_ROW_SHARE = 0.45
_BULLETS = frozenset("-–—+•·*~°")


@dataclass(frozen=True)
class Strip:
    """A row of words from left to right."""

    words: tuple[Word, ...]

    @functools.cached_property
    def text(self) -> str:
        """The words, cleaned, with a blank between them."""
        return " ".join(clean(word.text) for word in self.words)

    @functools.cached_property
    def bare(self) -> str:
        """`text` without marks; as long as `text`."""
        return bare(self.text)

    @functools.cached_property
    def skeleton(self) -> str:
        """Its letters and digits in bare capitals."""
        return skeleton(self.text)

    @functools.cached_property
    def box(self) -> Box:
        """The box around it, px."""
        boxes = [word.box for word in self.words]
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )

    @property
    def middle(self) -> float:
        """The x in px of its middle."""
        return (self.box[0] + self.box[2]) / 2

    @property
    def baseline(self) -> float:
        """The y in px of the line that its letters stand on."""
        return median(baseline_of(word) for word in self.words)

    def words_at(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that `text[start:end]` touches."""
        touched = []
        at = 0
        for word in self.words:
            after = at + len(clean(word.text))
            if at < end and start < after:
                touched.append(word)
            at = after + 1
        return tuple(touched)

    def pieces_at(self, start: int, end: int) -> tuple[Word, ...]:
        """As `words_at`, with the box of a word that is only partly meant cut to its letters' share."""
        pieces = []
        at = 0
        for word in self.words:
            letters = len(clean(word.text))
            first, last = max(start - at, 0), min(end - at, letters)
            if first < last:
                x0, y0, x1, y1 = word.box
                step = (x1 - x0) / letters
                box = (round(x0 + first * step), y0, round(x0 + last * step), y1)
                pieces.append(replace(word, box=box) if last - first < letters else word)
            at += letters + 1
        return tuple(pieces)

    @property
    def capital_share(self) -> float:
        """How much of its letters are capitals, 0..1; 0.0 without letters."""
        letters = [letter for letter in self.text if letter.isalpha()]
        return sum(letter.isupper() for letter in letters) / len(letters) if letters else 0.0


def baseline_of(word: Word) -> float:
    """The y in px of a word's baseline at its middle."""
    return (word.baseline[1] + word.baseline[3]) / 2


def height_of(words: Iterable[Word]) -> float:
    """The usual height of words in px; 1.0 without words."""
    heights = [word.box[3] - word.box[1] for word in words]
    return float(median(heights)) if heights else 1.0


def strips_of(words: Iterable[Word]) -> list[Strip]:
    """The words in rows from top to bottom: those whose baselines are within half a letter of each other."""
    written = [word for word in words if _is_written(word)]
    reach = _ROW_SHARE * height_of(written)
    rows: list[list[Word]] = []
    for word in sorted(written, key=baseline_of):
        if rows and baseline_of(word) - median(baseline_of(other) for other in rows[-1]) <= reach:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [Strip(tuple(sorted(row, key=lambda word: word.box[0]))) for row in rows]


def _is_written(word: Word) -> bool:
    """Whether a word has letters, digits, a slash, or is the dash before an item of a list."""
    if any(letter.isalnum() or letter == "/" for letter in word.text):
        return True
    x0, y0, x1, y1 = word.box
    return bool(set(word.text) & _BULLETS) and x1 - x0 < 2.5 * max(y1 - y0, 8) and len(word.text) <= 2


def split_at(words: Iterable[Word], x: float) -> tuple[list[Word], list[Word]]:
    """The words left and right of `x`, by their middles."""
    left: list[Word] = []
    right: list[Word] = []
    for word in words:
        (left if (word.box[0] + word.box[2]) / 2 < x else right).append(word)
    return left, right


def gutter_of(words: Sequence[Word], least: float, most: float, good: Callable[[Word], bool]) -> float | None:
    """The x in px of the middle of the widest strip between `least` and `most` that no good word crosses.

    None when the words leave none.
    """
    spans = sorted((word.box[0], word.box[2]) for word in words if good(word))
    best: tuple[float, float] | None = None
    reach = 0.0
    for left, right in spans:
        start, end = max(reach, least), min(float(left), most)
        if reach > 0 and end > start and (best is None or end - start > best[0]):
            best = (end - start, (start + end) / 2)
        reach = max(reach, float(right))
    return best[1] if best else None
