"""A printed A4 page as a value: lines of text with their places, and the image they give (trang in).

Lengths are millimetres from the top left corner of the sheet; type sizes are points. The text of a
page and its image come from the same lines, so the truth can't differ from what is printed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from resources import path

A4_MM = (210.0, 297.0)
DPI = 300
INK = (24, 24, 28)  # toner on paper is never quite black

_MM_PER_INCH = 25.4
_PT_PER_INCH = 72.0


def px(mm: float, dpi: int = DPI) -> int:
    """`mm` millimetres as the nearest whole number of pixels."""
    return round(mm * dpi / _MM_PER_INCH)


@dataclass(frozen=True)
class Face:
    """A cut and size of the serif letter (kiểu chữ): `size_pt` in points."""

    size_pt: float = 14.0
    bold: bool = False
    italic: bool = False

    @property
    def size_mm(self) -> float:
        """The em of this face in millimetres."""
        return self.size_pt * _MM_PER_INCH / _PT_PER_INCH


@dataclass(frozen=True)
class Run:
    """A stretch of text in one face, NFC."""

    text: str
    face: Face

    def __post_init__(self) -> None:
        if not unicodedata.is_normalized("NFC", self.text):
            raise ValueError("text of a page must be NFC")


@dataclass(frozen=True)
class Line:
    """One line of print: `x_mm` is its left end, `baseline_mm` where the letters stand.

    `stretch_mm` spreads the spaces so that the line ends at `x_mm + stretch_mm` (justified text).
    """

    runs: tuple[Run, ...]
    x_mm: float
    baseline_mm: float
    stretch_mm: float | None = None

    @property
    def text(self) -> str:
        """The words of the line with one space between them."""
        return " ".join("".join(run.text for run in self.runs).split())


@dataclass(frozen=True)
class Rule:
    """A straight printed stroke from (`x0_mm`, `y0_mm`) to (`x1_mm`, `y1_mm`), `weight_pt` thick."""

    x0_mm: float
    y0_mm: float
    x1_mm: float
    y1_mm: float
    weight_pt: float = 0.75


@dataclass(frozen=True)
class Page:
    """One printed side: lines in reading order, and rules."""

    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def truth(self) -> str:
        """The text in reading order, each printed line ended by a newline; empty for a blank side."""
        return "".join(f"{line.text}\n" for line in self.lines)


@dataclass(frozen=True)
class PlacedWord:
    """A word, or the part of it in one face: left end, baseline and `box` (x0, y0, x1, y1), all in px."""

    text: str
    face: Face
    x_px: float
    baseline_px: float
    box: tuple[float, float, float, float]


@lru_cache(maxsize=64)
def font(face: Face, dpi: int = DPI) -> ImageFont.FreeTypeFont:
    """The shipped serif font in the size of `face` at `dpi`.

    There is no bold italic among the shipped files: the italic one stands in and is printed with a stroke.
    """
    cut = "Italic" if face.italic else "Bold" if face.bold else "Regular"
    file = path("fonts", f"LiberationSerif-{cut}.ttf")
    size = face.size_pt * dpi / _PT_PER_INCH
    # The basic layout engine gives the same places on machines with and without libraqm.
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


def width_mm(text: str, face: Face) -> float:
    """The printed width of `text` in millimetres."""
    return font(face).getlength(text) * _MM_PER_INCH / DPI


def placed_words(line: Line, dpi: int = DPI) -> Iterator[PlacedWord]:
    """The words of `line` in order, each where it is printed; a word in two faces comes as two pieces."""
    pieces = [(piece, run.face) for run in line.runs for piece in _pieces(run.text)]
    spaces = sum(1 for piece, _ in pieces if piece == " ")
    natural = sum(font(face, dpi).getlength(piece) for piece, face in pieces)
    spread = 0.0
    if line.stretch_mm is not None and spaces:
        spread = (line.stretch_mm * dpi / _MM_PER_INCH - natural) / spaces
    x = line.x_mm * dpi / _MM_PER_INCH
    y = line.baseline_mm * dpi / _MM_PER_INCH
    for piece, face in pieces:
        letters = font(face, dpi)
        if piece == " ":
            x += letters.getlength(" ") + spread
            continue
        left, top, right, bottom = letters.getbbox(piece, anchor="ls")
        yield PlacedWord(piece, face, x, y, (x + left, y + top, x + right, y + bottom))
        x += letters.getlength(piece)


def _pieces(text: str) -> Iterator[str]:
    """`text` as words and single spaces, in order."""
    word = ""
    for letter in text:
        if letter.isspace():
            if word:
                yield word
            word = ""
            yield " "
        else:
            word += letter
    if word:
        yield word


def print_page(page: Page, dpi: int = DPI) -> Image.Image:
    """`page` in toner on a white A4 sheet: an RGB image of 210 × 297 mm at `dpi`."""
    sheet = Image.new("RGB", (px(A4_MM[0], dpi), px(A4_MM[1], dpi)), "white")
    pen = ImageDraw.Draw(sheet)
    for rule in page.rules:
        ends = tuple(px(mm, dpi) for mm in (rule.x0_mm, rule.y0_mm, rule.x1_mm, rule.y1_mm))
        pen.line(ends, fill=INK, width=max(1, round(rule.weight_pt * dpi / _PT_PER_INCH)))
    for line in page.lines:
        for word in placed_words(line, dpi):
            stroke = 1 if word.face.bold and word.face.italic else 0
            pen.text(
                (word.x_px, word.baseline_px),
                word.text,
                fill=INK,
                font=font(word.face, dpi),
                anchor="ls",
                stroke_width=stroke,
            )
    return sheet
