"""Pages that come otherwise than by Scan: waited for, from files, backs, without the note on them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from app.ui.models.page_marks import mark_of
from app.ui.screens.counter.phases import Stage
from app.ui.window import MainWindow
from resources import specimens
from scanner import ScanError, ScanFault

Scanned = Callable[[], MainWindow]


@pytest.fixture
def scanned(qtbot: QtBot, opened_window: Any) -> Scanned:
    """Opens a window and scans the demo papers, eight images."""

    def make() -> MainWindow:
        window: MainWindow = opened_window()
        window.commands.scan.trigger()
        at_rest(qtbot, window)
        return window

    return make


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.work.stage is Stage.SIGN and not window.work.busy, timeout=5000)


def test_what_may_be_done_is_offered(opened_window: Any) -> None:
    commands = opened_window().commands
    assert commands.scan_when_asked.isEnabled()
    assert commands.import_files.isEnabled()
    assert not any(
        action.isEnabled() for action in (commands.scan_backs, commands.count_sheets, commands.without_note)
    )


def test_the_scanner_is_waited_for(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    window = opened_window()
    window.commands.scan_when_asked.trigger()
    at_rest(qtbot, window)
    assert counter.asked == ["wait"]
    assert len(window.work.pages) == 8


def test_a_page_is_scanned_again_without_its_note(qtbot: QtBot, scanned: Scanned, counter: Any) -> None:
    window = scanned()
    window.screen_.desk.select_row(1)
    page = window.screen_.desk.current
    assert page is not None
    window.commands.without_note.trigger()
    qtbot.waitUntil(lambda: not window.work.busy and len(window.work.pages) == 9, timeout=5000)
    assert counter.asked[-1] == f"without note {page.number}"
    assert [mark_of(page) for page in window.work.pages][1:3] == ["Có giấy nhớ", ""]


def test_backs_come_behind_their_fronts(qtbot: QtBot, scanned: Scanned, counter: Any) -> None:
    window = scanned()
    assert window.commands.scan_backs.isEnabled()
    window.commands.scan_backs.trigger()
    qtbot.waitUntil(lambda: not window.work.busy and len(window.work.pages) == 9, timeout=5000)
    assert counter.asked[-1] == "backs"
    assert [page.number for page in window.work.pages][:2] == [1, 9]


def test_files_are_chosen(
    qtbot: QtBot, scanned: Scanned, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    file = specimens.demo_stack()[1]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(file)], ""))
    window.commands.import_files.trigger()
    qtbot.waitUntil(lambda: not window.work.busy and len(window.work.pages) == 9, timeout=5000)
    assert file.name in counter.asked
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([], ""))
    window.commands.import_files.trigger()
    assert not window.work.busy


def mime(*files: Path) -> QMimeData:
    """What is dragged; it has to outlive the events that show it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    return data


def test_files_are_dropped(qtbot: QtBot, scanned: Scanned, counter: Any, tmp_path: Path) -> None:
    window = scanned()
    file, other = specimens.demo_stack()[1], tmp_path / "notes.docx"
    how = (Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    action, buttons, keys = how
    data = mime(file, other)
    window.screen_.dropEvent(QDropEvent(QPointF(5, 5), action, data, buttons, keys))
    qtbot.waitUntil(lambda: not window.work.busy and len(window.work.pages) == 9, timeout=5000)
    assert file.name in counter.asked
    for files, welcome in (((other,), False), ((file, other), True)):
        data = mime(*files)
        entering = QDragEnterEvent(QPoint(5, 5), action, data, buttons, keys)
        entering.ignore()
        window.screen_.dragEnterEvent(entering)
        assert entering.isAccepted() is welcome


def test_sheets_are_counted(
    qtbot: QtBot, scanned: Scanned, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scanned()
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (5, True))
    window.commands.count_sheets.trigger()
    qtbot.waitUntil(lambda: counter.dossiers["D1"].sheets_expected == 5, timeout=5000)
    qtbot.waitUntil(lambda: window.work.dossier.sheets_expected == 5, timeout=5000)  # type: ignore[union-attr]
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (0, True))
    window.commands.count_sheets.trigger()
    qtbot.waitUntil(lambda: counter.dossiers["D1"].sheets_expected is None, timeout=5000)


def test_after_a_jam_the_last_good_sheet_is_shown(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    window = opened_window()
    counter.fail_scan_after = (3, ScanError(ScanFault.JAMMED))
    window.commands.scan.trigger()
    qtbot.waitUntil(lambda: window.notice.code == "scan.jammed" and not window.work.busy, timeout=5000)
    shown = window.screen_.desk.current
    assert shown is not None
    assert shown.number == 3
    assert window.screen_.foot.hint.text().startswith("Tờ cuối đã nhận")
    assert window.commands.scan.text() == "Quét tiếp"
