"""Maker and model out of what a device calls itself (hãng và kiểu máy)."""

from __future__ import annotations

import re

MAKERS = (
    "Konica Minolta",
    "Fuji Xerox",
    "FUJIFILM",
    "Avision",
    "Brother",
    "Canon",
    "Dell",
    "Develop",
    "Epson",
    "Fujitsu",
    "HP",
    "IBM",
    "Kodak",
    "Kyocera",
    "Lexmark",
    "Microtek",
    "OKI",
    "Olivetti",
    "Panasonic",
    "Pantum",
    "PFU",
    "Plustek",
    "Ricoh",
    "Samsung",
    "Sharp",
    "Sindoh",
    "TA Triumph-Adler",
    "Toshiba",
    "Utax",
    "Xerox",
)
"""Makers of network scanners, for devices that tell both in one line; the longer names first."""

_MARK = r"(?:\s*(?:\(R\)|\(TM\)|®|™))?"


def maker_and_model(line: str, maker: str = "", model: str = "") -> tuple[str, str]:
    """`line` is both together; `maker` and `model` are what the device says of each, if it does.

    `Xerox(R) B235 MFP` by `Xerox` is the `B235 MFP`; a maker that is unknown stays empty.
    """
    if not maker and model and line.lower().endswith(model.lower()):
        maker = line[: len(line) - len(model)].strip()
    if not maker:
        maker = next((known for known in MAKERS if _begins_with(line, known)), "")
    if not model:
        begun = _begins_with(line, maker) if maker else None
        model = line[begun.end() :].strip() if begun else line
    return maker, model or line


def _begins_with(line: str, maker: str) -> re.Match[str] | None:
    return re.match(rf"{re.escape(maker)}{_MARK}(?=\s|$)", line, re.IGNORECASE)
