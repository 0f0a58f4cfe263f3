"""The XML of eSCL as a device writes and reads it (Mopria eSCL Technical Specification 2.97)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape

from scanner.backends.virtual.faults import FaultKind
from scanner.backends.virtual.paper import Exposure
from scanner.contract import ColorMode

RESOLUTIONS = (75, 100, 150, 200, 300, 400, 600)
UNITS_PER_INCH = 300
"""Lengths in eSCL are in 1/300 inch."""

MAX_WIDTH = 2550
MAX_PLATEN_HEIGHT = 3508
MAX_FEEDER_HEIGHT = 4200

_SCAN = "{http://schemas.hp.com/imaging/escl/2011/05/03}"
_PWG = "{http://www.pwg.org/schemas/2010/12/sm}"
_NAMESPACES = (
    'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" '
    'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

_MODES = {
    "RGB24": ColorMode.COLOR,
    "Grayscale8": ColorMode.GREY,
    "BlackAndWhite1": ColorMode.BITONAL,
}

ADF_STATE_OF_FAULT = {
    FaultKind.JAM: "ScannerAdfJam",
    FaultKind.DOUBLE_FEED: "ScannerAdfMultipickDetected",
    FaultKind.COVER: "ScannerAdfDoorOpen",
}


@dataclass(frozen=True)
class ScanSettings:
    """What a client asks for in a scan job."""

    feeder: bool
    duplex: bool
    exposure: Exposure


def capabilities(name: str, identity: uuid.UUID) -> str:
    """ScannerCapabilities: a glass, and a feeder that scans one side or both."""
    feeder = _input_caps(MAX_FEEDER_HEIGHT)
    return (
        f"{_HEAD}<scan:ScannerCapabilities {_NAMESPACES}><pwg:Version>2.63</pwg:Version>"
        f"<pwg:MakeAndModel>{escape(name)}</pwg:MakeAndModel>"
        f"<pwg:SerialNumber>{identity.hex[:10].upper()}</pwg:SerialNumber><scan:UUID>{identity}</scan:UUID>"
        f"<scan:Platen><scan:PlatenInputCaps>{_input_caps(MAX_PLATEN_HEIGHT)}</scan:PlatenInputCaps></scan:Platen>"
        f"<scan:Adf><scan:AdfSimplexInputCaps>{feeder}</scan:AdfSimplexInputCaps>"
        f"<scan:AdfDuplexInputCaps>{feeder}</scan:AdfDuplexInputCaps>"
        "<scan:FeederCapacity>500</scan:FeederCapacity><scan:AdfOptions>"
        "<scan:AdfOption>DetectPaperLoaded</scan:AdfOption><scan:AdfOption>Duplex</scan:AdfOption>"
        "</scan:AdfOptions></scan:Adf></scan:ScannerCapabilities>"
    )


def _input_caps(max_height: int) -> str:
    modes = "".join(f"<scan:ColorMode>{mode}</scan:ColorMode>" for mode in _MODES)
    resolutions = "".join(
        f"<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>"
        f"<scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
        for dpi in RESOLUTIONS
    )
    return (
        f"<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{MAX_WIDTH}</scan:MaxWidth>"
        f"<scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{max_height}</scan:MaxHeight>"
        "<scan:MaxScanRegions>1</scan:MaxScanRegions><scan:SettingProfiles><scan:SettingProfile>"
        f"<scan:ColorModes>{modes}</scan:ColorModes><scan:DocumentFormats>"
        "<pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>"
        "<scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt></scan:DocumentFormats>"
        f"<scan:SupportedResolutions><scan:DiscreteResolutions>{resolutions}</scan:DiscreteResolutions>"
        "</scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles>"
    )


def status(
    *, loaded: bool, scanning: bool, fault: FaultKind | None, job: tuple[str, int] | None = None
) -> str:
    """ScannerStatus. `fault` is the one that shows now, `job` the path of the last one and its images."""
    adf = ADF_STATE_OF_FAULT.get(fault) if fault else None
    if adf is None:
        adf = "ScannerAdfLoaded" if loaded else "ScannerAdfEmpty"
    state = "Processing" if fault is FaultKind.BUSY or (scanning and fault is None) else "Idle"
    return (
        f"{_HEAD}<scan:ScannerStatus {_NAMESPACES}><pwg:Version>2.63</pwg:Version>"
        f"<pwg:State>{state}</pwg:State><scan:AdfState>{adf}</scan:AdfState>"
        f"{_job_info(*job, under_way=scanning) if job else ''}</scan:ScannerStatus>"
    )


def _job_info(path: str, images: int, *, under_way: bool) -> str:
    state = "Processing" if under_way else "Completed"
    return (
        f"<scan:Jobs><scan:JobInfo><pwg:JobUri>{path}</pwg:JobUri>"
        f"<pwg:ImagesCompleted>{images}</pwg:ImagesCompleted><pwg:JobState>{state}</pwg:JobState>"
        "</scan:JobInfo></scan:Jobs>"
    )


def read_settings(body: bytes) -> ScanSettings:
    """Reads a ScanSettings document. Raises ValueError for one that this device can't do."""
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise ValueError("not well-formed") from error
    if root.tag != f"{_SCAN}ScanSettings":
        raise ValueError("not a ScanSettings document")

    def text(name: str, otherwise: str) -> str:
        return str(root.findtext(f".//{name}") or otherwise).strip()

    feeder = text(f"{_PWG}InputSource", "Platen") == "Feeder"
    dpi = int(text(f"{_SCAN}XResolution", "300"))
    if dpi not in RESOLUTIONS or int(text(f"{_SCAN}YResolution", str(dpi))) != dpi:
        raise ValueError("resolution")
    mode = _MODES.get(text(f"{_SCAN}ColorMode", "RGB24"))
    if mode is None:
        raise ValueError("colour mode")
    left, top, width, height = (
        int(text(f"{_PWG}{name}", str(otherwise)))
        for name, otherwise in (
            ("XOffset", 0),
            ("YOffset", 0),
            ("Width", MAX_WIDTH),
            ("Height", MAX_PLATEN_HEIGHT),
        )
    )
    max_height = MAX_FEEDER_HEIGHT if feeder else MAX_PLATEN_HEIGHT
    if min(left, top) < 0 or min(width, height) < 1 or left + width > MAX_WIDTH or top + height > max_height:
        raise ValueError("region")
    left_px, top_px, width_px, height_px = (
        round(length * dpi / UNITS_PER_INCH) for length in (left, top, width, height)
    )
    exposure = Exposure(mode, dpi, width_px, height_px, left_px, top_px)
    return ScanSettings(
        feeder=feeder, duplex=feeder and text(f"{_SCAN}Duplex", "false") == "true", exposure=exposure
    )
