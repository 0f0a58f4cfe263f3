"""The text layer of somebody else's page as words in their places (lớp chữ có sẵn)."""

import ctypes
from dataclasses import dataclass
from typing import Any

from ocr.page import Baseline, Box, Word, nfc

_MOST_CHARACTERS = 200_000
_SURE = 100.0
_LINE_SHARE = 0.6
_FLAT_PT = 0.5
_BLOCK_LINES = 2.2


@dataclass(frozen=True)
class _Letter:
    """A character with its box and the point it stands on, points from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    x: float
    y: float


def words_of(page: Any, dpi: int) -> tuple[Word, ...]:
    """The words that the PDFium `page` holds, in its own order; places in px at `dpi` from the upper left.

    Their confidence is 100: nobody guessed. Characters without a place are left out.
    """
    height_pt = float(page.get_size()[1])
    words: list[Word] = []
    line = block = 0
    last: _Letter | None = None
    for letters in _runs(page):
        if last is not None and _starts_a_line(last, letters[0]):
            line += 1
            block += _starts_a_block(last, letters[0])
        words.append(_word(letters, height_pt, dpi / 72, line, block))
        last = letters[-1]
    return tuple(words)


def _runs(page: Any) -> list[list[_Letter]]:
    """Letters between spaces and line ends."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    try:
        runs: list[list[_Letter]] = []
        run: list[_Letter] = []
        for index in range(min(_MOST_CHARACTERS, pdfium.FPDFText_CountChars(text))):
            letter = _letter(pdfium, text, index)
            if letter is None:
                if run:
                    runs.append(run)
                run = []
            elif run and (_starts_a_line(run[-1], letter)):
                runs.append(run)
                run = [letter]
            else:
                run.append(letter)
        return [*runs, run] if run else runs
    finally:
        text.close()


def _letter(pdfium: Any, text: Any, index: int) -> _Letter | None:
    """The character at `index`; None for one that separates words."""
    code = pdfium.FPDFText_GetUnicode(text, index)
    if not 0x20 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF or chr(code).isspace():
        return None
    sides = [ctypes.c_double() for _ in range(6)]
    left, right, bottom, top, x, y = sides
    if not pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top):
        return None
    if not pdfium.FPDFText_GetCharOrigin(text, index, x, y):
        return None
    if top.value - bottom.value < _FLAT_PT:
        # Glyphs without ink have no height; their font still says how tall its letters are.
        loose = pdfium.FS_RECTF()
        if pdfium.FPDFText_GetLooseCharBox(text, index, loose):
            return _Letter(chr(code), loose.left, loose.bottom, loose.right, loose.top, x.value, y.value)
    return _Letter(chr(code), left.value, bottom.value, right.value, top.value, x.value, y.value)


def _starts_a_line(before: _Letter, after: _Letter) -> bool:
    height = max(before.top - before.bottom, after.top - after.bottom, 1.0)
    return abs(after.y - before.y) > _LINE_SHARE * height or after.right < before.left - height


def _starts_a_block(before: _Letter, after: _Letter) -> bool:
    """Whether the next line stands higher, as that of the next cell does, or far below."""
    height = max(before.top - before.bottom, after.top - after.bottom, 1.0)
    down = before.y - after.y
    return down < -_LINE_SHARE * height or down > _BLOCK_LINES * height


def _word(letters: list[_Letter], height_pt: float, scale: float, line: int, block: int) -> Word:
    left = min(letter.left for letter in letters)
    right = max(letter.right for letter in letters)
    bottom = min(letter.bottom for letter in letters)
    top = max(letter.top for letter in letters)
    box: Box = (
        max(0, int(left * scale)),
        max(0, int((height_pt - top) * scale)),
        max(1, round(right * scale + 0.5)),
        max(1, round((height_pt - bottom) * scale + 0.5)),
    )
    first, last = letters[0], letters[-1]
    baseline: Baseline = (
        first.x * scale,
        (height_pt - first.y) * scale,
        max(right, first.x + 0.1) * scale,
        (height_pt - last.y) * scale,
    )
    return Word(nfc("".join(letter.text for letter in letters)), box, baseline, _SURE, line, block)
