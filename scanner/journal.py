"""The journal of a capture batch: one JSON line a page, in the order of capture (nhật ký quét)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from scanner.errors import ScanError, ScanFault


@dataclass(frozen=True)
class SpooledPage:
    """One page that is safely on the disk (trang đã lưu).

    `number` counts from 1 in the batch; `bytes` and `sha256` (hex) are of the JPEG at `path`; `sheet` and
    `side` as in the scan that it came from; `scanned_at` is ISO 8601 with the offset from UTC. `profile`
    names the settings that it was scanned with. `replaces` is the number of the page in whose place this one
    stands (quét lại), `after` that of the page behind which it was put in (chèn trang), 0 before all others.
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
    profile: str = ""
    replaces: int | None = None
    after: int | None = None


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "str": (str,),
    "int | None": (int, type(None)),
}
_TYPES = {field.name: _KINDS[str(field.type)] for field in fields(SpooledPage) if field.name != "path"}
_ALWAYS = frozenset(
    field.name for field in fields(SpooledPage) if field.name in _TYPES and field.default is MISSING
)
"""What the lines of older journals have as well."""


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
    ScanError `scan.spool-damaged` for any other line that can't be read, or whose page stands in the place of
    one that no line before it names: no crash of ours makes one.
    """
    pages: list[SpooledPage] = []
    known: set[int] = set()
    sound = raw.rfind(b"\n") + 1
    for count, line in enumerate(raw[:sound].split(b"\n")[:-1], start=1):
        page = _page_of(line, folder)
        if page is None or (pages and page.number <= pages[-1].number) or not is_placed(page, known):
            raise ScanError(ScanFault.SPOOL_DAMAGED, line=count)
        pages.append(page)
        known.add(page.number)
    return pages, sound


def is_placed(page: SpooledPage, known: set[int]) -> bool:
    """Whether the place of a page can be told, given the numbers of those before it."""
    if page.replaces is not None:
        return page.after is None and page.replaces in known
    return page.after is None or page.after == 0 or page.after in known


def in_order(history: Sequence[SpooledPage]) -> list[SpooledPage]:
    """The pages as they stand now, out of all that were kept in the order of capture.

    A page that replaces stands where the replaced one stood, and may be replaced in turn; one that was put in
    stands right behind the page it names, or behind what replaced that.
    """
    places: list[int] = []
    place_of: dict[int, int] = {}
    shown: dict[int, SpooledPage] = {}
    for page in history:
        if page.replaces is not None:
            place_of[page.number] = place_of[page.replaces]
        else:
            place_of[page.number] = page.number
            if page.after is None:
                places.append(page.number)
            else:
                before = places.index(place_of[page.after]) + 1 if page.after else 0
                places.insert(before, page.number)
        shown[place_of[page.number]] = page
    return [shown[place] for place in places]


def _page_of(line: bytes, folder: Path) -> SpooledPage | None:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not _ALWAYS <= record.keys() <= _TYPES.keys():
        return None
    if any(type(value) not in _TYPES[name] for name, value in record.items()) or record["number"] < 1:
        return None
    return SpooledPage(**record, path=folder / file_name(record["number"]))
