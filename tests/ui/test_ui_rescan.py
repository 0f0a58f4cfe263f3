"""One page again in its place, and a page between others: commands, what is said, faults, what is kept."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.states import Digitisation
from app.ui.screens.counter.phases import Doing, Stage
from app.ui.window import MainWindow

Scanned = Callable[[], MainWindow]


@pytest.fixture
def scanned(qtbot: QtBot, opened_window: Any) -> Scanned:
    """Opens a window and scans the demo papers, eight images."""

    def make() -> MainWindow:
        window: MainWindow = opened_window()
        window.commands.scan.trigger()
        qtbot.waitUntil(lambda: window.work.stage is Stage.SIGN and not window.work.busy, timeout=5000)
        return window

    return make


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    """Ctrl with a key, given to whatever has the keyboard."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(QApplication.focusWidget() or window, key, Qt.KeyboardModifier.ControlModifier)


def done(qtbot: QtBot, window: MainWindow, images: int) -> None:
    """Waits until the job has ended and so many images were ever scanned."""

    def ended() -> bool:
        counter, dossier = window.work.counter, window.work.dossier
        assert counter is not None
        assert dossier is not None
        return not window.work.busy and len(counter.history(dossier.id)) == images

    qtbot.waitUntil(ended, timeout=5000)


def numbers(window: MainWindow) -> list[int]:
    return [page.number for page in window.screen_.model.pages()]


def titles(window: MainWindow) -> list[str]:
    model = window.screen_.model
    return [model.index(row).data() for row in range(model.rowCount())]


def offered(window: MainWindow) -> list[bool]:
    return [action.isEnabled() for action in window.commands.of_a_page()]


def test_a_page_is_scanned_again_in_its_place(qtbot: QtBot, scanned: Scanned, counter: Any) -> None:
    window = scanned()
    desk = window.screen_.desk
    desk.select_row(2)
    old = desk.current
    assert old is not None
    counter.spot_sheet = replace(counter.stack[2], confidence=99.2)
    press(qtbot, window, Qt.Key.Key_R)
    done(qtbot, window, images=9)
    assert numbers(window) == [1, 2, 9, 4, 5, 6, 7, 8]
    new = desk.current
    assert new is not None
    assert (new.number, new.place, new.component_id) == (9, old.place, old.component_id)
    assert titles(window)[2] == "Trang 3"
    assert window.work.pages == window.screen_.model.pages()
    assert desk.facts._title.text() == "Trang 3"
    assert desk.facts._scanned.text() == "Quét lại lúc 03/11/2026 08:09, ảnh cũ giữ trong lịch sử"
    assert not desk.facts._scanned_label.isVisibleTo(desk)
    assert window.work.stage is Stage.SIGN
    assert [page.number for page in counter.history(window.work.dossier.id)] == list(range(1, 10))  # type: ignore[union-attr]
    desk.select_row(3)
    assert desk.facts._scanned.text() == "03/11/2026 08:06"
    assert desk.facts._scanned_label.isVisibleTo(desk)


def test_the_old_page_stays_until_the_new_one_is_safe(qtbot: QtBot, scanned: Scanned, counter: Any) -> None:
    window = scanned()
    window.screen_.desk.select_row(2)
    counter.gate, counter.reading_gate = threading.Event(), threading.Event()
    window.commands.rescan.trigger()
    words = "Đặt tờ cần quét lại vào khay, ảnh mới sẽ thay trang 3."
    assert window.screen_.foot.progress.words == words
    steps: list[str] = []
    window.work.progressed.connect(lambda progress: steps.append(progress.step))
    qtbot.waitUntil(lambda: window.work.working and "scan" in steps, timeout=5000)
    assert window.screen_.foot.progress.words == words
    assert window.screen_.foot.progress.isVisible()
    assert numbers(window) == list(range(1, 9))
    assert offered(window) == [False] * 3
    counter.gate.set()
    qtbot.waitUntil(lambda: 9 in numbers(window), timeout=5000)
    assert (
        window.work.doing is Doing.SCANNING
    )  # the old one went once the new one was kept, before it was read
    assert numbers(window) == [1, 2, 9, 4, 5, 6, 7, 8]
    qtbot.waitUntil(lambda: window.screen_.foot.progress.words.startswith("Đang quét"), timeout=5000)
    counter.reading_gate.set()
    done(qtbot, window, images=9)
    assert window.screen_.model.page(2).is_read
    assert offered(window) == [True] * 3


def test_a_page_is_put_behind_another_and_shown(qtbot: QtBot, scanned: Scanned, counter: Any) -> None:
    window = scanned()
    desk = window.screen_.desk
    desk.select_row(1)
    before = desk.current
    assert before is not None
    counter.gate = threading.Event()
    press(qtbot, window, Qt.Key.Key_I)
    assert window.screen_.foot.progress.words == "Đặt tờ cần chèn vào khay, trang mới sẽ đứng sau trang 2."
    counter.gate.set()
    done(qtbot, window, images=9)
    assert numbers(window) == [1, 2, 9, 3, 4, 5, 6, 7, 8]
    assert titles(window)[1:5] == ["Trang 2", "Trang 3", "Trang 4", "Tờ phân tách"]
    shown = desk.current
    assert shown is not None
    assert (shown.number, shown.component_id) == (9, before.component_id)
    assert desk.facts._scanned.text() == "03/11/2026 08:09"


def test_what_was_scanned_again_is_known_at_the_next_start(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    first = opened_window()
    first.commands.scan.trigger()
    qtbot.waitUntil(lambda: first.work.stage is Stage.SIGN and not first.work.busy, timeout=5000)
    first.screen_.desk.select_row(4)
    first.commands.rescan.trigger()
    done(qtbot, first, images=9)
    dossier_id = first.work.dossier.id
    first.work.new()
    first.work.take_up(dossier_id)
    qtbot.waitUntil(lambda: first.screen_.model.rowCount() == 8)
    model = first.screen_.model
    assert [model.is_rescanned(page) for page in model.pages()] == [row == 4 for row in range(8)]


def test_the_commands_want_a_page_peace_and_no_signature(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    window = opened_window()
    assert offered(window) == [False] * 3
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.work.stage is Stage.SIGN and not window.work.busy, timeout=5000)
    assert offered(window) == [True] * 3
    window.screen_.desk.select_row(-1)
    assert offered(window) == [False] * 3
    window.screen_.feeding._rescan()
    window.screen_.feeding._insert_page()
    assert not window.work.busy
    window.screen_.desk.select_row(0)
    assert offered(window) == [True] * 3
    dossier_id = window.work.dossier.id
    for wanted in (Digitisation.BUILT, Digitisation.SIGNED):
        counter._digitise(dossier_id, wanted)
        window.work.take_up(dossier_id)
        qtbot.waitUntil(lambda: not window.work.busy)
        assert offered(window) == [wanted is Digitisation.BUILT] * 3
    window.commands.new.trigger()
    assert offered(window) == [False] * 3


def test_the_rail_offers_them_in_its_own_menu(scanned: Scanned) -> None:
    window = scanned()
    rail = window.screen_.desk.rail
    assert rail.contextMenuPolicy() is Qt.ContextMenuPolicy.ActionsContextMenu
    commands = window.commands
    own = (*commands.of_a_page(), *commands.of_its_looks(), *commands.of_the_order())
    assert rail.actions() == list(own)
    assert [action.text() for action in rail.actions()][:4] == [
        "Quét lại trang này",
        "Chèn trang sau trang này",
        "Chụp lại trang này sau khi bóc giấy nhớ",
        "Xoay trang sang trái",
    ]


@pytest.mark.parametrize(("name", "images"), [("rescan", 9), ("insert_page", 9)])
def test_a_fault_leaves_everything_and_the_same_command_goes_on(
    qtbot: QtBot, scanned: Scanned, counter: Any, jam: BaseException, name: str, images: int
) -> None:
    window = scanned()
    window.screen_.desk.select_row(2)
    counter.fail_spot = jam
    command = getattr(window.commands, name)
    command.trigger()
    qtbot.waitUntil(lambda: window.notice.code == "scan.jammed", timeout=5000)
    assert numbers(window) == list(range(1, 9))
    assert window.screen_.desk.current == window.screen_.model.page(2)
    assert window.notice.button.text() == command.text()
    assert window.commands.sign.isEnabled()
    assert window.screen_.foot.hint.text().endswith("bấm F9 để ký và gửi.")
    qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
    done(qtbot, window, images)
    assert window.notice.isHidden()
    assert window.work.stage is Stage.SIGN


def test_escape_leaves_the_old_page(qtbot: QtBot, scanned: Scanned, counter: Any) -> None:
    window = scanned()
    window.screen_.desk.select_row(2)
    counter.gate = threading.Event()
    window.commands.rescan.trigger()
    qtbot.waitUntil(window.commands.stop.isEnabled, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.work.busy, timeout=5000)
    assert window.notice.code == "station.cancelled"
    assert numbers(window) == list(range(1, 9))


def test_a_store_that_cannot_be_read_meanwhile_is_told_of_once(
    qtbot: QtBot, scanned: Scanned, counter: Any, in_use: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    window.screen_.desk.select_row(2)
    told: list[object] = []
    window.work.failed.connect(told.append)
    faults = [in_use]
    view = counter.view

    def failing(dossier_id: str) -> object:
        if faults:
            raise faults.pop()
        return view(dossier_id)

    monkeypatch.setattr(counter, "view", failing)
    window.commands.rescan.trigger()
    done(qtbot, window, images=9)
    assert told == []
    assert numbers(window) == [1, 2, 9, 4, 5, 6, 7, 8]


def test_a_page_scanned_twice_is_marked_and_counted(
    qtbot: QtBot, scanned: Scanned, counter: Any, tmp_path: Path
) -> None:
    window = scanned()
    desk = window.screen_.desk
    line = desk.counts.text().replace("\N{NO-BREAK SPACE}", " ")
    assert line == "8 ảnh · 5 trang · 3 tờ phân tách · 1 trang trắng?"
    desk.select_row(1)
    counter.spot_sheet = replace(counter.stack[1], flags=("twice",))
    window.commands.insert_page.trigger()
    done(qtbot, window, images=9)
    assert desk._mark.text() == "Quét hai lần?"
    assert desk._mark.isVisibleTo(desk)
    assert desk.facts._marks.text() == "• Có vẻ đã quét hai lần"
    line = desk.counts.text().replace("\N{NO-BREAK SPACE}", " ")
    assert line == "9 ảnh · 6 trang · 3 tờ phân tách · 1 trang trắng? · 1 trang quét hai lần?"
    assert window.grab().save(str(tmp_path / "twice.png"))


def test_what_is_signed_after_a_rescan_has_no_page_too_many(
    qtbot: QtBot, scanned: Scanned, counter: Any
) -> None:
    window = scanned()
    window.screen_.desk.select_row(2)
    window.commands.rescan.trigger()
    done(qtbot, window, images=9)
    window.commands.sign.trigger()
    window.screen_.pin_dialog.accept()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.work.result is not None, timeout=5000)
    assert sum(component.pages for component in window.work.result.components) == 5  # type: ignore[union-attr]
    assert offered(window) == [False] * 3
