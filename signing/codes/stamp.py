"""Printing the document's code on page 1 before anyone signs (đóng mã tài liệu)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from signing.appearance.font import Face, embedded, face_for, normal
from signing.appearance.frame import POINTS_PER_MM, Box, Frame
from signing.codes.placement import Choice, Zone, viewing
from signing.codes.qr import QUIET_MODULES, Symbol, symbol_for
from signing.codes.xmp import check_parts, with_code
from signing.durable import appearing, refuse_same_file, sha256_of
from signing.errors import SigningError, SigningFault
from signing.pdfa import FLAVOUR, require_pdfa

if TYPE_CHECKING:
    import pikepdf

_SIZE = 9.0
_LINE = 11.0
_EDGE_MM = 4.0
_CLERK_RIGHT_MM = 75.0
_AGENCY_WIDTH_MM = 70.0
_BAND_MM = 26.0
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CodeStamp:
    """What is printed: the code as people read it, the text in the QR symbol, and a second line."""

    code: str
    qr_text: str
    label: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The printed lines."""
        return tuple(line for line in (normal(self.code), normal(self.label)) if line)


@dataclass(frozen=True)
class StampResult:
    """The coded file: where it is, its SHA-256, the page (from 1), and the stamp's box on it.

    `box_mm` is left, top, width, height in mm on the page as seen.
    """

    path: Path
    sha256: str
    page: int
    box_mm: tuple[float, float, float, float]


def stamp_code(pdf: Path, out: Path, stamp: CodeStamp, *, xmp: Mapping[str, str] = _NOTHING) -> StampResult:
    """Print the code into a free margin of page 1 and note it in the metadata; the file stays PDF/A-2b.

    `xmp` holds the parts of the code by name (see `signing.codes.xmp`). The place is the top band's right
    half, the bottom margin, then the sides; the top left stays free for the clerk's signature.
    Raises `sign.already-signed`, `sign.no-room`, `sign.pdfa-broken`, `sign.glyph-missing`,
    `sign.code-too-long` and the faults of files; ValueError for parts that XML can't carry.
    """
    if not stamp.lines or not stamp.qr_text:
        raise ValueError("a stamp has a code and a text for its symbol")
    check_parts(xmp)
    refuse_same_file(pdf, out)
    symbol = symbol_for(stamp.qr_text)
    face = face_for(*stamp.lines)
    require_pdfa(pdf, "before")
    _refuse_signed(pdf)
    drawing, box, frame = _place(pdf, symbol, face, stamp.lines)
    with appearing(out) as draft:
        _write(pdf, draft, _Printed(frame, box, drawing, face), normal(stamp.code), xmp)
        require_pdfa(draft, "after")
        digest = sha256_of(draft)
    return StampResult(out, digest, 1, (box.left, box.top, box.width, box.height))


def _refuse_signed(pdf: Path) -> None:
    from pyhanko.sign.fields import enumerate_sig_fields

    from signing.verify.reading import reader_of

    with pdf.open("rb") as stream:
        reader = reader_of(stream)
        signed = [name for name, value, _ in enumerate_sig_fields(reader) if value is not None]
    if signed:
        raise SigningError(SigningFault.ALREADY_SIGNED, signatures=len(signed))


def _place(pdf: Path, symbol: Symbol, face: Face, lines: tuple[str, ...]) -> tuple[bytes, Box, Frame]:
    beside, below = _beside(symbol, face, lines), _below(symbol, face, lines)
    with viewing(pdf) as page:
        frame = page.frame
        chosen, box = page.place(_choices(frame, beside[:2], below[:2]))
        upright = chosen % 2 == 1
        return (below if upright else beside)[2], box, frame


_Layout = tuple[float, float, bytes]
"""Width and height in mm, and the content operators drawn from the lower left corner in pt."""


def _beside(symbol: Symbol, face: Face, lines: tuple[str, ...]) -> _Layout:
    """The text to the right of the symbol, centred on it."""
    quiet = QUIET_MODULES * symbol.module_mm * POINTS_PER_MM
    outer = symbol.outer_mm * POINTS_PER_MM
    width = outer + max(face.width(line, _SIZE) for line in lines)
    first = outer / 2 + (len(lines) - 1) * _LINE / 2 - _SIZE * 0.33
    rows = [(outer, first - number * _LINE, line) for number, line in enumerate(lines)]
    drawn = _drawing(symbol, face, quiet, quiet, rows)
    return width / POINTS_PER_MM, symbol.outer_mm, drawn


def _below(symbol: Symbol, face: Face, lines: tuple[str, ...]) -> _Layout:
    """The text beneath the symbol."""
    quiet = QUIET_MODULES * symbol.module_mm * POINTS_PER_MM
    outer = symbol.outer_mm * POINTS_PER_MM
    text = len(lines) * _LINE
    width = max(outer, *(face.width(line, _SIZE) for line in lines))
    rows = [(0.0, text - _LINE * (number + 1) + 2.5, line) for number, line in enumerate(lines)]
    drawn = _drawing(symbol, face, quiet, text + quiet, rows)
    return width / POINTS_PER_MM, (outer + text) / POINTS_PER_MM, drawn


def _drawing(
    symbol: Symbol, face: Face, left: float, bottom: float, rows: list[tuple[float, float, str]]
) -> bytes:
    quiet = QUIET_MODULES * symbol.module_mm * POINTS_PER_MM
    side = symbol.outer_mm * POINTS_PER_MM
    ground = f"1 g {left - quiet:.3f} {bottom - quiet:.3f} {side:.3f} {side:.3f} re f".encode()
    text = [f"BT 0 g /SohoaF {_SIZE:g} Tf".encode()]
    text += [f"1 0 0 1 {x:.3f} {y:.3f} Tm ".encode() + face.shown(line) + b" Tj" for x, y, line in rows]
    return b"\n".join([ground, symbol.drawn(left, bottom), *text, b"ET"])


def _choices(frame: Frame, beside: tuple[float, float], below: tuple[float, float]) -> tuple[Choice, ...]:
    """Wide in the top and bottom bands, upright in the sides; odd choices are the upright ones."""
    width, height = frame.width_mm, frame.height_mm
    middle = max(width / 2, _CLERK_RIGHT_MM)
    right = width - _EDGE_MM
    bottom = height - _EDGE_MM
    top_band = (
        Zone(middle, _EDGE_MM, width - _AGENCY_WIDTH_MM, _BAND_MM),
        Zone(_CLERK_RIGHT_MM, _EDGE_MM, width - _AGENCY_WIDTH_MM, _BAND_MM),
        Zone(middle, _EDGE_MM, right, _BAND_MM),
        Zone(_CLERK_RIGHT_MM, _EDGE_MM, right, _BAND_MM),
    )
    low_band = (
        Zone(middle, height - _BAND_MM, right, bottom),
        Zone(_EDGE_MM, height - _BAND_MM, right, bottom),
    )
    side = below[0]
    sides = (
        Zone(right - side - 0.01, _BAND_MM, right, height - _BAND_MM),
        Zone(_EDGE_MM, _BAND_MM, _EDGE_MM + side + 0.01, height - _BAND_MM),
    )
    return (
        Choice(*beside, top_band),
        Choice(*below, top_band),
        Choice(*beside, low_band),
        Choice(*below, (*low_band, *sides)),
    )


@dataclass(frozen=True)
class _Printed:
    """What goes onto the page, and where."""

    frame: Frame
    box: Box
    drawing: bytes
    face: Face


def _write(pdf: Path, draft: Path, printed: _Printed, code: str, parts: Mapping[str, str]) -> None:
    import pikepdf
    from pikepdf.pdfa import resolve_save_kwargs

    with pikepdf.open(pdf) as document:
        page = document.pages[0]
        _add_font(document, page, printed.face)
        matrix = " ".join(f"{number:.4f}" for number in printed.frame.matrix_of(printed.box))
        content = b"\nQ\nq " + matrix.encode() + b" cm\n" + printed.drawing + b"\nQ"
        page.contents_add(document.make_stream(b"q\n"), prepend=True)
        page.contents_add(document.make_stream(content))
        packet = bytes(document.Root.Metadata.read_bytes())
        document.Root.Metadata = document.make_stream(
            with_code(packet, code, parts), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        document.save(draft, **resolve_save_kwargs(FLAVOUR))


def _add_font(document: "pikepdf.Pdf", page: "pikepdf.Page", face: Face) -> None:
    """Give the page resources of its own with our font; shared or inherited ones stay as they are."""
    import pikepdf

    held = page.obj.get("/Resources", page.resources)
    resources = pikepdf.Dictionary(dict(held.items()))
    fonts = pikepdf.Dictionary(dict(resources.get("/Font", pikepdf.Dictionary()).items()))
    fonts["/SohoaF"] = embedded(document, face)
    resources["/Font"] = fonts
    page.obj.Resources = resources
