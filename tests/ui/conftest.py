"""A counter that is played: the same methods as the real one, real jobs, real images, no engines."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.arrangement import LeftOut, Rearranged
from app.domain.device import KnownDevice
from app.domain.dossier import Component, Dossier
from app.domain.page import Page, PageRole
from app.domain.person import Person
from app.domain.procedure import ComponentKind, Decision, Procedure
from app.domain.states import Digitisation, Synchronisation
from app.jobs import Job, Jobs, Resource
from app.settings import Settings
from app.ui.style import Style, Theme
from app.ui.window import MainWindow
from app.workflow.happenings import BytesSent, ComponentChanged, FedAgain, PageKept, PageRead, Tell
from app.workflow.outbox_view import OutboxView
from app.workflow.queue import QueueStatus
from app.workflow.scanner_room import MeasuredPage, ScannersView, ShownProfile
from resources import specimens

PLUS_SEVEN = timezone(timedelta(hours=7))
BIRTH = Procedure(
    "1.001193",
    "Đăng ký khai sinh",
    "Hộ tịch",
    (
        ComponentKind("1.001193.01", "Tờ khai đăng ký khai sinh", "TK", Decision.SCAN),
        ComponentKind("1.001193.02", "Giấy chứng sinh", "GCS", Decision.SCAN),
        ComponentKind(
            "1.001193.03",
            "Văn bản của người làm chứng hoặc giấy cam đoan về việc sinh",
            "VBXN",
            Decision.SCAN,
            "không có Giấy chứng sinh",
        ),
        ComponentKind("1.001193.05", "Văn bản ủy quyền", "UQ", Decision.SCAN, "người khác nộp thay"),
        ComponentKind("1.001193.06", "Giấy chứng nhận kết hôn của cha mẹ", "GCNKH", Decision.LOOKUP),
        ComponentKind("1.001193.07", "Giấy tờ tùy thân", "GTTT", Decision.SHOW_ONLY),
    ),
)
MARRIAGE = Procedure(
    "1.000894",
    "Đăng ký kết hôn",
    "Hộ tịch",
    (ComponentKind("1.000894.01", "Tờ khai đăng ký kết hôn", "TK", Decision.SCAN),),
)


class CodedFault(Exception):  # noqa: N818 - a fault of the world
    """What an engine raises: a code and facts."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class PlayedView:
    """The fields of a dossier's view."""

    dossier: Dossier
    components: tuple[Component, ...]
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class PlayedComponentResult:
    """One line of the closing table."""

    name: str
    code: str
    pages: int
    pdf: Path
    sha256: str
    bytes: int
    ocr_confidence: float
    signature: str


@dataclass(frozen=True)
class PlayedResult:
    """A delivered dossier."""

    dossier_code: str
    folder: Path
    components: tuple[PlayedComponentResult, ...]
    submission_id: str
    receipt: Path
    package_sha256: str
    server_sha256: str


@dataclass(frozen=True)
class Sheet:
    """What lies in the feeder: an image and what reading it will find."""

    image: Path
    separator: str | None = None
    confidence: float = 96.4
    flags: tuple[str, ...] = ()


@dataclass
class PlayedScannerRoom:
    """Scanners and profiles over tuples; a job waits for the gate of the counter."""

    counter: "PlayedCounter"
    devices: tuple[KnownDevice, ...] = ()
    found: tuple[KnownDevice, ...] = ()
    profiles: tuple[ShownProfile, ...] = ()
    fail: BaseException | None = None
    figures: MeasuredPage | None = None

    def view(self) -> ScannersView:
        return ScannersView(self.devices, "", self.profiles)

    def look(self) -> Job[ScannersView]:
        def work(job: Job[ScannersView]) -> ScannersView:
            self.counter._wait(job)
            self._maybe_fail()
            self.devices = (*self.devices, *self.found)
            return self.view()

        return self.counter.jobs.start(Resource.SCANNER, "look", work)

    def test(self, device_id: str) -> Job[MeasuredPage]:
        def work(job: Job[MeasuredPage]) -> MeasuredPage:
            self.counter._wait(job)
            self._maybe_fail()
            assert self.figures is not None
            return replace(self.figures, device_id=device_id)

        return self.counter.jobs.start(Resource.SCANNER, "test", work)

    def write_test_page(self, out: Path) -> None:
        out.write_bytes(b"%PDF")

    def export_inventory(self, out: Path) -> None:
        self._maybe_fail()
        out.write_text(f"{len(self.devices)}", encoding="utf-8")

    def export_profiles(self, out: Path) -> int:
        out.write_text("", encoding="utf-8")
        return len(self.profiles)

    def import_profiles(self, source: Path) -> tuple[str, ...]:
        self._maybe_fail()
        return (source.name,)

    def save_profile(self, changed: ShownProfile) -> None:
        self._maybe_fail()
        self.profiles = tuple(changed if one.name == changed.name else one for one in self.profiles)

    def copy_profile(self, name: str) -> str:
        known = next(one for one in self.profiles if one.name == name)
        self.profiles = (*self.profiles, replace(known, name=f"{name}-2", locked=False, usual=False))
        return f"{name}-2"

    def _maybe_fail(self) -> None:
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error


@dataclass
class PlayedCounter:
    """The counter's methods over dictionaries; scripts decide what the devices do."""

    folder: Path
    stack: list[Sheet]
    training: bool = True
    clerk: str = "Lò Thị Tập Huấn"
    fail_scan_after: tuple[int, BaseException] | None = None
    fail_send: BaseException | None = None
    fail_spot: BaseException | None = None
    spot_sheet: Sheet | None = None  # what lies in the feeder when one page is scanned
    gate: threading.Event | None = None  # each page waits for it
    reading_gate: threading.Event | None = None  # the reading of one page waits for it
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    components: dict[str, list[Component]] = field(default_factory=dict)
    pages: dict[str, list[Page]] = field(default_factory=dict)
    pins: list[str] = field(default_factory=list)
    read_fields: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    outbox: OutboxView | None = None
    fed_again: tuple[int, ...] = ()  # told at the end of the next scan
    jobs: Jobs = field(default_factory=lambda: Jobs(1))
    pin_state: str = "ready"

    def __post_init__(self) -> None:
        self.scanner_room = PlayedScannerRoom(self)

    @property
    def suggested_pin(self) -> str:
        return "123456" if self.training else ""

    def procedures(self, typed: str = "") -> Sequence[Procedure]:
        return [p for p in (BIRTH, MARRIAGE) if typed in p.name]

    def unfinished(self) -> Sequence[Dossier]:
        return [dossier for dossier in self.dossiers.values() if not dossier.finished]

    def outbox_view(self) -> OutboxView:
        waiting = self.unsent()
        return self.outbox or OutboxView(
            QueueStatus(waiting, 0, 0, 0, 0, False, None, None, None), (), (), ()
        )

    def send_again(self, submission_id: str) -> None:
        self.asked.append(f"again {submission_id}")

    def send_first(self, submission_id: str) -> None:
        self.asked.append(f"first {submission_id}")

    def mend(self, dossier_id: str) -> None:
        self.asked.append(f"mend {dossier_id}")

    def pause_sending(self) -> None:
        self.asked.append("pause")

    def go_on_sending(self) -> None:
        self.asked.append("go on")

    def unsent(self) -> int:
        return sum(d.synchronisation is Synchronisation.QUEUED for d in self.dossiers.values())

    def view(self, dossier_id: str) -> PlayedView:
        return PlayedView(
            self.dossiers[dossier_id],
            tuple(self.components[dossier_id]),
            tuple(self._standing(dossier_id)),
        )

    def history(self, dossier_id: str) -> Sequence[Page]:
        return tuple(self.pages[dossier_id])

    def fields(self, component_id: str) -> tuple[Any, ...]:
        return tuple(self.read_fields.get(component_id, ()))

    def confirm_field(self, dossier_id: str, component_id: str, name: str, value: str) -> None:
        self.read_fields[component_id] = [
            replace(
                shown,
                suggestion=replace(
                    shown.suggestion, value=value, decided_at="2026-11-03", decided_by=self.clerk
                ),
            )
            if shown.suggestion.name == name
            else shown
            for shown in self.read_fields[component_id]
        ]

    def picture(self, page: Page) -> Path:
        return Path(page.original)

    def receive(self, procedure: Procedure, applicant: Person, keys: Sequence[str]) -> Dossier:
        number = len(self.dossiers) + 1
        dossier_id = f"D{number}"
        self.dossiers[dossier_id] = Dossier(
            id=dossier_id,
            code=f"TMP-QUAY1-01JD5N0Q8R7TB2M4K6X9{number:06d}",
            procedure_code=procedure.code,
            procedure_name=procedure.name,
            applicant=applicant,
            received_at=datetime(2026, 11, 3, 8, 5, tzinfo=PLUS_SEVEN),
            training=self.training,
        )
        kinds = [kind for kind in procedure.components if kind.key in keys]
        self.components[dossier_id] = [
            Component(f"{dossier_id}C{n}", dossier_id, n, kind.key, kind.name, kind.paper_type)
            for n, kind in enumerate(kinds, start=1)
        ]
        self.pages[dossier_id] = []
        return self.dossiers[dossier_id]

    def scan(self, dossier_id: str, tell: Tell, *, when_asked: bool = False) -> Job[None]:
        def work(job: Job[None]) -> None:
            self.asked.append("wait" if when_asked else "scan")
            self._digitise(dossier_id, Digitisation.CAPTURING)
            job.step("scan")
            own = self.pages[dossier_id]
            for sheet in self.stack[len(own) :]:
                self._wait(job)
                if self.fail_scan_after and len(own) == self.fail_scan_after[0]:
                    error, self.fail_scan_after = self.fail_scan_after[1], None
                    raise error
                page = self._page(dossier_id, len(own) + 1, sheet)
                own.append(page)
                tell(PageKept(page))
                job.report(len(own), 0)
                own[-1] = _read(page, sheet)
                tell(PageRead(own[-1]))
            self._digitise(dossier_id, Digitisation.CAPTURED)
            job.step("read", len(own))
            self._assign(dossier_id)
            job.report(len(own), len(own))
            self._digitise(dossier_id, Digitisation.READ)
            if self.fed_again:
                tell(FedAgain(dossier_id, self.fed_again))

        return self.jobs.start(Resource.SCANNER, "scan", work)

    def rescan(self, dossier_id: str, page: Page, tell: Tell) -> Job[None]:
        def commit(new: Page) -> Page:
            old = self._row(page)
            place = self.pages[dossier_id][old].place
            self.pages[dossier_id][old] = replace(page, place=None)
            return replace(new, place=place, component_id=page.component_id, replaces=page.number)

        return self._scan_at(dossier_id, page, commit, tell)

    def insert_after(self, dossier_id: str, page: Page, tell: Tell) -> Job[None]:
        def commit(new: Page) -> Page:
            before = self.pages[dossier_id][self._row(page)].place or 0
            self.pages[dossier_id] = [
                replace(own, place=own.place + 1) if own.place and own.place > before else own
                for own in self.pages[dossier_id]
            ]
            return replace(new, place=before + 1)

        return self._scan_at(dossier_id, page, commit, tell)

    def scan_without_note(self, dossier_id: str, page: Page, tell: Tell) -> Job[None]:
        self.asked.append(f"without note {page.number}")
        row = self._row(page)
        self.pages[dossier_id][row] = replace(page, flags=(*page.flags, "note"))
        return self.insert_after(dossier_id, self.pages[dossier_id][row], tell)

    def scan_backs(self, dossier_id: str, tell: Tell) -> Job[None]:
        self.asked.append("backs")
        return self.insert_after(dossier_id, self.pages[dossier_id][0], tell)

    def import_files(self, dossier_id: str, files: Sequence[Path], tell: Tell) -> Job[None]:
        self.asked.append(" ".join(file.name for file in files))
        self.stack += [Sheet(file) for file in files]
        return self.scan(dossier_id, tell)

    def count_sheets(self, dossier_id: str, sheets: int | None) -> None:
        self.dossiers[dossier_id] = replace(self.dossiers[dossier_id], sheets_expected=sheets)

    def move_page(self, dossier_id: str, page: Page, place: int) -> None:
        others = [one for one in self._standing(dossier_id) if one.id != page.id]
        self._lay([*others[: place - 1], page, *others[place - 1 :]])

    def redo_page(self, dossier_id: str, page: Page, **said: float) -> None:
        del dossier_id
        self.asked.append(f"redo {page.number} {said}")

    def leave_out(self, dossier_id: str, numbers: Sequence[int], reason: LeftOut) -> None:
        self.asked.append(f"leave out {' '.join(map(str, numbers))} {reason.value}")
        for page in self._standing(dossier_id):
            if page.number in numbers:
                self.pages[dossier_id][self._row(page)] = replace(page, place=None, left_out=reason.value)
        self._lay(self._standing(dossier_id))

    def left_out(self, dossier_id: str) -> Sequence[Page]:
        return [page for page in self.pages[dossier_id] if page.left_out]

    def put_back(self, dossier_id: str, numbers: Sequence[int]) -> None:
        for page in self.left_out(dossier_id):
            if page.number in numbers:
                standing = self._standing(dossier_id)
                row = sum(one.number < page.number for one in standing)
                self._lay([*standing[:row], replace(page, left_out=None), *standing[row:]])

    def confirm_arrangement(self, dossier_id: str, reason: Rearranged) -> None:
        self.asked.append(f"confirm {reason.value}")

    def _lay(self, pages: Sequence[Page]) -> None:
        for place, page in enumerate(pages, start=1):
            self.pages[page.dossier_id][self._row(page)] = replace(page, place=place)

    def _scan_at(self, dossier_id: str, page: Page, commit: Callable[[Page], Page], tell: Tell) -> Job[None]:
        def work(job: Job[None]) -> None:
            self._digitise(dossier_id, Digitisation.CAPTURING)
            job.step("scan")
            self._wait(job)
            if self.fail_spot is not None:
                error, self.fail_spot = self.fail_spot, None
                raise error
            sheet = self.spot_sheet or self.stack[(page.number - 1) % len(self.stack)]
            fresh = self._page(dossier_id, len(self.pages[dossier_id]) + 1, sheet)
            kept = commit(
                replace(fresh, sheet=1, side=1, scanned_at="2026-11-03T08:09:10+07:00")  # a scan of its own
            )
            self.pages[dossier_id].append(kept)
            tell(PageKept(kept))
            job.report(1, 0)
            self._wait_to_read(job)
            self.pages[dossier_id][-1] = _read(kept, sheet)
            tell(PageRead(self.pages[dossier_id][-1]))
            self._digitise(dossier_id, Digitisation.CAPTURED)
            job.step("read", 1)
            self._assign(dossier_id)
            self._digitise(dossier_id, Digitisation.READ)

        return self.jobs.start(Resource.SCANNER, "scan", work)

    def sign_and_send(self, dossier_id: str, pin: str, tell: Tell) -> Job[PlayedResult]:
        def work(job: Job[PlayedResult]) -> PlayedResult:
            self.pins.append(pin)
            job.step("build")
            if self.dossiers[dossier_id].digitisation is Digitisation.READ:
                self._digitise(dossier_id, Digitisation.BUILT)
            self._wait(job)
            if self.fail_send is not None:
                error, self.fail_send = self.fail_send, None
                raise error
            job.step("sign")
            for place, component in enumerate(self.components[dossier_id]):
                done = replace(
                    component,
                    code=f"H18.19_{component.paper_type}_{place + 21:06d}_V1",
                    built="b",
                    coded="c",
                    signed="s",
                    signature="PAdES-B-T",
                )
                self.components[dossier_id][place] = done
                tell(ComponentChanged(done))
            if self.dossiers[dossier_id].digitisation is Digitisation.BUILT:
                self._digitise(dossier_id, Digitisation.SIGNED)
                self._digitise(dossier_id, Digitisation.SEALED)
            job.step("send")
            tell(BytesSent(600_000, 1_200_000))
            for wanted in (Synchronisation.QUEUED, Synchronisation.SENDING, Synchronisation.DELIVERED):
                self.dossiers[dossier_id] = self.dossiers[dossier_id].synchronised(wanted)
            return self._result(dossier_id)

        return self.jobs.start(Resource.TOKEN, "send", work)

    def add_unfinished(self) -> Dossier:
        """A dossier that an earlier run left with two pages."""
        dossier = self.receive(BIRTH, Person("Quàng Văn Mẫu", "011301001235"), ["1.001193.01"])
        sheets = [s for s in self.stack if s.separator is None][:2]
        for number, sheet in enumerate(sheets, start=1):
            self.pages[dossier.id].append(_read(self._page(dossier.id, number, sheet), sheet))
        self._digitise(dossier.id, Digitisation.CAPTURING)
        return self.dossiers[dossier.id]

    def sheet(self, image: Path) -> Sheet:
        """A sheet of paper without anything special."""
        return Sheet(image)

    def read(self, page: Page) -> Page:
        """The page once it was read."""
        return _read(page, Sheet(Path(page.original)))

    def _wait(self, job: "Job[Any]") -> None:
        if self.gate is not None:
            while not self.gate.wait(0.01):
                job.check()
        job.check()

    def _wait_to_read(self, job: "Job[Any]") -> None:
        if self.reading_gate is not None:
            while not self.reading_gate.wait(0.01):
                job.check()

    def _standing(self, dossier_id: str) -> list[Page]:
        standing = [page for page in self.pages[dossier_id] if page.place is not None]
        return sorted(standing, key=lambda page: page.place or 0)

    def _row(self, page: Page) -> int:
        return [own.id for own in self.pages[page.dossier_id]].index(page.id)

    def _page(self, dossier_id: str, number: int, sheet: Sheet) -> Page:
        return Page(
            id=f"{dossier_id}P{number}",
            dossier_id=dossier_id,
            number=number,
            original=str(sheet.image),
            dpi=300,
            width_px=2480,
            height_px=3508,
            sheet=(number + 1) // 2,
            side=1 + (number + 1) % 2,
            scanned_at="2026-11-03T08:06:30+07:00",
            place=len(self._standing(dossier_id)) + 1,
        )

    def _assign(self, dossier_id: str) -> None:
        by_key = {component.key: component.id for component in self.components[dossier_id]}
        current = next(iter(by_key.values()))
        for page in self._standing(dossier_id):
            if page.role is PageRole.SEPARATOR:
                current = by_key.get(page.separator_key or "", current)
            else:
                self.pages[dossier_id][self._row(page)] = replace(page, component_id=current)

    def _digitise(self, dossier_id: str, wanted: Digitisation) -> None:
        self.dossiers[dossier_id] = self.dossiers[dossier_id].digitised(wanted)

    def _result(self, dossier_id: str) -> PlayedResult:
        folder = self.folder / "results"
        folder.mkdir(exist_ok=True)
        receipt = folder / "receipt.json"
        receipt.write_text(
            json.dumps(
                {
                    "receipt_id": "BN-20261103-000041",
                    "received_at": "2026-11-03T08:07:12+07:00",
                    "server": "Sohoa intake (training)",
                }
            ),
            encoding="utf-8",
        )
        pages = self._standing(dossier_id)
        return PlayedResult(
            dossier_code=self.dossiers[dossier_id].code,
            folder=folder,
            components=tuple(
                PlayedComponentResult(
                    name=component.name,
                    code=component.code or "",
                    pages=sum(page.component_id == component.id for page in pages),
                    pdf=folder / "1.pdf",
                    sha256="ab" * 32,
                    bytes=412_345,
                    ocr_confidence=95.2,
                    signature=component.signature or "",
                )
                for component in self.components[dossier_id]
            ),
            submission_id="01JD5N0Q8R7TB2M4K6X9VWYZAB",
            receipt=receipt,
            package_sha256="cd" * 32,
            server_sha256="cd" * 32,
        )


def _read(page: Page, sheet: Sheet) -> Page:
    if sheet.separator is not None:
        return replace(page, role=PageRole.SEPARATOR, separator_key=sheet.separator)
    return replace(page, reading="r", confidence=sheet.confidence, flags=sheet.flags)


@pytest.fixture(scope="session")
def demo_sheets() -> list[Sheet]:
    """The demo dossier's eight images with what reading them finds."""
    images = iter(specimens.demo_stack())
    sheets = []
    found = iter(((97.2, ()), (0.0, ("blank",)), (95.9, ()), (88.6, ()), (71.4, ("low-confidence",))))
    for paper in specimens.demo_papers():
        sheets.append(Sheet(next(images), paper.component))
        sheets.extend(Sheet(next(images), None, *next(found)) for _ in paper.images)
    return sheets


@pytest.fixture
def small_image(tmp_path: Path) -> Path:
    """A page of 248 × 351 px, for tests that need many."""
    image = QImage(248, 351, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    file = tmp_path / "page.jpg"
    assert image.save(str(file))
    return file


@pytest.fixture
def jam() -> CodedFault:
    """A sheet that is stuck."""
    return CodedFault("scan.jammed", page=5, kept=4)


@pytest.fixture
def offline() -> CodedFault:
    """No line to the server."""
    return CodedFault("sync.offline", server="intake")


@pytest.fixture
def in_use() -> CodedFault:
    """Another program works in the data folder."""
    return CodedFault("station.in-use")


@pytest.fixture
def measured() -> Callable[[Callable[[], None]], float]:
    """Does something and tells how many seconds it took."""

    def measure(work: Callable[[], None]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return measure


@pytest.fixture
def counter(tmp_path: Path, demo_sheets: list[Sheet]) -> Iterator[PlayedCounter]:
    """A played counter with the demo papers in its feeder."""
    played = PlayedCounter(tmp_path, list(demo_sheets))
    yield played
    for gate in (played.gate, played.reading_gate):
        if gate is not None:
            gate.set()
    played.jobs.close()


@pytest.fixture
def style(qapp: QApplication) -> Iterator[Style]:
    """The light look at normal size, whatever the desktop asks for."""
    made = Style(qapp, theme=Theme.LIGHT)
    yield made
    made.deleteLater()


Opener = Callable[[Settings], "AbstractContextManager[Any]"]
OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Training settings over an empty folder."""
    return Settings(data_folder=str(tmp_path / "data"))


@pytest.fixture
def opened_window(
    qtbot: QtBot, style: Style, settings: Settings, counter: PlayedCounter
) -> Iterator[OpenWindow]:
    """Makes a window over the played counter, waits until work can begin, and closes it in the end."""
    windows: list[MainWindow] = []

    def make(opener: Opener | None = None, settings: Settings = settings, wait: bool = True) -> MainWindow:
        window = MainWindow(settings, style, None, opener or played_opener(counter))
        windows.append(window)
        window.resize(1280, 800)
        window.show()
        window.open_counter()
        if wait:
            qtbot.waitUntil(lambda: window.work.can_receive, timeout=5000)
        return window

    yield make
    for window in windows:
        for gate in (counter.gate, counter.reading_gate):
            if gate is not None:
                gate.set()
        if window.opening.busy or not window.isHidden():
            with qtbot.waitSignal(window.left, timeout=5000):
                window._leave()
        assert window.opening.wait(5)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def played_opener(counter: PlayedCounter, *, seconds: float = 0.0) -> Opener:
    """Opens the played counter as the real one is opened."""

    @contextmanager
    def open_played(settings: Settings) -> Iterator[PlayedCounter]:
        if seconds:
            time.sleep(seconds)
        try:
            yield counter
        finally:
            counter.jobs.close()

    return open_played
