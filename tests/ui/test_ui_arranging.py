"""Pages moved, left out and put back in the window; the reason that sealing asks for."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.domain.errors import StationError, StationFault
from app.ui.screens.counter.phases import Stage
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


def numbers(window: MainWindow) -> list[int]:
    return [page.number for page in window.screen_.model.pages()]


def choosing(monkeypatch: pytest.MonkeyPatch, words: str, *, said: bool = True) -> list[str]:
    """Chooses the reason that begins so; what was asked comes into the list returned."""
    asked: list[str] = []

    def choose(
        _: Any, title: str, label: str, items: list[str], *rest: Any, **named: Any
    ) -> tuple[str, bool]:
        asked.append(title)
        return next(item for item in items if item.startswith(words)), said

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    return asked


def key(qtbot: QtBot, window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.screen_.desk.rail.setFocus()
    qtbot.keyClick(window.screen_.desk.rail, key, held)


def test_a_page_is_moved_by_its_keys_and_stays_selected(qtbot: QtBot, scanned: Scanned) -> None:
    window = scanned()
    window.screen_.desk.select_row(2)
    key(qtbot, window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: numbers(window) == [1, 3, 2, 4, 5, 6, 7, 8] and not window.work.busy)
    current = window.screen_.desk.current
    assert current is not None
    assert current.number == 3
    key(qtbot, window, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: numbers(window) == [1, 2, 3, 4, 5, 6, 7, 8] and not window.work.busy)
    window.screen_.desk.select_row(0)
    assert not window.commands.move_up.isEnabled()
    assert window.commands.move_down.isEnabled()


def test_a_page_is_left_out_for_a_reason_and_put_back(
    qtbot: QtBot, scanned: Scanned, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    row = next(r for r in range(8) if not window.screen_.model.page(r).flags)
    number = window.screen_.model.page(row).number
    window.screen_.desk.select_row(row)
    asked = choosing(monkeypatch, "Không thuộc")
    key(qtbot, window, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    qtbot.waitUntil(lambda: number not in numbers(window) and not window.work.busy)
    assert asked == ["Bỏ trang khỏi hồ sơ"]
    assert counter.asked[-1] == f"leave out {number} not-of-dossier"
    assert window.screen_.foot.hint.text().startswith("Ảnh vẫn giữ")
    key(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: numbers(window) == [1, 2, 3, 4, 5, 6, 7, 8] and not window.work.busy)


def test_a_blank_page_needs_no_question_and_a_second_thought_leaves_all(
    qtbot: QtBot, scanned: Scanned, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    asked = choosing(monkeypatch, "Không thuộc", said=False)
    plain = next(r for r in range(8) if not window.screen_.model.page(r).flags)
    window.screen_.desk.select_row(plain)
    window.commands.leave_out.trigger()
    assert len(asked) == 1
    assert len(numbers(window)) == 8
    blank = next(r for r in range(8) if "blank" in window.screen_.model.page(r).flags)
    window.screen_.desk.select_row(blank)
    window.commands.leave_out.trigger()
    qtbot.waitUntil(lambda: len(numbers(window)) == 7 and not window.work.busy)
    assert len(asked) == 1
    assert counter.asked[-1].endswith(" blank")


def test_sheets_fed_again_are_shown_and_left_out_at_once(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    window = opened_window()
    counter.fed_again = (4, 5)
    window.commands.scan.trigger()
    qtbot.waitUntil(window.commands.leave_fed_again.isEnabled, timeout=5000)
    assert window.screen_.desk.current.number == 4
    assert window.screen_.foot.hint.text().startswith("2 trang đầu")
    window.commands.leave_fed_again.trigger()
    qtbot.waitUntil(lambda: numbers(window) == [1, 2, 3, 6, 7, 8] and not window.work.busy)
    assert counter.asked[-1] == "leave out 4 5 fed-twice"
    assert not window.commands.leave_fed_again.isEnabled()


def test_an_order_that_needs_its_reason_is_confirmed_from_the_notice(
    qtbot: QtBot, scanned: Scanned, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    counter.fail_send = StationError(StationFault.ORDER_CHANGED, pages=2, first=3)
    window.commands.sign.trigger()
    window.screen_.pin_dialog.accept()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.notice.code == "station.order-changed" and not window.work.busy)
    asked = choosing(monkeypatch, "Giấy nạp lộn xộn")
    window.notice.button.click()
    qtbot.waitUntil(lambda: counter.asked[-1] == "confirm papers-mixed" and not window.work.busy)
    assert asked == ["Xác nhận cách xếp"]
    assert window.screen_.foot.hint.text().startswith("Đã ghi lý do")


def test_what_was_changed_is_shown_although_something_went_wrong(
    qtbot: QtBot, scanned: Scanned, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    plain = counter.leave_out

    def leave_out_and_fail(*given: Any) -> None:
        plain(*given)
        raise StationError(StationFault.EMPTY_COMPONENT, component="Giấy chứng sinh")

    monkeypatch.setattr(counter, "leave_out", leave_out_and_fail)
    blank = next(r for r in range(8) if "blank" in window.screen_.model.page(r).flags)
    window.screen_.desk.select_row(blank)
    window.commands.leave_out.trigger()
    qtbot.waitUntil(lambda: window.notice.code == "station.empty-component" and len(numbers(window)) == 7)
