"""Reading a PDF for writing to it, which may be broken or hostile (đọc tệp PDF)."""

import os
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_END_WITHIN = 1 << 16
_DEEPEST_TREE = 64


def reader_of(stream: BinaryIO) -> "PdfFileReader":
    """A lenient pyHanko reader. Raises `sign.pdf-broken` or `sign.pdf-encrypted`."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    _require_end(stream)
    try:
        reader = PdfFileReader(stream, strict=False)
        encrypted = reader.encrypted
        _ = reader.root
    except unreadable() as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__) from error
    if encrypted:
        raise SigningError(SigningFault.PDF_ENCRYPTED)
    return reader


def _require_end(stream: BinaryIO) -> None:
    """Raise unless %%EOF stands near the end: the parser would look for it backwards, byte by byte."""
    stream.seek(0, os.SEEK_END)
    stream.seek(max(stream.tell() - _END_WITHIN, 0))
    if b"%%EOF" not in stream.read(_END_WITHIN):
        raise SigningError(SigningFault.PDF_BROKEN, reason="no end")
    stream.seek(0)


def field_names(reader: "PdfFileReader") -> Iterator[str]:
    """The full names of all fields of the form, empty without one. Raises one of `unreadable()`."""
    form = _resolved(reader.root, "/AcroForm", {})
    stack: list[tuple[str, Any, int]] = [("", field, 0) for field in _items(form, "/Fields")]
    while stack:
        above, field, depth = stack.pop()
        name = f"{above}.{field['/T']}" if "/T" in field else above
        named = [kid for kid in _items(field, "/Kids") if "/T" in kid]
        if named and depth < _DEEPEST_TREE:
            stack += [(name, kid, depth + 1) for kid in named]
        else:
            yield name.removeprefix(".")


def _items(holder: Any, key: str) -> list[Any]:
    array = _resolved(holder, key, ())
    return [array[place] for place in range(len(array))]


def _resolved(holder: Any, key: str, otherwise: Any) -> Any:
    """The entry with its reference resolved, which `get` leaves as it is."""
    return holder[key] if key in holder else otherwise  # noqa: SIM401


def unreadable() -> tuple[type[Exception], ...]:
    """What the parsers of PDF and of ASN.1 raise for bytes that they can't make sense of.

    Objects are parsed when they are first touched, so any look into a document may raise one of these.
    """
    from pyhanko.pdf_utils.misc import PdfError

    return (
        PdfError,
        zlib.error,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        AssertionError,
        RecursionError,
        NotImplementedError,
    )
