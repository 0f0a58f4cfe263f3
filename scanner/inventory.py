"""The list of scanners of an office (danh sách máy quét): what stands where, and when it was last tested."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scanner.contract import Capabilities, ColorMode, Connection, Device, Source

Separator = Literal[";", ","]

_BYTE_ORDER_MARK = "\ufeff"
_HEADINGS = (
    "Hãng",
    "Kiểu máy",
    "Số máy",
    "Kết nối",
    "Khả năng",
    "Số trang đã quét",
    "Kiểm tra gần nhất",
    "Kết quả kiểm tra",
    "Vị trí",
    "Ghi chú",
)
_CONNECTIONS = {
    Connection.USB: "USB",
    Connection.NETWORK: "mạng",
    Connection.FOLDER: "thư mục",
    Connection.VIRTUAL: "máy quét ảo",
    Connection.UNKNOWN: "",
}
_SOURCES = {Source.FLATBED: "mặt kính", Source.FEEDER: "khay nạp", Source.DUPLEX: "hai mặt"}
_MODES = {ColorMode.COLOR: "màu", ColorMode.GREY: "xám", ColorMode.BITONAL: "đen trắng"}


@dataclass(frozen=True)
class InventoryRow:
    """One scanner in the list. `last_test` knows its time zone; `test_result` is a word for it, "" for none.

    Raises ValueError for a time without a zone or a negative number of pages.
    """

    maker: str
    model: str
    serial: str = ""
    connection: Connection = Connection.UNKNOWN
    capabilities: str = ""
    pages_scanned: int = 0
    last_test: datetime | None = None
    test_result: str = ""
    place: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.last_test is not None and self.last_test.tzinfo is None:
            raise ValueError("the time of a test knows its zone")
        if self.pages_scanned < 0:
            raise ValueError("pages are counted from 0")


def row_of(device: Device, capabilities: Capabilities, pages_scanned: int = 0) -> InventoryRow:
    """The row of a device that was found and asked, not tested yet."""
    return InventoryRow(
        maker=device.maker,
        model=device.model,
        serial=device.serial or "",
        connection=device.connection,
        capabilities=summary(capabilities),
        pages_scanned=pages_scanned,
    )


def summary(capabilities: Capabilities) -> str:
    """What a scanner can do on one line: sources, modes, resolutions, largest page (tóm tắt khả năng)."""
    parts = [
        ", ".join(_SOURCES[source] for source in capabilities.sources),
        ", ".join(_MODES[mode] for mode in capabilities.modes),
    ]
    if capabilities.resolutions:
        least, most = min(capabilities.resolutions), max(capabilities.resolutions)
        parts.append(f"{least} dpi" if least == most else f"{least}–{most} dpi")
    parts.append(f"{capabilities.max_width_mm:.0f} × {capabilities.max_height_mm:.0f} mm")
    return "; ".join(part for part in parts if part)


def to_csv(rows: Sequence[InventoryRow], separator: Separator = ";") -> bytes:
    """The list as CSV for a spreadsheet: UTF-8 with its mark, a heading, lines ended by CR LF (RFC 4180).

    Text that a spreadsheet would run as a formula gets an apostrophe in front. With Vietnamese settings a
    spreadsheet expects ";". Times are ISO 8601.
    """
    if separator not in (";", ","):
        raise ValueError("columns are separated by ; or ,")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for row in rows:
        writer.writerow(
            (
                _cell(row.maker),
                _cell(row.model),
                _cell(row.serial),
                _CONNECTIONS[row.connection],
                _cell(row.capabilities),
                row.pages_scanned,
                row.last_test.isoformat(sep=" ", timespec="minutes") if row.last_test else "",
                _cell(row.test_result),
                _cell(row.place),
                _cell(row.note),
            )
        )
    return (_BYTE_ORDER_MARK + out.getvalue()).encode()


def _cell(text: str) -> str:
    """NFC on one line without control characters. A device may call itself anything, a formula as well."""
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"))
    # A spreadsheet looks past blanks, and takes full-width signs for plain ones.
    first = unicodedata.normalize("NFKC", plain.lstrip())[:1]
    return f"'{plain}" if first and first in "=+-@|%" else plain
