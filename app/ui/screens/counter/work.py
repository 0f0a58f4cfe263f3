"""The work at the counter without widgets: which dossier, which job, what may be done (công việc)."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.domain.dossier import Component, Dossier
from app.domain.page import Page, PageRole
from app.jobs import Job
from app.ui.background import Background
from app.ui.bridge import Bridge
from app.ui.notice import Told, tell_error
from app.ui.page_order import in_order
from app.ui.screens.counter.phases import (
    OPEN_FOR_PAGES,
    SIGNED,
    Doing,
    Known,
    Spot,
    Stage,
    learned,
    stage_of,
)
from app.ui.screens.counter.reception import Reception
from app.ui.screens.counter.seen import Seen, look_up
from app.workflow.happenings import FedAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from app.workflow.counter import Counter
    from app.workflow.results import DossierResult

    Start = Callable[[Counter, str], Job[None]]

logger = logging.getLogger(__name__)


class CounterWork(QObject):
    """Holds the dossier at work and starts its jobs; widgets listen and ask what may be done."""

    changed = Signal()  # what may be done, or what is known of line, token, unsent
    dossier_changed = Signal()  # another dossier, or none
    pages_changed = Signal(object)  # tuple[Page, ...] of this dossier
    viewed = Signal(object)  # Seen, read anew from the store
    component_changed = Signal(object)  # Component
    progressed = Signal(object)  # Progress
    bytes_sent = Signal(object)  # BytesSent
    fed_again = Signal(object)  # FedAgain, once the feed is over
    changed_pages = Signal(str)  # what is said after a change that the clerk asked for
    failed = Signal(object)  # Told
    delivered = Signal(object)  # DossierResult
    unfinished_changed = Signal(object)  # tuple[Dossier, ...]

    def __init__(self, bridge: Bridge, background: Background, language: str) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._background = background
        self._language = language
        self._job: Job[Any] | None = None
        self._again: FedAgain | None = None
        self._pages: dict[str, Page] = {}
        self.counter: Counter | None = None
        self.dossier: Dossier | None = None
        self.components: tuple[Component, ...] = ()
        self.result: DossierResult | None = None
        self.doing = Doing.NOTHING
        self.spot = Spot.AT_THE_END  # of the last scan
        self.stopping = False
        self.unsent = 0
        self.line = Known.NOT_USED
        self.token = Known.NOT_USED
        bridge.pages_changed.connect(self._pages_came)
        bridge.components_changed.connect(self._components_came)
        bridge.bytes_sent.connect(self.bytes_sent)
        bridge.fed_again.connect(self._came_again)
        bridge.progressed.connect(self._progress_came)
        bridge.finished.connect(self._job_ended)

    @property
    def busy(self) -> bool:
        """True while something is under way that the clerk has to wait for or stop."""
        return self.doing is not Doing.NOTHING

    @property
    def working(self) -> bool:
        """True while a job runs that can be stopped."""
        return self._job is not None and not self._job.done

    @property
    def can_receive(self) -> bool:
        """True when a new dossier may be begun."""
        return self.counter is not None and not self.busy

    @property
    def can_scan(self) -> bool:
        """True when papers may be scanned: into a new dossier, or one that isn't signed."""
        free = self.counter is not None and not self.busy
        return free and (self.dossier is None or self.dossier.digitisation in OPEN_FOR_PAGES)

    def can_scan_at(self, page: Page | None) -> bool:
        """True when `page` may be scanned again, or another one be put behind it."""
        return self.can_scan and page is not None and page.id in self._pages

    @property
    def can_sign(self) -> bool:
        """True when there are papers to sign, or signed ones to send, and no receipt yet."""
        free = self.counter is not None and not self.busy and self.dossier is not None
        return free and self.result is None and any(p.role is PageRole.PAPER for p in self._pages.values())

    @property
    def needs_pin(self) -> bool:
        """False once everything is signed and only the sending is left."""
        return self.dossier is None or self.dossier.digitisation not in SIGNED

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages of the dossier by place."""
        return tuple(in_order(self._pages.values()))

    @property
    def stage(self) -> Stage:
        """Where the dossier is on its way."""
        digitisation = self.dossier.digitisation if self.dossier else None
        return stage_of(digitisation, self.doing, has_receipt=self.result is not None)

    def begin(self, counter: "Counter") -> None:
        """Takes the opened counter and takes up the oldest dossier that is not finished."""
        self.counter = counter
        self.doing = Doing.ASKING
        self.changed.emit()

        def ask() -> tuple[tuple[Dossier, ...], int, Seen | None]:
            waiting = tuple(counter.unfinished())
            return waiting, counter.unsent(), look_up(counter, waiting[0].id) if waiting else None

        def answered(answer: tuple[tuple[Dossier, ...], int, Seen | None]) -> None:
            waiting, self.unsent, seen = answer
            self.doing = Doing.NOTHING
            self.unfinished_changed.emit(waiting)
            if seen is not None:
                self._take(seen)
            self.dossier_changed.emit()
            self.changed.emit()

        self._background.ask(ask, answered, self._question_failed)

    def new(self) -> None:
        """Puts the dossier aside, where it stays among the unfinished, and makes room for the next."""
        if not self.can_receive:
            return
        self.dossier, self.components, self._pages, self.result = None, (), {}, None
        self.spot = Spot.AT_THE_END
        self.dossier_changed.emit()
        self.changed.emit()
        self._look_around()

    def take_up(self, dossier_id: str) -> None:
        """Goes on with an unfinished dossier."""
        counter = self.counter
        if counter is None or self.busy:
            return
        self.doing = Doing.ASKING
        self.changed.emit()

        def answered(seen: Seen) -> None:
            self.doing = Doing.NOTHING
            self.result = None
            self.spot = Spot.AT_THE_END
            self._take(seen)
            self.dossier_changed.emit()
            self.changed.emit()

        self._background.ask(lambda: look_up(counter, dossier_id), answered, self._question_failed)

    def scan(self, reception: Reception | None, *, when_asked: bool = False) -> None:
        """Scans the papers in the feeder, into a new dossier when none is open.

        With `when_asked` once paper is put in or a button of the scanner is pressed.
        """
        how = {"when_asked": True} if when_asked else {}
        self._feed(reception, lambda counter, to: counter.scan(to, self._bridge.tell, **how))

    def import_files(self, reception: Reception | None, files: "Sequence[Path]") -> None:
        """Takes scans that are files already, into a new dossier when none is open (nhập tệp)."""
        self._feed(reception, lambda counter, to: counter.import_files(to, files, self._bridge.tell))

    def scan_backs(self) -> None:
        """Scans the backs of the sheets fed last, after the stack was turned over (quét mặt sau)."""
        counter, dossier = self.counter, self.dossier
        if counter is not None and dossier is not None and self.can_scan and self._pages:
            self._start_scan(Spot.BEHIND, lambda: counter.scan_backs(dossier.id, self._bridge.tell))

    def rescan(self, page: Page) -> None:
        """Scans `page` again in its place; its old image stays in the history (quét lại trang)."""
        self._scan_at(page, Spot.IN_PLACE, lambda counter, to: counter.rescan(to, page, self._bridge.tell))

    def insert_after(self, page: Page) -> None:
        """Scans a page and puts it right behind `page` (chèn trang)."""
        self._scan_at(
            page, Spot.BEHIND, lambda counter, to: counter.insert_after(to, page, self._bridge.tell)
        )

    def scan_without_note(self, page: Page) -> None:
        """Scans `page` once more without the note on it: two images of one page (bóc giấy nhớ)."""
        self._scan_at(
            page, Spot.BEHIND, lambda counter, to: counter.scan_without_note(to, page, self._bridge.tell)
        )

    def change(self, change: "Callable[[Counter, str], None]", say: str = "") -> None:
        """Changes the pages in the store and reads them anew; `say` is told once it is done."""
        counter, dossier = self.counter, self.dossier
        if counter is None or dossier is None or not self.can_scan:
            return
        self.doing = Doing.ASKING
        self.changed.emit()

        def work() -> Seen:
            change(counter, dossier.id)
            return look_up(counter, dossier.id)

        def done(seen: Seen) -> None:
            self.doing = Doing.NOTHING
            self._take(seen)
            self.changed.emit()
            self.changed_pages.emit(say)

        def failed(error: BaseException) -> None:
            self._question_failed(error)
            self._look_again()  # what was changed before something else went wrong

        self._background.ask(work, done, failed)

    def sign_and_send(self, pin: str) -> None:
        """Signs and sends the dossier. The PIN is handed to the job and not kept."""
        counter, dossier = self.counter, self.dossier
        if counter is None or dossier is None or not self.can_sign:
            return
        self.doing = Doing.SENDING
        self.changed.emit()
        self._background.ask(
            lambda: counter.sign_and_send(dossier.id, pin, self._bridge.tell),
            self._job_started,
            self._question_failed,
        )

    def stop(self) -> None:
        """Asks the job that runs to stop at its next safe point."""
        if self._job is not None and not self.stopping:
            self.stopping = True
            self._job.cancel()
            self.changed.emit()

    def _feed(self, reception: Reception | None, start: "Start") -> None:
        """Puts pages at the end of the dossier, or into a new one."""
        counter = self.counter
        if counter is None or not self.can_scan:
            return
        if self.dossier is not None:
            dossier_id = self.dossier.id
            self._start_scan(Spot.AT_THE_END, lambda: start(counter, dossier_id))
            return
        if reception is None:
            return
        taken = reception
        self.doing = Doing.ASKING
        self.changed.emit()

        def receive() -> Seen:
            return look_up(counter, counter.receive(taken.procedure, taken.applicant, taken.keys).id)

        def received(seen: Seen) -> None:
            self._take(seen)
            self.dossier_changed.emit()
            self._start_scan(Spot.AT_THE_END, lambda: start(counter, seen.view.dossier.id))

        self._background.ask(receive, received, self._question_failed)

    def _scan_at(self, page: Page, spot: Spot, start: "Start") -> None:
        counter, dossier = self.counter, self.dossier
        if counter is not None and dossier is not None and self.can_scan_at(page):
            self._start_scan(spot, lambda: start(counter, dossier.id))

    def _start_scan(self, spot: Spot, start: "Callable[[], Job[None]]") -> None:
        self.spot = spot
        self.doing = Doing.SCANNING
        self.changed.emit()
        self._background.ask(start, self._job_started, self._question_failed)

    def _job_started(self, job: "Job[Any]") -> None:
        self._job = job
        self._bridge.follow(job)
        self.changed.emit()

    def _pages_came(self, pages: tuple[Page, ...]) -> None:
        own = tuple(page for page in pages if self.dossier and page.dossier_id == self.dossier.id)
        if not own:
            return
        if self.doing is Doing.SCANNING and self.spot is not Spot.AT_THE_END:
            self._look_again()
            return
        self._pages.update((page.id, page) for page in own)
        self.pages_changed.emit(own)

    def _came_again(self, news: FedAgain) -> None:
        self._again = news

    def _look_again(self) -> None:
        """Reads the pages anew: one that came between others has moved them, or taken the place of one."""
        counter, dossier = self.counter, self.dossier
        if counter is not None and dossier is not None:
            self._background.ask(
                lambda: look_up(counter, dossier.id), self._take, self._told_when_the_job_ends
            )

    def _told_when_the_job_ends(self, error: BaseException) -> None:
        """A store that cannot be read now is asked again when the job has ended, and told of then."""
        logger.info("the pages could not be read while a job runs: %s", type(error).__name__)

    def _components_came(self, components: tuple[Component, ...]) -> None:
        latest = {component.id: component for component in components}
        self.components = tuple(latest.get(known.id, known) for known in self.components)
        for component in components:
            self.component_changed.emit(component)

    def _progress_came(self, progress: object) -> None:
        if self.working:
            self.progressed.emit(progress)

    def _job_ended(self, job: "Job[Any]") -> None:
        if job is not self._job:
            return
        self._job = None
        error = job.error()
        ended, self.doing = self.doing, Doing.SETTLING
        self.stopping = False
        self._learn(ended, error)
        result = job.result() if error is None and ended is Doing.SENDING else None
        self.changed.emit()
        self._settle(result, tell_error(error, self._language) if error else None)

    def _settle(self, result: "DossierResult | None", told: Told | None) -> None:
        """Reads what the job left in the store; only then may the clerk go on."""
        counter, dossier = self.counter, self.dossier
        assert counter is not None  # noqa: S101 - a job of this counter has just ended
        assert dossier is not None  # noqa: S101 - and it was this dossier's

        def ask() -> tuple[Seen, tuple[Dossier, ...], int]:
            return look_up(counter, dossier.id), tuple(counter.unfinished()), counter.unsent()

        def answered(answer: tuple[Seen, tuple[Dossier, ...], int]) -> None:
            seen, waiting, self.unsent = answer
            self.doing = Doing.NOTHING
            self.result = result
            self._take(seen)
            self.unfinished_changed.emit(waiting)
            self.changed.emit()
            if told is not None:
                self.failed.emit(told)
            if result is not None:
                self.delivered.emit(result)
            again, self._again = self._again, None
            if again is not None and again.dossier_id == seen.view.dossier.id:
                self.fed_again.emit(again)

        def failed(error: BaseException) -> None:
            if told is not None:
                self.failed.emit(told)
            self._question_failed(error)

        self._background.ask(ask, answered, failed)

    def _look_around(self) -> None:
        """Reads anew which dossiers wait; nobody waits for the answer."""
        counter = self.counter
        if counter is not None:
            self._background.ask(
                lambda: tuple(counter.unfinished()), self.unfinished_changed.emit, self._question_failed
            )

    def _take(self, seen: Seen) -> None:
        self.dossier = seen.view.dossier
        self.components = seen.view.components
        self._pages = {page.id: page for page in seen.view.pages}
        self.viewed.emit(seen)

    def _question_failed(self, error: BaseException) -> None:
        self.doing = Doing.NOTHING
        self._job = None
        self.changed.emit()
        self.failed.emit(tell_error(error, self._language))

    def _learn(self, ended: Doing, error: BaseException | None) -> None:
        """What the outcome tells of line and token."""
        self.line, self.token = learned(
            self.line, self.token, getattr(error, "code", ""), sent=ended is Doing.SENDING and error is None
        )
