"""Copying the papers: from the scanner to rows in the store, a page at a time (sao chụp)."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import scanner
from app.domain.errors import StationError, StationFault
from app.domain.page import Page
from app.domain.states import Digitisation
from app.workflow.station import Station

logger = logging.getLogger(__name__)


def capture(
    station: Station,
    dossier_id: str,
    request: scanner.ScanRequest,
    *,
    stopped: Callable[[], bool],
) -> Iterator[Page]:
    """Scans the paper in the feeder and yields each page once it is durable and committed.

    Pages that reached the disk before an earlier run was cut off are committed first. Good pages
    come before an error; what was yielded stays whatever follows. Raises ScanError.
    """
    spool = scanner.Spool(station.store.folder / "spool" / dossier_id)
    _begin(station, dossier_id)
    yield from _recover(station, dossier_id, spool)
    device = station.device_id()
    images = station.scanner.scan(device, request, stopped)
    for image in images:
        yield _commit(station, dossier_id, spool.keep(image, device))


def finish_capture(station: Station, dossier_id: str) -> None:
    """Closes the capture of a dossier. Raises StationError `station.no-pages` when nothing was scanned."""
    pages = station.store.dossiers.pages(dossier_id)
    if not pages:
        raise StationError(StationFault.NO_PAGES)
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(dossier.digitised(Digitisation.CAPTURED))
        station.note("captured", dossier_id, images=len(pages))


def _begin(station: Station, dossier_id: str) -> None:
    """Opens the dossier for pages; documents built without them are made anew, under the same code."""
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(dossier.digitised(Digitisation.CAPTURING))
        for component in station.store.dossiers.components(dossier_id):
            station.store.dossiers.save_component(replace(component, built=None, coded=None))


def _recover(station: Station, dossier_id: str, spool: scanner.Spool) -> Iterator[Page]:
    known = len(station.store.dossiers.pages(dossier_id))
    for spooled in spool.pages()[known:]:
        logger.info("a page kept before the last run ended is taken up: %d", spooled.number)
        yield _commit(station, dossier_id, spooled)


def _commit(station: Station, dossier_id: str, spooled: scanner.SpooledPage) -> Page:
    blob = station.store.blobs.adopt(spooled.path, spooled.sha256)
    page = Page(
        id=station.new_id(),
        dossier_id=dossier_id,
        number=spooled.number,
        original=blob,
        dpi=spooled.dpi,
        width_px=spooled.width_px,
        height_px=spooled.height_px,
        sheet=spooled.sheet,
        side=spooled.side,
        scanned_at=spooled.scanned_at,
    )
    with station.store.transaction():
        station.store.dossiers.save_page(page)
        station.note("page", dossier_id, number=page.number, sha256=blob)
    return page
