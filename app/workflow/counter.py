"""The counter as a window sees it: values to show, jobs to start, nothing of the engines (quầy tiếp nhận)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import scanner
import signing
from app.domain.arrangement import LeftOut, Rearranged
from app.domain.dossier import Component, Dossier
from app.domain.outbox import Priority
from app.domain.page import Page
from app.domain.person import Person
from app.domain.procedure import Decision, Procedure
from app.domain.states import Digitisation
from app.jobs import Job, Jobs, Resource
from app.settings import Settings
from app.workflow import arrange, catalogue, outbox_acts
from app.workflow.account import count_sheets, mark_note
from app.workflow.configured import configured_station
from app.workflow.happenings import Happening, PageKept, QueueProgress, Tell, tell_nobody
from app.workflow.importing import PROFILE as IMPORTED
from app.workflow.importing import fed_with, import_request
from app.workflow.mend import mend
from app.workflow.outbox_view import OutboxView, outbox_view
from app.workflow.process import scan_and_read, scan_backs_and_read, sign_and_send
from app.workflow.queue import Sender
from app.workflow.receive import receive
from app.workflow.redo import redo_page
from app.workflow.request import profile_of, request_for
from app.workflow.results import DossierResult, write_results
from app.workflow.scanner_room import ScannerRoom
from app.workflow.starting import await_start
from app.workflow.station import Station
from app.workflow.suggest import ShownField, confirm, shown_fields
from app.workflow.training import training_pin, training_room
from resources import specimens

_MOST_SHOWN = 200


@dataclass(frozen=True)
class DossierView:
    """A dossier with everything the counter shows of it."""

    dossier: Dossier
    components: tuple[Component, ...]
    pages: tuple[Page, ...]


LayPaper = Callable[[str, Page | None], None]


class Counter:
    """One counter at work. Methods that start a job return at once; `tell` is called on its thread."""

    def __init__(self, station: Station, jobs: Jobs, lay_paper: "LayPaper | None" = None) -> None:
        self._station = station
        self._jobs = jobs
        self._lay_paper = lay_paper
        self._pin_state = ""
        self._sender: Sender | None = None
        self._queue: Job[None] | None = None
        self._progress: QueueProgress | None = None

    def warm_up(self) -> Job[None]:
        """Finds the token and loads what signing needs, so that the first signature need not wait."""

        def work(job: Job[None]) -> None:
            if not job.stopped():
                self._station.signer()
                self._look_at_pin()

        return self._jobs.start(Resource.TOKEN, "token", work)

    def keep_sending(self, tell: Tell) -> Job[None]:
        """Sends what waits whenever the line allows, asks for answers, lets old copies go; till closing."""

        def note(happening: Happening) -> None:
            if isinstance(happening, QueueProgress):
                self._progress = happening
            tell(happening)

        def work(job: Job[None]) -> None:
            self._sender = Sender(self._station, stopped=job.stopped, tell=note)
            self._sender.run()

        self._queue = self._jobs.start(Resource.LINE, "queue", work)
        return self._queue

    def send_now(self) -> Job[None]:
        """Sends what is due at once: wakes the queue, or where none runs goes through it once."""
        if self._queue is not None:
            if self._sender is not None:  # one that has not begun yet looks at everything anyway
                self._sender.wake()
            return self._queue

        def work(job: Job[None]) -> None:
            for _ in Sender(self._station, stopped=job.stopped, tell=tell_nobody).round(now_or_never=True):
                pass

        return self._jobs.start(Resource.LINE, "queue", work)

    def outbox_view(self) -> OutboxView:
        """The outbox with the reasons of what is stuck or was sent back."""
        return outbox_view(self._station, self._progress)

    def send_again(self, submission_id: str) -> Job[None]:
        """Puts an entry that waits, or needed a look, back into the queue and sends at once."""
        outbox_acts.retry(self._station, submission_id)
        return self.send_now()

    def send_first(self, submission_id: str) -> Job[None]:
        """Sends an entry before all others; one under way gives way within a chunk."""
        outbox_acts.prioritise(self._station, submission_id, Priority.URGENT)
        return self.send_again(submission_id)

    def pause_sending(self) -> None:
        """Stops sending before the next chunk, until `go_on_sending`."""
        outbox_acts.pause(self._station)

    def go_on_sending(self) -> Job[None]:
        """Lets the queue send again, at once."""
        outbox_acts.go_on(self._station)
        return self.send_now()

    def mend(self, dossier_id: str) -> None:
        """Opens a dossier that the province sent back. Raises StationError `station.not-rejected`."""
        mend(self._station, dossier_id)

    def export_to(self, drive: Path) -> Job[int]:
        """Puts every package without a receipt onto a drive; the job tells how many."""

        def work(job: Job[int]) -> int:
            return len(outbox_acts.export(self._station, drive, stopped=job.stopped, tell=tell_nobody))

        return self._jobs.start(Resource.DRIVE, "export", work)

    def take_receipts(self, drive: Path) -> Job[int]:
        """Takes home the receipts that a drive brought back; the job tells how many."""
        return self._jobs.start(
            Resource.DRIVE, "receipts", lambda _: len(outbox_acts.take_receipts(self._station, drive))
        )

    @property
    def training(self) -> bool:
        """True in the training room: nothing made here goes to a province."""
        return self._station.training

    @property
    def clerk(self) -> str:
        """The clerk's full name."""
        return self._station.clerk

    @property
    def pin_state(self) -> str:
        """What the token told of its PIN when it was last looked at (a value of `signing.PinState`).

        Empty while it wasn't looked at yet.
        """
        return self._pin_state

    def _look_at_pin(self) -> None:
        """Asks the token, on the thread that works with it; a token that is away says nothing."""
        try:
            self._pin_state = self._station.signer().token.pin_state().value
        except signing.SigningError:
            self._pin_state = ""

    @property
    def suggested_pin(self) -> str:
        """The training token's PIN, which is no secret; empty for a real token."""
        return training_pin() if self.training else ""

    def procedures(self, typed: str = "") -> Sequence[Procedure]:
        """Procedures that fit what was typed, with or without marks; all for an empty text."""
        return catalogue.find(typed)

    def unfinished(self) -> Sequence[Dossier]:
        """Dossiers without a receipt, oldest first, as many as a person looks through."""
        return self._station.store.dossiers.unfinished(limit=_MOST_SHOWN)

    def unsent(self) -> int:
        """How many sealed dossiers have no receipt yet."""
        return self._station.store.outbox.unsent()

    def view(self, dossier_id: str) -> DossierView:
        """A dossier as it stands in the store now."""
        dossiers = self._station.store.dossiers
        return DossierView(
            dossiers.get(dossier_id),
            tuple(dossiers.components(dossier_id)),
            tuple(dossiers.pages(dossier_id)),
        )

    def fields(self, component_id: str) -> tuple[ShownField, ...]:
        """What was read from a component's paper, field by field."""
        return shown_fields(self._station, component_id)

    def confirm_field(self, dossier_id: str, component_id: str, name: str, value: str) -> None:
        """Takes the clerk's word for a field. Raises StationError."""
        confirm(self._station, dossier_id, component_id, name=name, value=value, by=self.clerk)

    def picture(self, page: Page) -> Path:
        """The JPEG of a page: straightened once it was read, as captured before."""
        return self._station.store.blobs.path(page.visible or page.original)

    def receive(self, procedure: Procedure, applicant: Person, keys: Sequence[str]) -> Dossier:
        """Opens a dossier with the components of these checklist keys; all that are scanned for none."""
        kinds = [k for k in procedure.components if k.key in keys or not keys]
        return receive(self._station, procedure, applicant, [k for k in kinds if k.decision is Decision.SCAN])

    def scan(self, dossier_id: str, tell: Tell, *, when_asked: bool = False) -> Job[None]:
        """Scans and reads the papers in the feeder; pages that came before an error are kept.

        With `when_asked` it first waits until paper is put in or a button of the device is pressed.
        """
        more = self.view(dossier_id).dossier.digitisation not in (
            Digitisation.OPEN,
            Digitisation.CAPTURING,
        )

        def work(job: Job[None]) -> None:
            if self._lay_paper is not None:
                self._lay_paper(dossier_id, None)
            profile = profile_of(self._station, dossier_id)
            request = request_for(self._station, profile)
            if when_asked:
                await_start(self._station.scanner, self._station.device_id(), job.stopped)
            scan_and_read(self._station, dossier_id, request, job, tell, more=more, profile=profile.name)

        return self._jobs.start(Resource.SCANNER, "scan", work)

    def rescan(self, dossier_id: str, page: Page, tell: Tell) -> Job[None]:
        """Scans one page again in its place; the old image stays in the history."""
        return self._scan_at(dossier_id, page, scanner.Spot(replaces=page.number), tell)

    def insert_after(self, dossier_id: str, page: Page, tell: Tell) -> Job[None]:
        """Scans one page and puts it right behind `page`, into the same component."""
        return self._scan_at(dossier_id, page, scanner.Spot(after=page.number), tell)

    def scan_without_note(self, dossier_id: str, page: Page, tell: Tell) -> Job[None]:
        """Scans the sheet of `page` once more after the note on it was taken off: two images of one page."""

        def tell_both(happening: Happening) -> None:
            if isinstance(happening, PageKept):
                mark_note(self._station, page)
            tell(happening)

        return self._scan_at(dossier_id, page, scanner.Spot(after=page.number), tell_both)

    def scan_backs(self, dossier_id: str, tell: Tell) -> Job[None]:
        """Scans the backs of the last feed, once the stack was turned over by hand."""

        def work(job: Job[None]) -> None:
            profile = profile_of(self._station, dossier_id)
            request = request_for(self._station, profile)
            scan_backs_and_read(self._station, dossier_id, request, job, tell, profile=profile.name)

        return self._jobs.start(Resource.SCANNER, "scan", work)

    def import_files(self, dossier_id: str, files: Sequence[Path], tell: Tell) -> Job[None]:
        """Takes scans that are files already as if they were fed: JPEG, PNG, TIFF, PDF, HEIC."""

        def work(job: Job[None]) -> None:
            station = fed_with(self._station, files)
            scan_and_read(station, dossier_id, import_request(), job, tell, more=True, profile=IMPORTED)

        return self._jobs.start(Resource.SCANNER, "scan", work)

    def count_sheets(self, dossier_id: str, sheets: int | None) -> None:
        """Notes how many sheets of paper were counted by hand; sealing holds the images against it."""
        count_sheets(self._station, dossier_id, sheets)

    def move_page(self, dossier_id: str, page: Page, place: int) -> None:
        """Moves a page to a place, from 1. Raises StationError."""
        arrange.move_page(self._station, dossier_id, page.number, place)

    def redo_page(
        self,
        dossier_id: str,
        page: Page,
        *,
        turn: int = 0,
        straighten_deg: float = 0.0,
        blank: bool | None = None,
    ) -> None:
        """Turns a page clockwise, straightens it, or says whether it is blank. Raises StationError."""
        redo_page(
            self._station, dossier_id, page.number, turn=turn, straighten_deg=straighten_deg, blank=blank
        )

    def leave_out(self, dossier_id: str, numbers: Sequence[int], reason: LeftOut) -> None:
        """Takes pages out of what is delivered; their images stay. Raises StationError."""
        arrange.leave_out(self._station, dossier_id, numbers, reason)

    def left_out(self, dossier_id: str) -> Sequence[Page]:
        """The pages that were left out, the last one at the end."""
        return arrange.left_out(self._station, dossier_id)

    def put_back(self, dossier_id: str, numbers: Sequence[int]) -> None:
        """Puts pages that were left out back where they came from. Raises StationError."""
        arrange.put_back(self._station, dossier_id, numbers)

    def confirm_arrangement(self, dossier_id: str, reason: Rearranged) -> None:
        """Takes the clerk's word that the order of now is right."""
        arrange.confirm_arrangement(self._station, dossier_id, reason, self.clerk)

    @property
    def scanner_room(self) -> ScannerRoom:
        """The scanners of this station and its ways of scanning."""
        return ScannerRoom(self._station, self._jobs)

    def _scan_at(self, dossier_id: str, page: Page, spot: scanner.Spot, tell: Tell) -> Job[None]:
        def work(job: Job[None]) -> None:
            if self._lay_paper is not None:
                self._lay_paper(dossier_id, page)
            profile = profile_of(self._station, dossier_id)
            request = request_for(self._station, profile, page_limit=1)
            scan_and_read(
                self._station, dossier_id, request, job, tell, more=True, spot=spot, profile=profile.name
            )

        return self._jobs.start(Resource.SCANNER, "scan", work)

    def sign_and_send(self, dossier_id: str, pin: str, tell: Tell) -> Job[DossierResult]:
        """Builds, codes, signs, seals and delivers. The PIN is used for one login and forgotten."""

        def work(job: Job[DossierResult]) -> DossierResult:
            signer = self._station.signer
            station = replace(self._station, signer=lambda: replace(signer(), ask_pin=lambda: pin))
            try:
                sign_and_send(station, dossier_id, job, tell)
            except signing.SigningError:
                self._look_at_pin()  # a wrong PIN has cost a try
                raise
            return write_results(station, dossier_id, station.store.folder / "results")

        return self._jobs.start(Resource.TOKEN, "send", work)


@contextmanager
def open_counter(settings: Settings) -> Iterator[Counter]:
    """The counter that the settings describe; a training room while no province's server is set.

    Slow (seconds at the first visit): a window opens it in the background. Raises StationError and
    the engines' errors.
    """
    jobs = Jobs(settings.readers or None)
    try:
        if not settings.training:
            with configured_station(settings, ask_pin=str) as station:
                counter = _warmed(Counter(station, jobs))
                counter.keep_sending(tell_nobody)
                try:
                    yield counter
                finally:
                    jobs.close()  # before the store is: the queue writes to it
            return
        stack = specimens.demo_stack()
        with training_room(settings.work_folder(), settings, stack=stack) as room:
            spools = room.station.store.folder / "spool"

            def lay_paper(dossier_id: str, page: Page | None) -> None:
                """What a clerk does: the sheets still to be fed, or the one to be scanned again."""
                history = scanner.Spool(spools / dossier_id).history()
                if page is not None:
                    room.paper.load([stack[(_first_of(page.number, history) - 1) % len(stack)]])
                else:
                    fed = sum(kept.replaces is None and kept.after is None for kept in history)
                    room.paper.load(stack[fed:])

            yield _warmed(Counter(room.station, jobs, lay_paper))
    finally:
        jobs.close()


def _first_of(number: int, history: Sequence[scanner.SpooledPage]) -> int:
    """The number under which the sheet of this page was fed for the first time."""
    replaced = {page.number: page.replaces for page in history}
    while (earlier := replaced.get(number)) is not None:
        number = earlier
    return number


def _warmed(counter: Counter) -> Counter:
    counter.warm_up()
    return counter
