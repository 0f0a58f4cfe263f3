"""The signatures of a PDF as they stand in the file (trường chữ ký): fields, dictionaries, ranges."""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.errors import SigningError, SigningFault
from signing.verify.coverage import Coverage, coverage_of
from signing.verify.digesting import RangeDigests
from signing.verify.fields import array_of, fields_of, name_of_kind, text_of
from signing.verify.keys import SignedBytes
from signing.verify.window import give_back, header_at, mapped, window_of

if TYPE_CHECKING:
    import pikepdf

_MOST_SIGNATURES = 500
_MOST_LOST = 64
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_DIGITS = re.compile(rb".{0,3}[0-9A-Fa-f\s]{32}", re.DOTALL)
_SIGNED_DATA = (b"2a864886f70d010702", b"2A864886F70D010702")
"""The object identifier of CMS SignedData in hexadecimal digits, as it stands in /Contents."""
_LARGEST_WHOLE = 1 << 26
_PIECE = 1 << 20


@dataclass(frozen=True)
class OpenedPdf:
    """An opened PDF: its bytes (`%PDF` stands at `header`), how qpdf reads it, and digests of its ranges."""

    data: mmap.mmap
    header: int
    pdf: "pikepdf.Pdf"
    digests: RangeDigests
    rebuilt: bool

    @property
    def encrypted(self) -> bool:
        """Whether it is encrypted, though it opens without a password."""
        return bool(self.pdf.is_encrypted)


@dataclass(frozen=True)
class SignedField:
    """A signed field: its full name, its dictionary's entries, and what it covers (None: nothing clear)."""

    name: str
    sub_filter: str
    span: tuple[int, ...]
    contents: bytes
    claimed: str
    certificates: tuple[bytes, ...]
    docmdp: int | None
    locked: "tuple[str, tuple[str, ...]] | None"
    coverage: Coverage | None
    in_form: bool = True
    removed: bool = False
    """Whether it was in the form when it was made and is so no longer."""

    @property
    def reach(self) -> int:
        """Where the range ends, to order signatures by."""
        return self.coverage.end if self.coverage else sum(self.span[-2:])


_REMAINS = SignedField("", "", (), b"", "", (), None, None, None, in_form=False)
"""A signature of which nothing but a trace is left."""


@contextmanager
def opened(path: Path) -> Iterator[OpenedPdf]:
    """Open a PDF for judging. Raises `sign.pdf-missing`, `sign.pdf-broken`, `sign.pdf-encrypted`."""
    with mapped(path) as data:
        header = header_at(data)
        if header is None:
            raise SigningError(SigningFault.PDF_BROKEN, reason="no header")
        with read(data, header, len(data)) as pdf, _lazy_faults():
            yield OpenedPdf(data, header, pdf, RangeDigests(data), _was_rebuilt(pdf))


@contextmanager
def _lazy_faults() -> Iterator[None]:
    """Objects are read when they are first touched: what qpdf can't read then is a broken file too."""
    import pikepdf

    try:
        yield
    except (pikepdf.PdfError, UnicodeError, OverflowError, RecursionError) as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__) from error


@contextmanager
def read(data: mmap.mmap, start: int, end: int) -> "Iterator[pikepdf.Pdf]":
    """A part of a file as a PDF of its own. Raises `sign.pdf-broken`, `sign.pdf-encrypted`."""
    import pikepdf

    try:
        pdf = pikepdf.open(window_of(data, start, end), inherit_page_attributes=False)
    except pikepdf.PasswordError as error:
        raise SigningError(SigningFault.PDF_ENCRYPTED) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__) from error
    with pdf:
        try:
            _ = pdf.Root.Pages.keys()
        except (pikepdf.PdfError, AttributeError, KeyError, ValueError, TypeError) as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="no pages") from error
        yield pdf


def _was_rebuilt(pdf: "pikepdf.Pdf") -> bool:
    return any("reconstruct" in str(warning) for warning in pdf.get_warnings())


def signed_fields(document: OpenedPdf) -> list[SignedField]:
    """Every signature of the file in the order in which they were made, also those no form tells of."""
    found = [
        signature
        for one in fields_of(document.pdf)
        if one.kind == "/Sig" and (signature := _signed_field(document, one.name, one.value)) is not None
    ][:_MOST_SIGNATURES]
    known = {signature.span for signature in found}
    found += _lost(document, known)
    if not found and _has_remains(document):
        found = [_REMAINS]
    return sorted(found, key=lambda signature: signature.reach)


def _signed_field(document: OpenedPdf, name: str, value: Any) -> SignedField | None:
    """A field's signature; None for a field without one. What can't be read is left empty."""
    import pikepdf

    if not isinstance(value, pikepdf.Dictionary):
        return None
    span = _span(value)
    contents = _bytes(value, "/Contents")
    cover = coverage_of(document.data, document.header, span, None if document.encrypted else contents)
    return SignedField(
        name=name,
        sub_filter=_text(value, "/SubFilter"),
        span=span,
        contents=cover.contents if cover else contents,
        claimed=_text(value, "/M"),
        certificates=_certificates(value),
        docmdp=_docmdp(value),
        locked=_locked(value),
        coverage=cover,
    )


def _lost(document: OpenedPdf, known: set[tuple[int, ...]]) -> Iterator[SignedField]:
    """Signatures that stand in the file though the form no longer tells of them, or never did."""
    spans = [span for span in dict.fromkeys(_ranges(document.data)) if span not in known and span[1]]
    for span in spans[:_MOST_LOST]:
        signature = _earlier(document, span)
        if signature is None and _looks_signed(document.data, document.header + span[1]):
            signature = _trace(document, span)
        if signature is not None:
            yield signature


def _earlier(document: OpenedPdf, span: tuple[int, ...]) -> SignedField | None:
    """The signature as the revision has it that it signed, None where it can't be found there."""
    cover = coverage_of(document.data, document.header, span, None)
    if cover is None:
        return None
    try:
        with read(document.data, cover.start, cover.end) as revision:
            signature = _found_again(document, revision, span)
    except SigningError:
        return None
    return signature if signature is not None and signature.coverage is not None else None


def _has_remains(document: OpenedPdf) -> bool:
    """Whether the digits of a signature stand in a file that tells of none.

    Files with attachments are left out: a signature in one of those isn't this file's.
    """
    data = document.data
    for start in range(0, len(data), _PIECE):
        end = min(start + _PIECE + 32, len(data))
        if any(data.find(mark, start, end) >= 0 for mark in _SIGNED_DATA):
            return data.find(b"/EmbeddedFile") < 0 and "/Names" not in document.pdf.Root
        give_back(data, start, end)
    return False


def _looks_signed(data: mmap.mmap, at: int) -> bool:
    """Whether hexadecimal digits stand where a range says that a signature does."""
    return bool(_DIGITS.match(data, max(at - 1, 0)))


def _trace(document: OpenedPdf, span: tuple[int, ...]) -> SignedField:
    """What is left of a signature whose dictionary can't be read or whose range doesn't fit the file."""
    for held in document.pdf.objects:
        found = _dictionary(held)
        if found is not None and _span(found) == span:
            signature = _signed_field(document, "", found)
            if signature is not None:
                return replace(signature, in_form=False)
    return replace(_REMAINS, span=span)


def _dictionary(value: Any) -> Any:
    import pikepdf

    return value if isinstance(value, pikepdf.Dictionary) else None


def _ranges(data: mmap.mmap) -> Iterator[tuple[int, ...]]:
    """Every byte range that is written anywhere in the file."""
    for start in range(0, len(data), _PIECE):
        end = start + _PIECE
        at = data.find(b"/ByteRange", start, end + 9)
        while at >= 0:
            if match := _RANGE.match(data, at):
                yield tuple(int(edge) for edge in match.groups())
            at = data.find(b"/ByteRange", at + 10, end + 9)
        give_back(data, start, min(end, len(data)))


def _found_again(document: OpenedPdf, earlier: "pikepdf.Pdf", span: tuple[int, ...]) -> SignedField | None:
    import pikepdf

    for one in fields_of(earlier):
        if isinstance(one.value, pikepdf.Dictionary) and _span(one.value) == span:
            signature = _signed_field(document, one.name, one.value)
            return replace(signature, in_form=False, removed=True) if signature else None
    bare = None
    for held in earlier.objects:
        if not isinstance(held, pikepdf.Dictionary):
            continue
        value = held.get("/V")
        if isinstance(value, pikepdf.Dictionary) and _span(value) == span:
            signature = _signed_field(document, _text(held, "/T"), value)
            return replace(signature, in_form=False) if signature else None
        if _span(held) == span:
            bare = _signed_field(document, "", held)
    return replace(bare, in_form=False) if bare else None


def content_of(document: OpenedPdf, cover: Coverage) -> SignedBytes:
    """The signed bytes of the file, for `signing.verify.integrity.judge`."""

    def digest(name: str) -> bytes:
        return document.digests.digest(name, cover.start, cover.until, cover.again, cover.end)

    def message() -> bytes:
        return document.data[cover.start : cover.until] + document.data[cover.again : cover.end]

    short = cover.end - cover.start <= _LARGEST_WHOLE
    return SignedBytes(digest, message if short else None)


def _span(value: Any) -> tuple[int, ...]:
    edges = array_of(value.get("/ByteRange"))
    return tuple(edges) if all(isinstance(edge, int) for edge in edges) else ()


def _bytes(value: Any, key: str) -> bytes:
    import pikepdf

    held = value.get(key)
    return bytes(held) if isinstance(held, pikepdf.String) else b""


def _text(value: Any, key: str) -> str:
    held = value.get(key)
    return text_of(held) or name_of_kind(held)


def _certificates(value: Any) -> tuple[bytes, ...]:
    import pikepdf

    held = value.get("/Cert")
    return tuple(bytes(item) for item in array_of(held) or [held] if isinstance(item, pikepdf.String))


def _references(value: Any) -> Iterator[tuple[str, Any]]:
    import pikepdf

    for reference in array_of(value.get("/Reference")):
        if isinstance(reference, pikepdf.Dictionary):
            parameters = reference.get("/TransformParams")
            if isinstance(parameters, pikepdf.Dictionary):
                yield _text(reference, "/TransformMethod"), parameters


def _docmdp(value: Any) -> int | None:
    """What a certification allows (ISO 32000-1 §12.8.2.2): 1 nothing, 2 filling in, 3 notes too."""
    for method, parameters in _references(value):
        if method == "/DocMDP":
            level = parameters.get("/P", 2)
            return int(level) if isinstance(level, int) and level in (1, 2, 3) else 2
    return None


def _locked(value: Any) -> tuple[str, tuple[str, ...]] | None:
    """Which fields the signature locks (FieldMDP, ISO 32000-1 §12.8.2.4): `/All`, `/Include`, `/Exclude`."""
    for method, parameters in _references(value):
        if method == "/FieldMDP":
            names = tuple(text_of(one) for one in array_of(parameters.get("/Fields")))
            return _text(parameters, "/Action"), names
    return None
