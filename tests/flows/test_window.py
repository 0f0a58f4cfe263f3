"""The window does the main job for real: scan, read, sign, send, receipt, with the keys a clerk presses."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.settings import Settings
from app.store import Store
from app.ui.style import Style
from app.ui.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """The real window on a training room of its own."""
    settings = Settings(data_folder=str(tmp_path))
    shown = MainWindow(settings, Style(qapp))
    shown.show()
    with qtbot.waitSignal(shown.work.changed, timeout=30_000):
        shown.open_counter()
    qtbot.waitUntil(lambda: shown.work.can_scan, timeout=30_000)
    yield shown
    with qtbot.waitSignal(shown.left, timeout=30_000):
        shown.close()
    shown.opening.wait()
    shown.deleteLater()


@pytest.mark.timeout(180)
def test_scan_sign_and_send_with_the_keyboard(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    work = window.work
    kept: list[Any] = []
    work.pages_changed.connect(lambda _: kept.append(len(work.pages)))

    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: work.can_sign and not work.busy, timeout=90_000)
    assert len(work.pages) == 8
    assert kept == sorted(kept)
    assert len(set(kept)) > 1  # pages came one after the other, not all at the end
    assert not window.notice.isVisible()
    window.grab().save(str(tmp_path / "scanned.png"))

    delivered: list[Any] = []
    work.delivered.connect(delivered.append)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None, timeout=5_000)
    dialog = QApplication.activeModalWidget()
    pin = dialog.findChild(QLineEdit)
    if not pin.text():
        qtbot.keyClicks(pin, "123456")
    qtbot.keyClick(pin, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(delivered), timeout=90_000)

    result = delivered[0]
    assert [component.pages for component in result.components] == [2, 1, 2]
    assert result.server_sha256 == result.package_sha256
    assert all(component.pdf.is_file() for component in result.components)
    qtbot.waitUntil(lambda: not work.busy, timeout=10_000)
    assert work.unsent == 0
    window.grab().save(str(tmp_path / "sent.png"))


@pytest.mark.timeout(120)
def test_closing_in_the_middle_of_a_scan_loses_nothing(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    settings = Settings(data_folder=str(tmp_path))
    window = MainWindow(settings, Style(qapp))
    window.show()
    window.open_counter()
    qtbot.waitUntil(lambda: window.work.can_scan, timeout=30_000)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: len(window.work.pages) >= 2, timeout=30_000)
    seen = len(window.work.pages)
    window.work.stop()
    qtbot.waitUntil(lambda: not window.work.busy, timeout=30_000)
    with qtbot.waitSignal(window.left, timeout=30_000):
        window.close()
    window.opening.wait()
    window.deleteLater()
    with Store(settings.work_folder()) as store:
        (dossier,) = store.dossiers.unfinished()
        pages = store.dossiers.pages(dossier.id)
        assert len(pages) >= seen
        for page in pages:
            store.blobs.read(page.original)
