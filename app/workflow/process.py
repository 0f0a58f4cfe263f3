"""One dossier's whole way from the feeder to the receipt, taken up wherever it stands (xử lý trọn hồ sơ)."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

import scanner
import sync
from app.domain.page import Page
from app.domain.states import Digitisation
from app.jobs import Job
from app.workflow.account import captured, require_balance
from app.workflow.arrange import require_arrangement
from app.workflow.assign import assign_pages
from app.workflow.build import build
from app.workflow.capture import capture, finish_capture
from app.workflow.deliver import deliver
from app.workflow.happenings import FedAgain, PageKept, PageRead, Tell
from app.workflow.read import finish_reading, read_page
from app.workflow.seal import seal
from app.workflow.sign import sign
from app.workflow.station import Station
from app.workflow.suggest import suggest
from app.workflow.turned import scan_backs

# Steps as the terminal and the window name them.
SCANNING, READING, BUILDING, SIGNING, SENDING = "scan", "read", "build", "sign", "send"


_LOOKED_BACK = 24
"""Sides before a jam that are compared with what is fed after it: nobody puts back more than a handful."""


@dataclass(frozen=True)
class Delivery:
    """What the whole way ends in."""

    dossier_id: str
    submission_id: str
    receipt: sync.Acknowledgement


def scan_and_read(
    station: Station,
    dossier_id: str,
    request: scanner.ScanRequest,
    job: "Job[Any]",
    tell: Tell,
    *,
    more: bool = False,
    spot: scanner.Spot = scanner.AT_THE_END,
    profile: str = "",
) -> None:
    """Copies the papers in the feeder, reads each page while the next is fed, and splits components.

    A dossier whose papers were all copied is not scanned again unless `more` papers were put in.
    When the feeder fails, the pages that came before are still read and kept, then its error is raised.
    """
    state = station.store.dossiers.get(dossier_id).digitisation
    if more or state in (Digitisation.OPEN, Digitisation.CAPTURING):
        job.step(SCANNING)
        before = {page.number for page in station.store.dossiers.all_pages(dossier_id)}
        pages = capture(station, dossier_id, request, stopped=job.stopped, spot=spot, profile=profile)
        both = request.source is scanner.Source.DUPLEX
        _scan(station, dossier_id, pages, job, tell, more=more, both_sides=both)
        _finish_reading(station, dossier_id, job, tell)
        if before and spot == scanner.AT_THE_END:
            _tell_fed_again(station, dossier_id, before, tell)
    _finish_reading(station, dossier_id, job, tell)


def _tell_fed_again(station: Station, dossier_id: str, before: Collection[int], tell: Tell) -> None:
    """After a jam: the sheets at the beginning of this feed that had been kept already (điểm nạp tiếp)."""
    pages = captured(station.store.dossiers.pages(dossier_id), likeness=station.store.blobs.read)
    old = [page for page in pages if page.number in before]
    new = [page for page in pages if page.number not in before]
    leaves = list(dict.fromkeys(page.leaf for page in new))
    again = set(leaves[: scanner.resume_point(old[-_LOOKED_BACK:], new)])
    if again:
        tell(FedAgain(dossier_id, tuple(page.number for page in new if page.leaf in again)))


def scan_backs_and_read(
    station: Station,
    dossier_id: str,
    request: scanner.ScanRequest,
    job: "Job[Any]",
    tell: Tell,
    *,
    profile: str = "",
) -> None:
    """As `scan_and_read`, for the backs of the last feed after the stack was turned over by hand.

    Raises StationError as `turned.scan_backs` does; ScanError.
    """
    job.step(SCANNING)
    pages = scan_backs(station, dossier_id, request, stopped=job.stopped, profile=profile)
    _scan(station, dossier_id, pages, job, tell, more=True)
    _finish_reading(station, dossier_id, job, tell)


def sign_and_send(station: Station, dossier_id: str, job: "Job[Any]", tell: Tell) -> Delivery:
    """Builds, codes, signs, seals and delivers a captured dossier; takes up a way cut off anywhere."""
    _finish_reading(station, dossier_id, job, tell)
    if _state(station, dossier_id) in (Digitisation.READ, Digitisation.BUILT):
        # Nothing is put right any more once it is signed.
        require_balance(station, dossier_id)
        require_arrangement(station, dossier_id)
    job.step(BUILDING)
    if _state(station, dossier_id) is Digitisation.READ:
        build(station, dossier_id, stopped=job.stopped, tell=tell)
    job.step(SIGNING)
    if _state(station, dossier_id) is Digitisation.BUILT:
        sign(station, dossier_id, stopped=job.stopped, tell=tell)
    job.step(SENDING)
    entry = seal(station, dossier_id)
    receipt = deliver(station, entry.submission_id, stopped=job.stopped, tell=tell)
    return Delivery(dossier_id, entry.submission_id, receipt)


def _state(station: Station, dossier_id: str) -> Digitisation:
    return station.store.dossiers.get(dossier_id).digitisation


def _finish_reading(station: Station, dossier_id: str, job: "Job[Any]", tell: Tell) -> None:
    if _state(station, dossier_id) in (Digitisation.OPEN, Digitisation.CAPTURING):
        finish_capture(station, dossier_id)
    if _state(station, dossier_id) is Digitisation.CAPTURED:
        job.step(READING)
        _read_rest(station, dossier_id, job, tell)
        assign_pages(station, dossier_id)
        suggest(station, dossier_id)
        finish_reading(station, dossier_id)


def _scan(
    station: Station,
    dossier_id: str,
    pages: Iterator[Page],
    job: "Job[Any]",
    tell: Tell,
    *,
    more: bool,
    both_sides: bool = False,
) -> None:
    """Keeps the pages and reads each; a front of a sheet scanned on both sides once its back is there."""
    pending: list[Future[None]] = []

    def read(page: Page) -> None:
        pending.append(station.readers.submit(_read_one(station, page, job, tell)))

    for page in _unread(station, dossier_id):
        read(page)
    front: Page | None = None
    try:
        for number, page in enumerate(pages, start=1):
            tell(PageKept(page))
            job.report(number, 0)
            if front is not None:
                read(front)
            front = page if both_sides and page.side == 1 else None
            if front is None:
                read(page)
    except scanner.ScanError as error:
        # The feeder is empty where an earlier run was cut off after its last sheet.
        cut_off_at_the_end = station.store.dossiers.pages(dossier_id) and not more
        if error.fault is not scanner.ScanFault.NO_DOCUMENTS or not cut_off_at_the_end:
            raise
    finally:
        if front is not None:
            read(front)
        wait(pending)
    for future in pending:
        future.result()
    finish_capture(station, dossier_id)


def _read_rest(station: Station, dossier_id: str, job: "Job[Any]", tell: Tell) -> None:
    unread = _unread(station, dossier_id)
    pending = [station.readers.submit(_read_one(station, page, job, tell)) for page in unread]
    try:
        for number, future in enumerate(pending, start=1):
            future.result()
            job.check()
            job.report(number, len(pending))
    finally:
        wait(pending)


def _read_one(station: Station, page: Page, job: "Job[Any]", tell: Tell) -> Callable[[], None]:
    def work() -> None:
        if not job.stopped():
            tell(PageRead(read_page(station, page)))

    return work


def _unread(station: Station, dossier_id: str) -> list[Page]:
    return [page for page in station.store.dossiers.pages(dossier_id) if not page.is_read]
