"""A scan request as an eSCL job (lệnh quét): fitted to the device, then written as ScanSettings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from scanner.backends.escl import features
from scanner.backends.escl.capabilities import JPEG, MODE_NAMES, UNITS_PER_INCH, Description, Tray
from scanner.contract import MM_PER_INCH, ColorMode, ScanRequest, Source
from scanner.errors import ScanError, ScanFault

CLIPPED_MM = 5.0
"""A device may be this much narrower than the paper (ADFs of 208 mm for A4); beyond it text would be lost."""

_NAMESPACES = (
    'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm" '
    'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"'
)


@dataclass(frozen=True)
class Order:
    """What the device is asked for: dpi, the area in px at that resolution, and the job's document."""

    source: Source
    mode: ColorMode
    dpi: int
    width_px: int
    height_px: int
    most_width_px: int
    most_height_px: int
    page_limit: int | None
    document: bytes


def order_for(description: Description, request: ScanRequest) -> Order:
    """Fits a request to a device: the next finer resolution where it lacks the one asked for, its least area.

    Raises ScanError `scan.unsupported` for a source, mode, resolution or option that it doesn't have, and
    `scan.refused-size` for paper more than 5 mm larger than it takes.
    """
    tray = description.trays.get(request.source)
    if tray is None:
        raise ScanError(ScanFault.UNSUPPORTED, field="source", wanted=request.source.value)
    if request.mode not in tray.modes:
        raise ScanError(ScanFault.UNSUPPORTED, field="mode", wanted=request.mode.value)
    found = tray.resolution_for(request.mode, request.dpi)
    if found is None:
        raise ScanError(ScanFault.UNSUPPORTED, field="resolution", wanted=request.dpi)
    dpi, offer = found
    # Refuses a page that only the finer resolution makes too large.
    dataclasses.replace(request, dpi=dpi)
    width, height = _area(tray, request)
    early, late = features.settings_for(description.options, request.options)
    document = _document(
        description.version,
        request,
        dpi,
        area=(width, height),
        named_twice=offer.named_twice,
        early=early,
        late=late,
    )
    return Order(
        source=request.source,
        mode=request.mode,
        dpi=dpi,
        width_px=_px(width, dpi),
        height_px=_px(height, dpi),
        most_width_px=_px(tray.max_width, dpi),
        most_height_px=_px(tray.max_height, dpi),
        page_limit=_limit(request),
        document=document,
    )


def _area(tray: Tray, request: ScanRequest) -> tuple[int, int]:
    """Width and height in 1/300 inch, within what the source takes."""
    lengths = []
    for field, asked_mm, least, most in (
        ("width_mm", request.width_mm, tray.min_width, tray.max_width),
        ("height_mm", request.height_mm, tray.min_height, tray.max_height),
    ):
        most_mm = most * MM_PER_INCH / UNITS_PER_INCH
        if asked_mm > most_mm + CLIPPED_MM:
            raise ScanError(ScanFault.REFUSED_SIZE, field=field, asked_mm=asked_mm, most_mm=round(most_mm, 1))
        lengths.append(min(max(round(asked_mm * UNITS_PER_INCH / MM_PER_INCH), least), most))
    return lengths[0], lengths[1]


def _px(units: int, dpi: int) -> int:
    return max(1, round(units * dpi / UNITS_PER_INCH))


def _limit(request: ScanRequest) -> int | None:
    """Images after which the job is ended: one on the glass, and one sheet where only one was asked for."""
    if request.source is Source.FLATBED:
        return 1
    if dict(request.options).get(features.SINGLE_PAGE) is True:
        sheet = 2 if request.source is Source.DUPLEX else 1
        return min(sheet, request.page_limit or sheet)
    return request.page_limit


def _document(
    version: str,
    request: ScanRequest,
    dpi: int,
    *,
    area: tuple[int, int],
    named_twice: bool,
    early: Iterable[features.Setting],
    late: Iterable[features.Setting],
) -> bytes:
    """ScanSettings; the order of its elements is that of the schema, which some devices insist on."""
    width, height = area
    feeds = request.source is not Source.FLATBED
    region = "".join(
        f"<pwg:{name}>{value}</pwg:{name}>"
        for name, value in (
            ("ContentRegionUnits", "escl:ThreeHundredthsOfInches"),
            ("XOffset", 0),
            ("YOffset", 0),
            ("Width", width),
            ("Height", height),
        )
    )
    elements = (
        f"<pwg:Version>{version}</pwg:Version>",
        *(_element(setting) for setting in early),
        f"<pwg:ScanRegions><pwg:ScanRegion>{region}</pwg:ScanRegion></pwg:ScanRegions>",
        f"<pwg:InputSource>{'Feeder' if feeds else 'Platen'}</pwg:InputSource>",
        f"<scan:ColorMode>{MODE_NAMES[request.mode]}</scan:ColorMode>",
        f"<pwg:DocumentFormat>{JPEG}</pwg:DocumentFormat>",
        f"<scan:DocumentFormatExt>{JPEG}</scan:DocumentFormatExt>" if named_twice else "",
        f"<scan:XResolution>{dpi}</scan:XResolution>",
        f"<scan:YResolution>{dpi}</scan:YResolution>",
        f"<scan:Duplex>{str(request.source is Source.DUPLEX).lower()}</scan:Duplex>" if feeds else "",
        *(_element(setting) for setting in late),
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scan:ScanSettings {_NAMESPACES}>'
        f"{''.join(elements)}</scan:ScanSettings>"
    ).encode()


def _element(setting: features.Setting) -> str:
    return f"<scan:{setting.element}>{escape(setting.text)}</scan:{setting.element}>"
