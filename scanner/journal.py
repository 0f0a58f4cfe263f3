"""The journal of a capture batch: one JSON line a page, in the order of capture (nhật ký quét)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from scanner.errors import ScanError, ScanFault


@dataclass(frozen=True)
class SpooledPage:
    """One page that is safely on the disk (trang đã lưu).

    `number` counts from 1 in the batch; `bytes` and `sha256` (hex) are of the JPEG at `path`; `sheet` and
    `side` as in the scan that it came from; `scanned_at` is ISO 8601 with the offset from UTC.
    """

    number: int
    path: Path
    sha256: str
    bytes: int
    dpi: int
    width_px: int
    height_px: int
    sheet: int
    side: int
    device: str
    scanned_at: str


_TYPES: dict[str, type] = {
    field.name: int if field.type == "int" else str for field in fields(SpooledPage) if field.name != "path"
}


def file_name(number: int) -> str:
    """Name of the file of a page: in the order of capture, and telling nothing of what is on it."""
    return f"page-{number:05d}.jpg"


def line_of(page: SpooledPage) -> bytes:
    """The line that records a page. The path is not in it: a batch may be moved."""
    record = asdict(page)
    del record["path"]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read(raw: bytes, folder: Path) -> tuple[list[SpooledPage], int]:
    """The pages that a journal records, and how many of its bytes are sound.

    A last line without its end was torn by a crash, and its page never promised: it is not sound. Raises
    ScanError `scan.spool-damaged` for any other line that can't be read, as no crash of ours makes one.
    """
    pages: list[SpooledPage] = []
    sound = raw.rfind(b"\n") + 1
    for count, line in enumerate(raw[:sound].split(b"\n")[:-1], start=1):
        page = _page_of(line, folder)
        if page is None or (pages and page.number <= pages[-1].number):
            raise ScanError(ScanFault.SPOOL_DAMAGED, line=count)
        pages.append(page)
    return pages, sound


def _page_of(line: bytes, folder: Path) -> SpooledPage | None:
    try:
        record: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.keys() != _TYPES.keys():
        return None
    if any(type(record[name]) is not kind for name, kind in _TYPES.items()) or record["number"] < 1:
        return None
    return SpooledPage(**record, path=folder / file_name(record["number"]))
