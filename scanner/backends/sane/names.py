"""What drivers call their sources, colour modes and switches, as data (tên gọi của từng hãng).

Patterns are matched anywhere in the driver's own word, upper and lower case alike; the first row that
matches decides. A row with None is a thing that no request of ours can mean: the back alone, film, cards.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TypeVar

from scanner.contract import ColorMode, Source

Meaning = TypeVar("Meaning")

SOURCE_NAMES: tuple[tuple[str, Source | None], ...] = (
    (r"transparen|film|slide|negative|\btpu\b|\btma\b|\bxpa\b", None),
    (r"\bcard\b", None),
    (r"manual feed|bypass", None),
    (r"duplex|both side|two.?sid|double.?sid|front and back|2.?sided", Source.DUPLEX),
    (
        r"recto.?verso|beidseitig|duplexeinzug|doble cara|frente e verso|fronte.?retro|hai mặt|両面|双面",
        Source.DUPLEX,
    ),
    (r"\bback\b|\brear\b|verso|rückseite|trasera", None),
    (r"\badf\b|feeder|sheet.?fed|document feed|automatic", Source.FEEDER),
    (
        r"alimentador|alimentatore|chargeur|einzug|invoer|khay nạp|podajnik|автоподат|自動給紙|进纸",
        Source.FEEDER,
    ),
    (r"flatbed|platen|document table|document glass|\bfb\b|\bnormal\b|opaque|reflective", Source.FLATBED),
    (
        r"cristal|vitre|flachbett|vorlagenglas|\bplana?\b|vidro|piano|mặt kính|планшет|原稿台|平板",
        Source.FLATBED,
    ),
)

MODE_NAMES: tuple[tuple[str, ColorMode | None], ...] = (
    (r"halftone|dither|diffusion|bayer|16.?bits?\b|48.?bits?\b|\bauto\b|infrared", None),
    (r"line.?art|black.?(and|&).?white|bitonal|binary|monochrome|1.?bit\b|\bbw\b|text", ColorMode.BITONAL),
    (r"schwarz|noir|blanco y negro|đen trắng|preto|白黒|黑白", ColorMode.BITONAL),
    (r"gr[ae]y|gris|grau|grigio|cinza|xám|8.?bit\b|グレ|灰", ColorMode.GREY),
    (r"colou?r|couleur|farb|cores|màu|24.?bit|\brgb\b|カラー|彩色", ColorMode.COLOR),
)

RESOLUTION_OPTIONS = ("resolution", "x_resolution", "y_resolution", "scan_resolution")
"""Options that take the resolution in dpi; every one that the device has is set."""

DUPLEX_SWITCHES: MappingProxyType[str, tuple[object, object]] = MappingProxyType(
    {
        "duplex": (0, 1),
        "adf_mode": ("Simplex", "Duplex"),
        "adf_duplex": (0, 1),
        "scan_both_sides": (0, 1),
    }
)
"""Options beside the source that turn the feeder to duplex: the value for one side, the value for both."""

GREY_SWITCHES = ("grayify",)
"""Switches of devices without a choice of mode that make the image grey."""

PAPER_WIDTH_OPTIONS = ("page_width", "pagewidth")
PAPER_HEIGHT_OPTIONS = ("page_height", "pageheight")
"""Feeders that centre the sheet want its size before they let the area grow."""

COUNTER_OPTIONS = r"^((adf|total|roller|sheet|page|scan|paper)[-_ ])+(counter?|counts?)$"
"""Counters of sheets that only go up, read before and after a scan (canon_dr: `roller-counter`)."""

SERIAL_OPTIONS = r"^(device-)?serial([-_ ]?(number|no))?$"
"""Options that hold the serial number of the device."""

FEEDER_KINDS = r"sheet.?fed|adf|document scanner"
"""Types of device without a choice of source that draw sheets in; any other has a glass."""

USUAL_RESOLUTIONS = (75, 100, 150, 200, 240, 300, 400, 600, 1200)
"""Resolutions shown where the device takes any within a range, in dpi."""


def source_of(name: str) -> Source | None:
    """The source that a driver means by `name`, or None."""
    return _first(SOURCE_NAMES, name)


def mode_of(name: str) -> ColorMode | None:
    """The colour mode that a driver means by `name`, or None."""
    return _first(MODE_NAMES, name)


def _first(rows: tuple[tuple[str, Meaning | None], ...], name: str) -> Meaning | None:
    return next((meant for pattern, meant in rows if re.search(pattern, name, re.IGNORECASE)), None)
