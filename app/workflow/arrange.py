"""Pages moved, left out, put back by the clerk, each with its reason on record (sắp xếp trang).

Machines mark, people decide: nothing of this deletes an image. A dossier whose pages were rearranged is made
anew from its components on, as after any other change of its pages.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.domain.arrangement import LeftOut, Rearranged, home_of, moved, standing
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation
from app.workflow.assign import assign_pages
from app.workflow.capture import finish_capture, open_for_pages
from app.workflow.read import finish_reading
from app.workflow.station import Desk, Station
from app.workflow.suggest import suggest


def move_page(station: Station, dossier_id: str, number: int, place: int) -> None:
    """Moves a page to a place, from 1, among those that stand. Raises StationError, KeyError."""

    def change() -> None:
        pages = standing(station.store.dossiers.all_pages(dossier_id))
        page = _of(pages, number)
        others = [one for one in pages if one is not page]
        row = max(0, min(place - 1, len(others)))
        kin = (others[:row] or others)[-1:]
        lay(station, [*others[:row], replace(page, component_id=_owner(pages, kin)), *others[row:]])
        station.note("moved", dossier_id, number=number, place=row + 1)

    changed_pages(station, dossier_id, change)


def leave_out(station: Station, dossier_id: str, numbers: Sequence[int], reason: LeftOut) -> None:
    """Takes pages out of what is delivered; their images stay. Raises StationError, KeyError.

    The last page of a dossier stays: `station.no-pages`.
    """

    def change() -> None:
        pages = standing(station.store.dossiers.all_pages(dossier_id))
        out = [_of(pages, number) for number in numbers]
        if len(out) == len(pages):
            raise StationError(StationFault.NO_PAGES)
        for page in out:
            station.store.dossiers.save_page(replace(page, place=None, left_out=reason.value))
            station.note("left-out", dossier_id, number=page.number, reason=reason.value)
        lay(station, [page for page in pages if page not in out])

    changed_pages(station, dossier_id, change)


def put_back(station: Station, dossier_id: str, numbers: Sequence[int]) -> None:
    """Puts pages that were left out back where they were captured. Raises StationError, KeyError."""

    def change() -> None:
        for number in sorted(numbers):
            history = station.store.dossiers.all_pages(dossier_id)
            page = _of([page for page in history if page.left_out], number)
            pages, row = standing(history), home_of(history, number)
            lay(station, [*pages[:row], replace(page, left_out=None), *pages[row:]])
            station.note("put-back", dossier_id, number=number)

    changed_pages(station, dossier_id, change)


def left_out(desk: Desk, dossier_id: str) -> list[Page]:
    """The pages that a clerk left out, the one that was left out last at the end."""
    turns = {
        int(json.loads(row.details)["number"]): turn
        for turn, row in enumerate(desk.store.audit.rows(dossier_id))
        if row.action == "left-out"
    }
    out = [page for page in desk.store.dossiers.all_pages(dossier_id) if page.left_out]
    return sorted(out, key=lambda page: turns.get(page.number, 0))


def lay(desk: Desk, pages: Sequence[Page]) -> None:
    """Gives pages their places in this order, from 1. To be called in a transaction, for all that stand."""
    known = {page.id: page for page in desk.store.dossiers.all_pages(pages[0].dossier_id)}
    for place, page in enumerate(pages, start=1):
        laid = replace(page, place=place)
        if laid != known.get(page.id):
            desk.store.dossiers.save_page(laid)


def require_arrangement(desk: Desk, dossier_id: str) -> None:
    """Images in the order of the paper, none lost on the way (TT 01/2023/TT-VPCP Điều 8 khoản 2 c).

    Raises StationError `station.order-changed` and `station.fed-not-kept`, unless a clerk has given the
    reason for just what stands now.
    """
    history = desk.store.dossiers.all_pages(dossier_id)
    out_of_order = moved(history)
    lost = [count for count in desk.store.dossiers.feed_counts(dossier_id) if count.lost]
    if not out_of_order and not lost:
        return
    if desk.store.dossiers.get(dossier_id).arrangement_confirmed == _mark(desk, dossier_id):
        return
    if lost:
        raise StationError(StationFault.FED_NOT_KEPT, fed=lost[0].fed, kept=lost[0].kept, unit=lost[0].unit)
    first = next(page for page in history if page.number == out_of_order[0])
    raise StationError(StationFault.ORDER_CHANGED, pages=len(out_of_order), first=first.place or 0)


def confirm_arrangement(desk: Desk, dossier_id: str, reason: Rearranged, by: str) -> None:
    """Takes the clerk's word that what stands now is right. Any later change asks again."""
    with desk.store.transaction():
        dossier = desk.store.dossiers.get(dossier_id)
        desk.store.dossiers.save(replace(dossier, arrangement_confirmed=_mark(desk, dossier_id)))
        desk.note("arrangement-confirmed", dossier_id, reason=reason.value, by=by)


def _mark(desk: Desk, dossier_id: str) -> str:
    """A mark of the order of now and of what devices counted."""
    pages = standing(desk.store.dossiers.all_pages(dossier_id))
    counts = [(one.first_page, one.fed, one.kept) for one in desk.store.dossiers.feed_counts(dossier_id)]
    told = json.dumps([[page.number for page in pages], counts])
    return hashlib.sha256(told.encode()).hexdigest()


def changed_pages(station: Station, dossier_id: str, change: Callable[[], None]) -> None:
    """Opens the dossier, changes it, and brings it to where it was, as far as its pages are read.

    One whose papers are not all scanned yet stays so. Raises StationError as `assign_pages` does, where the
    pages don't make up the components any more: the change itself is kept.
    """
    before = station.store.dossiers.get(dossier_id).digitisation
    with station.store.transaction():
        open_for_pages(station, dossier_id)
        change()
        if before is not Digitisation.CAPTURING:
            finish_capture(station, dossier_id)
    was_read = before in (Digitisation.READ, Digitisation.BUILT)
    if was_read and all(page.is_read for page in station.store.dossiers.pages(dossier_id)):
        assign_pages(station, dossier_id)
        suggest(station, dossier_id)
        finish_reading(station, dossier_id)


def _of(pages: Sequence[Page], number: int) -> Page:
    found = next((page for page in pages if page.number == number), None)
    if found is None:
        raise KeyError(number)
    return found


def _owner(pages: Sequence[Page], kin: Sequence[Page]) -> str | None:
    """The component of a page that was moved: separators decide where there are any, else its neighbour."""
    if any(page.role is PageRole.SEPARATOR for page in pages) or not kin:
        return None
    return kin[0].component_id
