"""A page with nothing left to do but to be written (trang đã xong)."""

import struct
from dataclasses import dataclass

from ocr.page import ReadPage
from ocr.pdf.layers import Painting


@dataclass(frozen=True)
class CopiedPage:
    """A page taken over from a PDF: `pdf` holds it alone. Its own text layer shows when `has_text`."""

    pdf: bytes
    has_text: bool


@dataclass(frozen=True)
class FinishedPage:
    """What was read, and what is to be seen."""

    read: ReadPage
    shown: Painting | CopiedPage

    def pack(self) -> bytes:
        """The page as bytes that `unpack` turns back into an equal one."""
        read = self.read.to_json().encode()
        shown = self.shown
        if isinstance(shown, CopiedPage):
            return struct.pack(">cI", b"T" if shown.has_text else b"C", len(read)) + read + shown.pdf
        return struct.pack(">cI", b"P", len(read)) + read + shown.pack()

    @classmethod
    def unpack(cls, packed: bytes) -> "FinishedPage":
        """The page that `pack` wrote. Raises ValueError for anything else."""
        try:
            kind, length = struct.unpack_from(">cI", packed)
            at = struct.calcsize(">cI")
            read = ReadPage.from_json(packed[at : at + length].decode())
        except struct.error as error:
            raise ValueError("not a packed page") from error
        rest = packed[at + length :]
        if kind == b"P":
            return cls(read, Painting.unpack(rest))
        return cls(read, CopiedPage(rest, has_text=kind == b"T"))
