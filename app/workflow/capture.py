"""Copying the papers: from the scanner to rows in the store, a page at a time (sao chụp)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import scanner
from app.domain.arrangement import FeedCount, home_of, standing
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
    came: list[Page] = []
    try:
        for kept in pages:
            came.append(commit_page(station, dossier_id, kept))
            yield came[-1]
        _note_count(station, device, came)
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
            yield commit_page(station, dossier_id, spooled)


def _note_count(station: Station, device_id: str, came: Sequence[Page]) -> None:
    """What the device itself counted of a feed, where it tells."""
    backend = station.scanner
    fed = backend.fed(device_id) if isinstance(backend, scanner.CountingBackend) else None
    if fed is None or not came:
        return
    kept = len({page.sheet for page in came}) if fed.sheets else len(came)
    unit = scanner.CountUnit.SHEETS if fed.sheets else scanner.CountUnit.PAGES
    count = FeedCount(came[0].dossier_id, came[0].number, unit.value, fed.count, kept)
    with station.store.transaction():
        station.store.dossiers.save_feed_count(count)
        station.note(
            "fed", count.dossier_id, first=count.first_page, unit=unit.value, fed=fed.count, kept=kept
        )


def commit_page(station: Station, dossier_id: str, spooled: scanner.SpooledPage) -> Page:
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
        after=spooled.after,
    )
    with station.store.transaction():
        _lay(station, page)
        station.store.devices.count_page(spooled.device)
        station.note("page", dossier_id, number=page.number, sha256=blob)
    return station.store.dossiers.page(page.id)


def _lay(station: Station, page: Page) -> None:
    """Gives a new page its place: last, or that of the page it replaces, or behind its neighbour.

    Those that a clerk has moved keep their order. It joins the component of its neighbour.
    """
    history = station.store.dossiers.all_pages(page.dossier_id)
    pages = standing(history)
    kin = page.replaces if page.replaces is not None else page.after
    if kin is None:
        station.store.dossiers.save_page(replace(page, place=len(pages) + 1))
        return
    neighbour = next((one for one in pages if one.number == _heir(history, kin)), None)
    owner = next((one.component_id for one in history if one.number == kin), None)
    row = home_of([*history, page], page.number)
    if neighbour is not None:
        row = pages.index(neighbour) + (page.replaces is None)
        owner = neighbour.component_id
        if page.replaces is not None:
            pages.remove(neighbour)
            station.store.dossiers.save_page(replace(neighbour, place=None))
    pages.insert(row, replace(page, component_id=owner))
    for place, one in enumerate(pages, start=1):
        if one.place != place:
            station.store.dossiers.save_page(replace(one, place=place))


def _heir(history: Sequence[Page], number: int) -> int:
    """The page that stands for `number` now: the last one that replaced it, and what replaced that."""
    for page in history:
        if page.replaces == number:
            number = page.number
    return number
