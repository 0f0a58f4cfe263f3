"""Validation data that a document carries for all its signatures: the DSS (dữ liệu kiểm tra lâu dài)."""

from typing import TYPE_CHECKING, Any

from signing.verify.fields import array_of
from signing.verify.revocation import Evidence

if TYPE_CHECKING:
    import pikepdf

_MOST = 256
_LARGEST_RAW = 1 << 24


def evidence_of(pdf: "pikepdf.Pdf") -> tuple[tuple[bytes, ...], Evidence]:
    """The certificates, and the OCSP answers and lists of a DSS (ISO 32000-2 §12.8.4.3), all in DER."""
    import pikepdf

    held = pdf.Root.get("/DSS")
    if not isinstance(held, pikepdf.Dictionary):
        return (), Evidence()
    return _streams(held, "/Certs"), Evidence(_streams(held, "/OCSPs"), _streams(held, "/CRLs"))


def _streams(held: Any, key: str) -> tuple[bytes, ...]:
    import pikepdf

    found = []
    for stream in array_of(held.get(key))[:_MOST]:
        if not isinstance(stream, pikepdf.Stream):
            continue
        try:
            if len(stream.read_raw_bytes()) <= _LARGEST_RAW:
                found.append(bytes(stream.read_bytes()))
        except (pikepdf.PdfError, RuntimeError, ValueError):
            continue
    return tuple(found)
