"""A clerk's day at the window: keys, pages that appear, faults, the end."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.states import Digitisation, Synchronisation
from app.jobs import Job, Resource
from app.settings import Settings
from app.ui.screens.counter.phases import Known, Stage
from app.ui.window import MainWindow
from app.workflow.happenings import PageKept, PageRead, Tell

Key = Qt.Key


def idle(window: MainWindow) -> Callable[[], bool]:
    return lambda: not window.work.busy


def press(qtbot: QtBot, window: MainWindow, key: Key) -> None:
    """A key, given to whatever has the keyboard; there is no window manager that activates the window."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(QApplication.focusWidget() or window, key)


def scan_all(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.work.stage is Stage.SIGN and not window.work.busy, timeout=5000)


def test_a_whole_dossier_with_the_keyboard_only(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    window = opened_window()
    press(qtbot, window, Key.Key_F2)
    form = window.screen_.form
    assert form.name.hasFocus()
    assert form.name.text() == "Lò Thị Ví Dụ"
    assert form.checklist.keys() == ("1.001193.01", "1.001193.02", "1.001193.05")
    press(qtbot, window, Key.Key_F5)
    qtbot.waitUntil(lambda: window.work.stage is Stage.SIGN and not window.work.busy, timeout=5000)
    assert window.screen_.model.rowCount() == 8
    press(qtbot, window, Key.Key_F9)
    qtbot.waitUntil(lambda: window.screen_.pin_dialog is not None)
    dialog = window.screen_.pin_dialog
    qtbot.waitUntil(dialog.isActiveWindow)
    edit = dialog.pin
    assert edit.text() == "123456"
    qtbot.keyClick(edit, Key.Key_Return)
    assert edit.text() == ""
    assert not edit.isUndoAvailable()
    qtbot.waitUntil(lambda: window.work.result is not None, timeout=5000)
    qtbot.waitUntil(lambda: window.screen_.result.number == "BN-20261103-000041")
    assert window.screen_.result.isVisible()
    assert counter.pins == ["123456"]
    assert window.work.stage is Stage.RECEIPT
    press(qtbot, window, Key.Key_F2)
    assert window.work.dossier is None
    assert window.screen_.model.rowCount() == 0
    assert form.isVisible()


def test_the_pin_stays_nowhere(
    qtbot: QtBot, opened_window: Any, counter: Any, caplog: pytest.LogCaptureFixture
) -> None:
    window = opened_window()
    scan_all(qtbot, window)
    window.commands.sign.trigger()
    dialog = window.screen_.pin_dialog
    dialog.pin.setText("86420975")
    with caplog.at_level(logging.DEBUG):
        dialog.accept()
        qtbot.waitUntil(lambda: window.work.result is not None, timeout=5000)
    counter.pins.clear()
    kept = [vars(thing) for thing in (window, window.work, window.screen_, window.bridge)]
    assert "86420975" not in repr(kept)
    assert "86420975" not in caplog.text


def test_pages_appear_while_the_scanner_runs(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    counter.gate = threading.Event()
    window = opened_window()
    window.commands.scan.trigger()
    qtbot.waitUntil(window.commands.stop.isEnabled, timeout=5000)
    assert window.screen_.foot.stop.isVisible()
    assert not window.screen_.foot.scan.isVisible()
    assert window.work.stage is Stage.SCAN
    model = window.screen_.model
    assert model.rowCount() == 0
    with qtbot.waitSignal(model.rowsInserted):
        counter.gate.set()
    qtbot.waitUntil(idle(window), timeout=5000)
    assert model.rowCount() == 8
    assert window.screen_.desk.rail.currentIndex().row() == 7
    assert not window.screen_.foot.stop.isVisible()


def test_escape_stops_the_scan_and_what_came_stays(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    window = opened_window()
    counter.gate = _SomePages(3)
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: len(window.work.pages) == 3, timeout=5000)
    qtbot.keyClick(window, Key.Key_Escape)
    qtbot.waitUntil(idle(window), timeout=5000)
    assert window.notice.code == "station.cancelled"
    assert window.notice.property("tone") == "calm"
    assert window.screen_.model.rowCount() == 3
    assert window.commands.scan.isEnabled()
    assert not window.commands.stop.isEnabled()


def test_a_jam_is_told_in_three_parts_and_scanning_goes_on(
    qtbot: QtBot, opened_window: Any, counter: Any, jam: BaseException
) -> None:
    counter.fail_scan_after = (4, jam)
    window = opened_window()
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.notice.code == "scan.jammed", timeout=5000)
    assert window.notice.property("tone") == "bad"
    assert window.screen_.model.rowCount() == 4
    assert window.notice.button.text() == "Quét tiếp"
    qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.work.stage is Stage.SIGN and not window.work.busy, timeout=5000)
    assert window.screen_.model.rowCount() == 8
    assert window.notice.isHidden()
    assert len(counter.dossiers) == 1


@pytest.mark.logs_warnings
def test_a_bug_is_told_as_one_and_logged(
    qtbot: QtBot, opened_window: Any, counter: Any, caplog: pytest.LogCaptureFixture
) -> None:
    counter.fail_scan_after = (2, RuntimeError("broken"))
    window = opened_window()
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.notice.code == "bug", timeout=5000)
    assert any(record.exc_info and record.levelno == logging.ERROR for record in caplog.records)
    assert window.commands.scan.isEnabled()


def test_offline_leaves_the_signed_dossier_to_be_sent_without_a_pin(
    qtbot: QtBot, opened_window: Any, counter: Any, offline: BaseException
) -> None:
    window = opened_window()
    scan_all(qtbot, window)
    counter.fail_send = offline
    window.commands.sign.trigger()
    window.screen_.pin_dialog.accept()
    qtbot.waitUntil(lambda: window.notice.code == "sync.offline", timeout=5000)
    assert window.work.line is Known.AWAY
    dossier_id = window.work.dossier.id
    sealed = counter.dossiers[dossier_id].digitised(Digitisation.SIGNED).digitised(Digitisation.SEALED)
    counter.dossiers[dossier_id] = sealed
    window.work.take_up(dossier_id)
    qtbot.waitUntil(idle(window))
    assert window.commands.sign.text() == "Gửi"
    assert not window.commands.scan.isEnabled()
    window.commands.sign.trigger()
    assert window.screen_.pin_dialog is None
    qtbot.waitUntil(lambda: window.work.result is not None, timeout=5000)
    assert counter.pins == ["123456", ""]
    assert window.work.line is Known.GOOD


def test_a_cancelled_pin_dialog_signs_nothing(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    window = opened_window()
    scan_all(qtbot, window)
    window.commands.sign.trigger()
    dialog = window.screen_.pin_dialog
    edit = dialog.pin
    edit.setText("")
    assert not dialog.sign.isEnabled()
    edit.setText("9999")
    dialog.reject()
    assert edit.text() == ""
    assert counter.pins == []
    assert window.screen_.pin_dialog is None
    assert window.commands.sign.isEnabled()


@pytest.mark.parametrize(
    ("state", "words"),
    [("ready", ""), ("", ""), ("low", "nhập sai"), ("final-try", "một lần"), ("expired", "hết hạn")],
)
def test_what_the_token_says_of_its_pin_stands_above_the_box(
    qtbot: QtBot, opened_window: Any, counter: Any, state: str, words: str
) -> None:
    counter.pin_state = state
    window = opened_window()
    scan_all(qtbot, window)
    window.commands.sign.trigger()
    dialog = window.screen_.pin_dialog
    assert dialog.caution.isVisible() == bool(words)
    assert words in dialog.caution.text()
    dialog.reject()


def test_an_unfinished_dossier_is_taken_up(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    dossier = counter.add_unfinished()
    window = opened_window()
    qtbot.waitUntil(lambda: window.work.dossier is not None)
    assert window.work.dossier == dossier
    assert window.screen_.model.rowCount() == 2
    assert window.screen_.card.isVisible()
    shown = " ".join(label.text() for label in window.screen_.card.findChildren(type(window.screen_._title)))
    assert "011******235" in shown
    assert "011301001235" not in shown
    window.commands.new.trigger()
    assert window.work.dossier is None
    qtbot.waitUntil(lambda: len(window._unfinished.actions()) == 1)
    window._unfinished.actions()[0].trigger()
    qtbot.waitUntil(lambda: window.work.dossier == dossier)


def test_what_is_missing_is_said_below_its_box(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    window = opened_window()
    form = window.screen_.form
    form.start()
    window.commands.scan.trigger()
    assert counter.dossiers == {}
    assert form.name.hasFocus() or not window.isActiveWindow()
    assert not form._name_wrong.isHidden()
    assert not form._procedure_wrong.isHidden()
    qtbot.keyClicks(form.name, "Quang Van Mau")
    assert form._name_wrong.isHidden()
    qtbot.keyClicks(form.number, "12345")
    qtbot.keyClicks(form.procedure, "khai sinh")
    qtbot.keyClick(form.procedure, Key.Key_Return)
    assert form.procedure.procedure is not None
    assert form.reception() is None
    assert not form._number_wrong.isHidden()
    form.number.setText("011301001234")
    for box in form.checklist.boxes:
        box.setChecked(False)
    assert form.reception() is None
    assert not form._keys_wrong.isHidden()
    assert [box.isEnabled() for box in form.checklist.boxes] == [True, True, True, True, False, False]
    form.checklist.boxes[0].click()
    taken = form.reception()
    assert taken is not None
    assert taken.keys == ("1.001193.01",)


def test_a_room_that_cannot_be_opened_can_be_tried_again(
    qtbot: QtBot, opened_window: Any, counter: Any, in_use: BaseException
) -> None:
    faults = [in_use]

    @contextmanager
    def opener(settings: Settings) -> Iterator[Any]:
        if faults:
            raise faults.pop()
        yield counter

    window = opened_window(opener, wait=False)
    qtbot.waitUntil(lambda: window.notice.code == "station.in-use", timeout=5000)
    assert window.notice.button.text() == "Thử lại"
    assert window.screen_.desk._empty_title.text() == "Chưa mở được quầy"
    assert not window.commands.scan.isEnabled()
    qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.work.can_receive, timeout=5000)
    assert window.notice.isHidden()


def test_what_is_typed_while_the_room_is_being_opened_stays(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    go = threading.Event()

    @contextmanager
    def opener(settings: Settings) -> Iterator[Any]:
        go.wait(5)
        yield counter

    window = opened_window(opener, wait=False)
    form = window.screen_.form
    assert form.isEnabled()
    assert not window.commands.scan.isEnabled()
    qtbot.keyClicks(form.name, "Quang Van Mau")
    go.set()
    qtbot.waitUntil(lambda: window.work.can_receive, timeout=5000)
    assert form.name.text() == "Quang Van Mau"
    window.commands.new.trigger()
    assert form.name.text() == "Lò Thị Ví Dụ"


def test_closing_during_a_job_asks_then_stops_it(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    counter.gate = threading.Event()
    window = opened_window()
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.work.working, timeout=5000)
    window.close()
    assert window.isVisible()
    question = window.question
    assert question is not None
    stay, leave = (_button(question, text) for text in ("Ở lại", "Dừng và đóng"))
    stay.click()
    qtbot.waitUntil(lambda: window.question is None)
    assert window.work.working
    window.close()
    leave = _button(window.question, "Dừng và đóng")
    counter.view = lambda _: pytest.fail("the store is closing")
    began = time.perf_counter()
    with qtbot.waitSignal(window.left, timeout=5000):
        leave.click()
        assert time.perf_counter() - began < 0.05
        assert window.isHidden()
    assert window.opening.wait(2)


def test_closing_while_the_room_is_being_opened_waits_for_it(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    began, go, ended = threading.Event(), threading.Event(), threading.Event()

    @contextmanager
    def opener(settings: Settings) -> Iterator[Any]:
        began.set()
        go.wait(5)
        yield counter
        ended.set()

    window = opened_window(opener, wait=False)
    assert began.wait(5)
    window.close()
    assert window.isHidden()
    with qtbot.waitSignal(window.left, timeout=5000):
        go.set()
    assert ended.is_set()


def test_the_result_can_be_turned_over_and_its_folder_opened(
    qtbot: QtBot, opened_window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened_window()
    assert not window.commands.open_folder.isEnabled()
    scan_all(qtbot, window)
    window.commands.sign.trigger()
    window.screen_.pin_dialog.accept()
    qtbot.waitUntil(window.screen_.result.isVisible, timeout=5000)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window.screen_.result.folder_button.click()
    assert [Path(folder).name for folder in opened] == ["results"]
    window.screen_.result.pages_button.click()
    assert window.screen_.desk.isVisible()
    window.commands.result.trigger()
    assert window.screen_.result.isVisible()


def watch_for_waiting(counter: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions to the store that are asked on the window's own thread, as they come."""
    asked: list[str] = []

    def watched(name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def question(*given: Any, **named: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                asked.append(name)
            return ask(*given, **named)

        return question

    for name in ("view", "history", "unfinished", "unsent", "procedures", "fields", "receive", "left_out"):
        monkeypatch.setattr(counter, name, watched(name, getattr(counter, name)))
    return asked


def test_the_window_answers_while_two_hundred_pages_come(
    qtbot: QtBot, opened_window: Any, counter: Any, small_image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks at the clerk the window's thread works less than 50 ms, and it waits for nothing.

    What it works is counted by its own clock, which stands while others have the processor.
    """
    asked = watch_for_waiting(counter, monkeypatch)
    window = opened_window()

    def scan(dossier_id: str, tell: Tell) -> Job[None]:
        def work(job: Job[None]) -> None:
            counter._digitise(dossier_id, Digitisation.CAPTURING)
            job.step("scan")
            for number in range(1, 201):
                kept = counter._page(dossier_id, number, counter.sheet(small_image))
                counter.pages[dossier_id].append(kept)
                tell(PageKept(kept))
                job.report(number, 0)
                counter.pages[dossier_id][-1] = counter.read(kept)
                tell(PageRead(counter.pages[dossier_id][-1]))
                time.sleep(0.002)
            counter._digitise(dossier_id, Digitisation.CAPTURED)
            counter._digitise(dossier_id, Digitisation.READ)

        started: Job[None] = counter.jobs.start(Resource.SCANNER, "scan", work)
        return started

    monkeypatch.setattr(counter, "scan", scan)
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.thread_time()))
    timer.start(1)
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.screen_.model.rowCount() == 200 and not window.work.busy, timeout=20000)
    timer.stop()
    gaps = sorted(after - before for before, after in itertools.pairwise(beats))
    assert len(gaps) > 50
    assert gaps[-1] < 0.05, f"longest work {gaps[-1] * 1000:.0f} ms"
    assert asked == []


def test_a_delivered_dossier_counts_as_sent(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    dossier = counter.add_unfinished()
    counter.dossiers[dossier.id] = dossier.synchronised(Synchronisation.QUEUED)
    window = opened_window()
    qtbot.waitUntil(lambda: window.work.dossier is not None)
    assert window.screen_.foot.unsent.text == "1 hồ sơ chờ gửi"


class _SomePages(threading.Event):
    """Lets a number of pages through, then none."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._left = count

    def wait(self, timeout: float | None = None) -> bool:
        if self._left > 0:
            self._left -= 1
            return True
        return super().wait(timeout)


def _button(box: Any, text: str) -> QPushButton:
    found = next(button for button in box.buttons() if button.text() == text)
    assert isinstance(found, QPushButton)
    return found
