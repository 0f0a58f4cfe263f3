"""Where a visible signature stands (vị trí khối chữ ký): a free spot of its kind's zones, or none.

Nothing is covered: not ink, not words of the text layer, not a QR code, not another field. Nothing is scaled
or moved to make room.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from signing.appearance.block import Block, Shown, Spot
from signing.appearance.drawing import broken, size_of
from signing.appearance.frame import Box, Frame
from signing.appearance.kinds import Edges, Kind, Place, kind_called
from signing.codes.placement import Choice, PageView, Zone, viewing
from signing.errors import SigningError, SigningFault
from signing.verify.reading import reader_of, unreadable

_STEP_MM = 2.0
_ABOVE_NAME_MM = 2.0
_OVERLAP = 1 / 3
_SMALLER = (1.0, 0.85, 0.7, 0.55)
_MARGIN_MM = 8.0
_MOST_SUGGESTED = 3


@dataclass(frozen=True)
class Placed:
    """A block with its place: page (from 0), the page's frame, the box as seen, and the block to draw."""

    page: int
    frame: Frame
    box: Box
    shown: Shown


def placed(pdf: Path, shown: Shown) -> Placed:
    """The place of a new block on `pdf`.

    Raises `sign.no-room` (fact `suggested`: "left,top; …" in mm of free boxes of that size) and
    `sign.place-taken` for a chosen spot where something stands.
    """
    kind = kind_called(shown.kind)
    if shown.spot is not None:
        return _at(pdf, broken(shown, kind.widths_mm[0]), shown.spot)
    if kind.place is Place.ABOVE_NAME:
        return _above_name(pdf, shown)
    if kind.place is Place.OVER_SIGNATURE:
        return _over_signature(pdf, shown)
    return _in_band(pdf, shown, kind)


def sized(pdf: Path, shown: Shown, page: int = 0) -> Placed:
    """The block for a field that is there already: its own size on the frame of the field's page."""
    fitting = broken(shown, kind_called(shown.kind).widths_mm[0])
    width, height = size_of(fitting)
    with viewing(pdf, page) as view:
        return Placed(page, view.frame, Box(0, 0, width, height), fitting)


def _in_band(pdf: Path, shown: Shown, kind: Kind) -> Placed:
    with viewing(pdf) as view:
        for width_mm in kind.widths_mm:
            fitting = broken(shown, width_mm)
            width, height = size_of(fitting)
            zones = tuple(
                zone
                for edges in kind.zones
                for zone in _narrowed(edges, view.frame, width, from_right=kind.from_right)
            )
            box = _free(view, width, height, zones)
            if box is not None:
                return Placed(0, view.frame, box, fitting)
        raise _no_room(view, *size_of(broken(shown, kind.widths_mm[0])))


def _narrowed(edges: Edges, frame: Frame, width: float, *, from_right: bool) -> Iterator[Zone]:
    """The zone itself, or for blocks that belong to the right its columns from the right on."""
    left, top, right, bottom = edges.on(frame)
    right = min(right, frame.width_mm)
    if not from_right:
        yield Zone(left, top, right, bottom)
        return
    edge = right
    while edge - width >= left - 1e-6:
        yield Zone(edge - width - 0.001, top, edge, bottom)
        edge -= _STEP_MM


def _free(view: PageView, width: float, height: float, zones: tuple[Zone, ...]) -> Box | None:
    try:
        _, box = view.place((Choice(width, height, zones),))
    except SigningError as error:
        if error.fault is not SigningFault.NO_ROOM:
            raise
        return None
    return box


def _at(pdf: Path, shown: Shown, spot: Spot) -> Placed:
    width, height = size_of(shown)
    box = Box(spot.left, spot.top, width, height)
    with viewing(pdf, max(spot.page - 1, 0)) as view:
        inside = spot.page >= 1 and spot.left >= 0 and spot.top >= 0
        inside = inside and box.right <= view.frame.width_mm and box.bottom <= view.frame.height_mm
        if not inside or not view.is_free(box):
            raise _no_room(view, width, height, SigningFault.PLACE_TAKEN)
        return Placed(spot.page - 1, view.frame, box, shown)


def _above_name(pdf: Path, shown: Shown) -> Placed:
    """Centred over the signer's printed name, a little smaller where the gap under the title asks for it."""
    page, name = _printed_name(pdf, shown.signer)
    with viewing(pdf, page) as view:
        for by in _SMALLER:
            fitting = _scaled(shown, by)
            width, height = size_of(fitting)
            left = name.left + name.width / 2 - width / 2
            box = Box(left, name.top - _ABOVE_NAME_MM - height, width, height)
            if box.left >= 0 and box.top >= 0 and view.is_free(box):
                return Placed(page, view.frame, box, fitting)
        raise _no_room(view, *size_of(shown))


def _scaled(shown: Shown, by: float) -> Shown:
    if not isinstance(shown, Block) or shown.picture is None:
        return shown
    return replace(shown, picture=shown.picture.scaled(by))


def _over_signature(pdf: Path, shown: Shown) -> Placed:
    """Over the left third of the newest visible signature: that field is meant to be covered in part."""
    page, rectangle = _newest_field(pdf)
    width, height = size_of(shown)
    with viewing(pdf, page) as view:
        signature = view.frame.box_of(*rectangle)
        left = signature.left + signature.width * _OVERLAP - width
        box = Box(left, signature.top + signature.height / 2 - height / 2, width, height)
        inside = box.left >= 0 and box.top >= 0 and box.bottom <= view.frame.height_mm
        if not inside:
            raise _no_room(view, width, height)
        return Placed(page, view.frame, box, shown)


def _no_room(
    view: PageView, width: float, height: float, fault: SigningFault = SigningFault.NO_ROOM
) -> SigningError:
    suggested = "; ".join(f"{box.left:.0f},{box.top:.0f}" for box in _suggested(view, width, height))
    return SigningError(
        fault,
        width_mm=round(width, 1),
        height_mm=round(height, 1),
        page_width_mm=round(view.frame.width_mm, 1),
        page_height_mm=round(view.frame.height_mm, 1),
        suggested=suggested or "–",
    )


def _suggested(view: PageView, width: float, height: float) -> list[Box]:
    """Free boxes anywhere within the page's margins, one at most in each part from top to bottom."""
    wide, high = view.frame.width_mm - _MARGIN_MM, view.frame.height_mm - _MARGIN_MM / 2
    parts = max(int((high - _MARGIN_MM / 2) // max(2 * height, 20)), 1)
    step = (high - _MARGIN_MM / 2) / parts
    found: list[Box] = []
    for number in range(parts):
        top = _MARGIN_MM / 2 + number * step
        zone = Zone(_MARGIN_MM, top, wide, min(top + step + height / 2, high))
        box = _free(view, width, height, (zone,))
        if box is not None and not (found and box.top < found[-1].bottom):
            found.append(Box(float(round(box.left)), float(round(box.top)), width, height))
        if len(found) == _MOST_SUGGESTED:
            break
    return [box for box in found if view.is_free(box)]


def _printed_name(pdf: Path, name: str) -> tuple[int, Box]:
    """The page (from 0) and the box of the last place where the name is printed."""
    import pypdfium2 as pdfium

    wanted = _folded(name)
    with viewing(pdf), pdfium.PdfDocument(pdf) as document:
        for page in reversed(range(len(document))):
            text = document[page].get_textpage()
            box = _last_match(text, wanted, _frame_of(document[page])) if wanted else None
            text.close()
            if box is not None:
                return page, box
    raise SigningError(SigningFault.NO_ROOM, reason="name not printed", suggested="–")


def _frame_of(page: Any) -> Frame:
    return PageView(page).frame


def _last_match(text: Any, wanted: str, frame: Frame) -> Box | None:
    """Letters are compared one by one, in whatever normal form the file holds them, blanks left out."""
    letters = [(number, _folded(chr_)) for number, chr_ in enumerate(text.get_text_range())]
    joined = "".join(letter for _, letter in letters)
    start = joined.rfind(wanted)
    if start < 0:
        return None
    places = [number for number, letter in letters for _ in letter]
    boxes = [frame.box_of(*text.get_charbox(index)) for index in places[start : start + len(wanted)]]
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    return Box(left, top, max(box.right for box in boxes) - left, max(box.bottom for box in boxes) - top)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text).casefold().replace("đ", "d")
    return "".join(letter for letter in plain if letter.isalnum())


def _newest_field(pdf: Path) -> tuple[int, tuple[float, float, float, float]]:
    """The page (from 0) and the rectangle of the newest signed field that shows something."""
    from pyhanko.sign.fields import enumerate_sig_fields

    with pdf.open("rb") as stream:
        reader = reader_of(stream)
        try:
            found = [
                (_reach(value), _place_of(reader, field))
                for _, value, field in enumerate_sig_fields(reader, filled_status=True)
            ]
        except unreadable() as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="form fields") from error
    seen = [(reach, place) for reach, place in found if place is not None]
    if not seen:
        raise SigningError(SigningFault.NO_ROOM, reason="no visible signature", suggested="–")
    return max(seen, key=lambda one: one[0])[1]


def _place_of(reader: Any, field: Any) -> tuple[int, tuple[float, float, float, float]] | None:
    widget = field.get_object()
    edges = tuple(float(edge) for edge in widget["/Rect"])
    if edges[0] == edges[2] or edges[1] == edges[3]:
        return None
    page = widget.raw_get("/P").reference if "/P" in widget else None
    pages = int(reader.root["/Pages"]["/Count"])
    number = next(
        (
            one
            for one in range(pages)
            if page is not None and reader.find_page_for_modification(one)[0].reference == page
        ),
        0,
    )
    left, right = sorted((edges[0], edges[2]))
    bottom, top = sorted((edges[1], edges[3]))
    return number, (left, bottom, right, top)


def _reach(value: Any) -> int:
    """The last byte that a signature covers."""
    return sum([int(edge) for edge in value.get_object()["/ByteRange"]][-2:])
