"""Both sides on a scanner that sees one: the backs of the last feed, after the stack was turned (lật tay)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import scanner
from app.domain.errors import StationError, StationFault
from app.domain.page import Page
from app.workflow.account import captured
from app.workflow.capture import commit_page, open_for_pages, spool_of
from app.workflow.station import Station


@dataclass(frozen=True)
class _LastFeed:
    """Numbers of the fronts of the last feed in the order of their sheets, and how many backs are laid."""

    fronts: tuple[int, ...]
    backs: int


def waits_for_backs(station: Station, dossier_id: str) -> bool:
    """Whether the last feed has fronts only, or not all of its backs are laid."""
    feed = _last_feed(station, dossier_id)
    return feed.backs < len(feed.fronts)


def _last_feed(station: Station, dossier_id: str) -> _LastFeed:
    pages = captured(station.store.dossiers.pages(dossier_id))
    last = max((page.feed for page in pages), default=0)
    of_feed = [page for page in pages if page.feed == last]
    fronts = sorted((page for page in of_feed if page.side == 1), key=lambda page: page.sheet)
    return _LastFeed(tuple(page.number for page in fronts), sum(page.side == 2 for page in of_feed))


def scan_backs(
    station: Station,
    dossier_id: str,
    request: scanner.ScanRequest,
    *,
    stopped: Callable[[], bool],
    profile: str = "",
    flip: scanner.Flip = "long-edge",
    stack: scanner.Stack = "reversed",
) -> Iterator[Page]:
    """Scans the backs of the last feed's sheets and yields each once it stands behind its front.

    They are laid only when all are there and nothing looks wrong: until then they wait in a spool of their
    own, where they stay for the record when they are fed again. Raises StationError `station.no-fronts`,
    `station.backs-unequal`, `station.backs-reversed`, `station.backs-upside-down`,
    `station.backs-are-fronts`; ScanError.
    """
    open_for_pages(station, dossier_id)
    feed = _last_feed(station, dossier_id)
    spool = spool_of(station, dossier_id)
    sides = sorted(spool.folder.glob("backs-*"), key=lambda folder: int(folder.name.partition("-")[2]))
    if feed.backs and feed.backs < len(feed.fronts) and sides:
        # Cut off while they were laid: they had been found right, and are laid to the end.
        side = scanner.Spool(sides[-1])
    elif feed.backs or not feed.fronts:
        raise StationError(StationFault.NO_FRONTS)
    else:
        side = scanner.Spool(spool.folder / f"backs-{len(sides) + 1}")
        device = station.device_id()
        for _ in scanner.scan_into(side, station.scanner, device, request, stopped, profile=profile):
            if len(side.pages()) > len(feed.fronts):
                break
    known = {page.number: page for page in spool.history()}
    fronts = [known[number] for number in feed.fronts if number in known]
    if not feed.backs:
        _refuse_doubtful(scanner.look_at_backs(fronts, side.pages(), flip, stack))
    for page in scanner.lay_backs(spool, fronts, side.pages(), stack):
        yield commit_page(station, dossier_id, page)


def _refuse_doubtful(found: tuple[scanner.Finding, ...]) -> None:
    """What the images can't tell is no reason to refuse them."""
    for finding in found:
        match finding.code:
            case scanner.FindingCode.SIDES_UNEQUAL:
                fronts, backs = finding.fact("fronts"), finding.fact("backs")
                raise StationError(StationFault.BACKS_UNEQUAL, fronts=fronts, backs=backs)
            case scanner.FindingCode.FRONTS_AGAIN:
                raise StationError(StationFault.BACKS_ARE_FRONTS, sheets=finding.fact("sheets"))
            case scanner.FindingCode.STACK_REVERSED:
                raise StationError(StationFault.BACKS_REVERSED)
            case scanner.FindingCode.BACKS_UPSIDE_DOWN:
                raise StationError(StationFault.BACKS_UPSIDE_DOWN, turned=finding.fact("upside_down"))
