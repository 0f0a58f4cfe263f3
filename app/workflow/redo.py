"""A page done again with what the clerk says: turned, straightened, not blank (sửa lại một trang).

The captured image never changes: what is seen and what was read are made anew from it.
"""

from dataclasses import replace

import ocr
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.workflow.account import BLANK
from app.workflow.arrange import changed_pages
from app.workflow.read import found_in, reverse_of
from app.workflow.station import Station


def redo_page(
    station: Station,
    dossier_id: str,
    number: int,
    *,
    turn: int = 0,
    straighten_deg: float = 0.0,
    blank: bool | None = None,
) -> Page:
    """Reads a page once more, as the clerk says it lies.

    It is turned further by `turn` degrees clockwise (0, 90, 180, 270), straightened further by
    `straighten_deg` counter-clockwise, counted as `blank` or not; None leaves that as it is.

    The dossier stays where it was, its documents are made anew. Raises StationError
    `station.page-unreadable`, what `arrange.changed_pages` raises, KeyError for a page that doesn't stand,
    ValueError for a page that wasn't read or angles that there aren't.
    """
    pages = station.store.dossiers.pages(dossier_id)
    page = next((one for one in pages if one.number == number), None)
    if page is None:
        raise KeyError(number)
    if page.reading is None or page.role is not PageRole.PAPER:
        raise ValueError("the page was not read")
    before = ocr.ReadPage.from_json(station.store.blobs.read(page.reading).decode())
    settled = ocr.Settled(
        turned=(before.turned + turn) % 360,
        skew_deg=round(before.skew_deg + straighten_deg, 3),
        blank=BLANK in page.flags if blank is None else blank,
    )
    try:
        cleaned = station.reader.redo(
            station.store.blobs.path(page.original),
            settled,
            dpi=page.dpi,
            reverse=reverse_of(station, page),
        )
    except ocr.OcrError as error:
        if error.fault in (ocr.OcrFault.NO_ENGINE, ocr.OcrFault.NO_MODEL):
            raise
        raise StationError(StationFault.PAGE_UNREADABLE, page=page.number, reason=error.code) from error
    found = found_in(station, page, cleaned)
    told = {"turned": settled.turned or 0, "skew_deg": settled.skew_deg or 0.0}

    def change() -> None:
        station.store.dossiers.save_page(replace(station.store.dossiers.page(page.id), **found))
        station.note("page-redone", dossier_id, number=number, blank=int(bool(settled.blank)), **told)

    changed_pages(station, dossier_id, change)
    return station.store.dossiers.page(page.id)
