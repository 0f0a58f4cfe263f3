"""The signatures of a PDF as they stand in the file (trường chữ ký): their places, bytes and digests."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from signing.errors import SigningError, SigningFault
from signing.verify.reading import reader_of, unreadable
from signing.verify.window import header_offset, opened_window

if TYPE_CHECKING:
    from asn1crypto import cms
    from pyhanko.pdf_utils.reader import PdfFileReader

_PIECE = 1 << 20
_MOST_SIGNATURES = 500


@dataclass(frozen=True)
class OpenedPdf:
    """An opened PDF: its file, the bytes from %PDF on (which stands at `start`), their length, the reader."""

    path: Path
    start: int
    stream: BinaryIO
    length: int
    reader: "PdfFileReader"

    @property
    def junk(self) -> bool:
        """Whether bytes stand before %PDF."""
        return self.start > 0


@dataclass(frozen=True)
class SignedField:
    """A signed field: its name, its dictionary, and what its contents say (None where unreadable)."""

    field: str
    dictionary: Any
    contents: bytes
    span: tuple[int, ...]
    data: "cms.SignedData | None"


def reach(signature: SignedField) -> int:
    return sum(signature.span[-2:]) if signature.span else 0


@contextmanager
def opened(pdf: Path) -> Iterator[OpenedPdf]:
    try:
        start = header_offset(pdf)
        if start is None:
            raise SigningError(SigningFault.PDF_BROKEN, reason="no header")
        with opened_window(pdf, start) as window:
            window.seek(0, os.SEEK_END)
            length = window.tell()
            yield OpenedPdf(pdf, start, window, length, reader_of(window))
    except OSError as error:
        raise SigningError(SigningFault.PDF_MISSING, errno=error.errno or 0) from error


def signed_fields(reader: "PdfFileReader") -> list[SignedField]:
    from pyhanko.sign.fields import enumerate_sig_fields

    try:
        fields = list(enumerate_sig_fields(reader, filled_status=True))
        return [_signed_field(name, held.get_object()) for name, held, _ in fields[:_MOST_SIGNATURES]]
    except unreadable() as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason="form fields") from error


def _signed_field(name: str, dictionary: Any) -> SignedField:
    from asn1crypto import cms

    contents, data = b"", None
    span: tuple[int, ...] = ()
    try:
        contents = bytes(dictionary.raw_get("/Contents").original_bytes)
        span = tuple(int(edge) for edge in dictionary["/ByteRange"])
        data = cms.ContentInfo.load(contents)["content"]
        _ = data["signer_infos"][0]["sid"].chosen, data["encap_content_info"]["content_type"].native
    except unreadable():
        data = None
    return SignedField(name, dictionary, contents, span, data)


def digest_of(document: OpenedPdf, signature: SignedField, name: str | None) -> bytes | None:
    """The digest over the byte range, None for an unknown algorithm or a range outside the file."""
    if name is None or not _within(document, signature.span):
        return None
    state = hashlib.new(name, usedforsecurity=False)
    for start, length in zip(signature.span[::2], signature.span[1::2], strict=True):
        document.stream.seek(start)
        rest = length
        while rest:
            piece = document.stream.read(min(rest, _PIECE))
            if not piece:
                return None
            state.update(piece)
            rest -= len(piece)
    return state.digest()


def _within(document: OpenedPdf, span: tuple[int, ...]) -> bool:
    pairs = list(zip(span[::2], span[1::2], strict=False))
    return (
        len(span) >= 2
        and len(span) % 2 == 0
        and all(start >= 0 and 0 <= length <= document.length - start for start, length in pairs)
    )


def covers(document: OpenedPdf, signature: SignedField) -> bool:
    """Whether the range is the file's beginning with nothing left out but the hexadecimal contents."""
    span = signature.span
    if len(span) != 4 or span[0] != 0 or not _within(document, span):
        return False
    gap = span[2] - span[1]
    if gap < 2 or gap > 4 * len(signature.contents) + 4096:
        return False
    document.stream.seek(span[1])
    left_out = document.stream.read(gap)
    if left_out[:1] != b"<" or left_out[-1:] != b">":
        return False
    try:
        return bytes.fromhex(left_out[1:-1].decode("ascii")) == signature.contents
    except ValueError:
        return False
