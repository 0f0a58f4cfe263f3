"""Reading the pages: separators found, pages cleaned and recognised, results kept (nhận dạng)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ocr
import scanner
from app.domain.codes import separator_key
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation
from app.workflow.account import BLANK, NOTE, mark_twice
from app.workflow.profiles import blank_policy
from app.workflow.station import Station


def read_page(station: Station, page: Page) -> Page:
    """Reads one page and commits what was found; a separator sheet is recognised and not read.

    Safe on several threads at once. Raises StationError `station.page-unreadable` for an image that
    cannot be decoded any more; the original stays as it is.
    """
    original = station.store.blobs.path(page.original)
    try:
        key = _separator(original_barcodes=ocr.find_barcodes(original))
        found = {"role": PageRole.SEPARATOR, "separator_key": key} if key else _recognise(station, page)
    except ocr.OcrError as error:
        if error.fault in (ocr.OcrFault.NO_ENGINE, ocr.OcrFault.NO_MODEL, ocr.OcrFault.CANCELLED):
            raise
        raise StationError(StationFault.PAGE_UNREADABLE, page=page.number, reason=error.code) from error
    with station.store.transaction():  # its place may have changed while it was read
        done = replace(station.store.dossiers.page(page.id), **found)
        station.store.dossiers.save_page(done)
    return done


def finish_reading(station: Station, dossier_id: str) -> None:
    """Marks the dossier as read, once every page is and the components have their pages."""
    mark_twice(station, dossier_id)
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(dossier.digitised(Digitisation.READ))
        station.note("read", dossier_id)


def _separator(original_barcodes: tuple[ocr.Barcode, ...]) -> str | None:
    keys = (separator_key(barcode.text) for barcode in original_barcodes)
    return next((key for key in keys if key), None)


def _recognise(station: Station, page: Page) -> dict[str, Any]:
    cleaned = station.reader.read(
        station.store.blobs.path(page.original), dpi=page.dpi, reverse=reverse_of(station, page)
    )
    return found_in(station, page, cleaned)


def reverse_of(station: Station, page: Page) -> Path | None:
    """The image of the other side of the sheet, where it was scanned (mặt kia của tờ)."""
    other = station.store.dossiers.other_side(page)
    return None if other is None else station.store.blobs.path(other.original)


def found_in(station: Station, page: Page, cleaned: ocr.CleanedPage) -> dict[str, Any]:
    """What a reading changes of a page; its image and words are in the store."""
    return {
        "visible": station.store.blobs.put(cleaned.visible),
        "reading": station.store.blobs.put(cleaned.read.to_json().encode()),
        "confidence": cleaned.read.confidence,
        "flags": _flags(station, page, [flag.value for flag in cleaned.read.flags]),
        "fingerprint": _fingerprint(station, cleaned.visible, page.dpi),
    }


def _flags(station: Station, page: Page, found: list[str]) -> tuple[str, ...]:
    """The marks of a page: what was found, as far as its profile wants to know, and what a person said."""
    policy = blank_policy(station.settings, page.profile)
    unwanted = policy is scanner.BlankPolicy.IGNORE or (
        policy is scanner.BlankPolicy.MARK_BACKS and page.side == 1
    )
    said = [NOTE] if NOTE in page.flags else []
    return (*(flag for flag in found if not (unwanted and flag == BLANK)), *said)


def _fingerprint(station: Station, jpeg: bytes, dpi: int) -> str:
    """The blob of what the page looks like; kept as carefully as the page itself."""
    return station.store.blobs.put(scanner.fingerprint_of_jpeg(jpeg, dpi).encode())
