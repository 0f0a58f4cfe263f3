"""How the pages of a PDF are wanted (cách lấy trang), and what comes of one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class TextLayer(StrEnum):
    """What becomes of the words that a page brings along."""

    KEEP = "keep"
    """A layer that reads well stays and the page isn't read again; rubbish is replaced."""
    REDO = "redo"
    """Every page is read."""
    SKIP = "skip"
    """A page with any words at all is left alone."""


@dataclass(frozen=True)
class Wishes:
    """`text_layer` is a TextLayer's value; `flavour` the PDF/A that pages taken over must conform to.

    With `as_it_is` pages are taken over untouched where that can be, otherwise only those that aren't mere
    images.
    """

    text_layer: str = TextLayer.KEEP
    flavour: str = "2b"
    as_it_is: bool = True


@dataclass(frozen=True)
class DecodedPage:
    """One page out of a file.

    `image` is encoded (JPEG or BMP), None when `copy` shows all; `copy` a PDF of this one page to be taken
    over; `words` the plain values of Word for a layer that stays, None when the page is to be read. `size_px`
    is the page at `dpi`.
    """

    image: bytes | None
    dpi: int | None
    size_px: tuple[int, int] | None = None
    words: list[list[Any]] | None = None
    copy: bytes | None = None
