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
    spot: scanner.Spot = scanner.AT_THE_END,
    profile: str = "",
) -> Iterator[Page]:
    """Scans the paper in the feeder and yields each page once it is durable and committed.

    Pages that reached the disk before an earlier run was cut off are committed first. Good pages
    come before an error; what was yielded stays whatever follows. A replaced page stays in the
    history. Raises ScanError.
    """
    spool = spool_of(station, dossier_id)
    open_for_pages(station, dossier_id)
    yield from _recover(station, dossier_id, spool)
    device = station.device_id()
    pages = scanner.scan_into(spool, station.scanner, device, request, stopped, profile=profile, spot=spot)
    try:
        for kept in pages:
            yield commit_page(station, dossier_id, spool, kept)
    except scanner.ScanError as error:
        if error.fault is scanner.ScanFault.NO_DEVICE:
            station.lost_device(device)
        raise


def spool_of(station: Station, dossier_id: str) -> scanner.Spool:
    """The spool of a dossier's pages. Raises ScanError."""
    known = [page.number for page in station.store.dossiers.all_pages(dossier_id)]
    return scanner.Spool(station.store.folder / "spool" / dossier_id, beyond=max(known, default=0))


def finish_capture(station: Station, dossier_id: str) -> None:
    """Closes the capture of a dossier. Raises StationError `station.no-pages` when nothing was scanned."""
    pages = station.store.dossiers.pages(dossier_id)
    if not pages:
        raise StationError(StationFault.NO_PAGES)
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(dossier.digitised(Digitisation.CAPTURED))
        station.note("captured", dossier_id, images=len(pages))


def open_for_pages(station: Station, dossier_id: str) -> None:
    """Opens the dossier for pages; documents built without them are made anew, under the same code.

    In a dossier that the province sent back, the papers it did not fault keep their signed files.
    """
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        components = station.store.dossiers.components(dossier_id)
        mended = dossier.submission_id is None and bool(station.store.outbox.of_dossier(dossier_id))
        if not mended and any(component.signed for component in components):
            raise StationError(StationFault.SIGNED_ALREADY)
        station.store.dossiers.save(dossier.digitised(Digitisation.CAPTURING))
        for component in components:
            if component.signed is None:
                station.store.dossiers.save_component(replace(component, built=None, coded=None))


def _recover(station: Station, dossier_id: str, spool: scanner.Spool) -> Iterator[Page]:
    known = {page.number for page in station.store.dossiers.all_pages(dossier_id)}
    for spooled in spool.history():
        if spooled.number not in known:
            logger.info("a page kept before the last run ended is taken up: %d", spooled.number)
            yield commit_page(station, dossier_id, spool, spooled)


def commit_page(
    station: Station, dossier_id: str, spool: scanner.Spool, spooled: scanner.SpooledPage
) -> Page:
    """Takes a page of the spool into the store; once it returns, neither loses it."""
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
        profile=spooled.profile,
        replaces=spooled.replaces,
    )
    with station.store.transaction():
        last = station.store.dossiers.pages(dossier_id)[-1:]
        page = replace(page, place=(last[0].place or 0) + 1 if last else 1)
        station.store.dossiers.save_page(page)
        if spooled.replaces is not None or spooled.after is not None:
            _lay_in_order(station, dossier_id, spool)
        station.store.devices.count_page(spooled.device)
        station.note("page", dossier_id, number=page.number, sha256=blob)
    return station.store.dossiers.page(page.id)


def _lay_in_order(station: Station, dossier_id: str, spool: scanner.Spool) -> None:
    """Gives every page the place that the spool knows; a rescanned or inserted one joins its neighbour's
    component."""
    spooled = {page.number for page in spool.history()}
    lost = [page.number for page in station.store.dossiers.pages(dossier_id) if page.number not in spooled]
    order = [*lost, *(page.number for page in spool.pages())]
    places = {number: place for place, number in enumerate(order, start=1)}
    before = station.store.dossiers.all_pages(dossier_id)
    component_of = {page.number: page.component_id for page in before}
    kin = {page.number: page.replaces or page.after for page in spool.history()}
    for page in before:
        owner = page.component_id or component_of.get(kin.get(page.number) or 0)
        after = replace(page, place=places.get(page.number), component_id=owner)
        if after != page:
            station.store.dossiers.save_page(after)
