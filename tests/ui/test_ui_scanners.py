"""The sheet of scanners: inventory, test page, profiles, files; the window answers meanwhile."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.domain.device import KnownDevice
from app.ui.screens.scanners.sheet import ScannersSheet
from app.workflow.scanner_room import MeasuredPage, ShownProfile
from scanner import ScanError, ScanFault

DEVICES = (
    KnownDevice(
        id="escl|escl:1",
        maker="Fujitsu",
        model="fi-8170",
        serial="A12345",
        connection="network",
        capabilities="khay nạp, hai mặt; màu, xám; 600 dpi",
        pages_scanned=12480,
        last_test_at="2026-11-03T09:15:00+07:00",
        test_result="test.skewed, test.streaked",
    ),
    KnownDevice(
        id="sane|epjitsu:1", maker="Canon", model="DR-C225", serial="", connection="usb", capabilities=""
    ),
)
PROFILES = (
    ShownProfile("giay-to-a4", "Giấy tờ thường A4, màu", "feeder", "color", 300, 0, True, "mark", usual=True),
    ShownProfile("ban-do", "Bản đồ", "flatbed", "color", 400, 0, None, "ignore", locked=True),
)
GOOD = MeasuredPage("", (("Độ nét", "5.6 lp/mm"), ("Độ nghiêng", "+0.12°")), ())


@pytest.fixture
def sheet(qtbot: QtBot, opened_window: Any, counter: Any) -> Callable[[], ScannersSheet]:
    """Opens the sheet over a station with two scanners and two profiles."""

    def make() -> ScannersSheet:
        counter.scanner_room.devices = DEVICES
        counter.scanner_room.profiles = PROFILES
        counter.scanner_room.figures = GOOD
        window = opened_window()
        window.commands.scanners.trigger()
        qtbot.waitUntil(lambda: window.scanners.list.count() == 2, timeout=5000)
        shown: ScannersSheet = window.scanners
        return shown

    return make


def words(sheet: ScannersSheet) -> list[str]:
    return [sheet.devices.list.item(row).text() for row in range(sheet.devices.list.count())]


def test_the_inventory_tells_who_and_how_good(sheet: Callable[[], ScannersSheet]) -> None:
    first, second = words(sheet())
    assert first == (
        "Fujitsu fi-8170\nmạng · số máy A12345 · khay nạp, hai mặt; màu, xám; 600 dpi · 12480 trang đã quét"
        " · kiểm tra 03/11/2026 09:15: kéo giấy lệch, có vệt"
    )
    assert second == "Canon DR-C225\nUSB · 0 trang đã quét · chưa kiểm tra"


def test_scanners_are_looked_for_while_the_window_answers(
    qtbot: QtBot, sheet: Callable[[], ScannersSheet], counter: Any
) -> None:
    counter.gate = threading.Event()
    shown = sheet()
    counter.scanner_room.found = (KnownDevice("folder|x", "", "Máy photo", "", "folder", ""),)
    shown.search.click()
    assert not shown.search.isEnabled()
    assert shown.stop.isVisible()
    assert len(words(shown)) == 2
    counter.gate.set()
    qtbot.waitUntil(lambda: len(words(shown)) == 3 and shown.search.isEnabled(), timeout=5000)
    assert words(shown)[2].startswith("Máy photo\nthư mục")


def test_a_test_page_is_scanned_and_its_figures_are_told(
    qtbot: QtBot, sheet: Callable[[], ScannersSheet], counter: Any
) -> None:
    shown = sheet()
    shown.devices.list.setCurrentRow(1)
    shown.test.click()
    qtbot.waitUntil(shown.devices.figures.isVisible, timeout=5000)
    assert shown.devices.figures.text() == "Kết quả đo: đạt\nĐộ nét 5.6 lp/mm · Độ nghiêng +0.12°"
    counter.scanner_room.figures = MeasuredPage("", (("Số vệt", "2"),), ("có vệt",))
    qtbot.waitUntil(shown.test.isEnabled, timeout=5000)
    shown.test.click()
    qtbot.waitUntil(lambda: "cần xem lại (có vệt)" in shown.devices.figures.text(), timeout=5000)
    assert shown.devices.list.currentRow() == 1


def test_what_went_wrong_is_told_in_the_sheet_and_a_wait_can_be_stopped(
    qtbot: QtBot, sheet: Callable[[], ScannersSheet], counter: Any
) -> None:
    shown = sheet()
    counter.scanner_room.fail = ScanError(ScanFault.TEST_PAGE_ABSENT)
    shown.test.click()
    qtbot.waitUntil(lambda: shown.notice.code == "scan.test-page-absent", timeout=5000)
    counter.gate = threading.Event()
    qtbot.waitUntil(shown.test.isEnabled, timeout=5000)
    shown.test.click()
    assert shown.notice.code == ""
    shown.stop.click()
    qtbot.waitUntil(lambda: shown.notice.code == "station.cancelled", timeout=5000)
    assert shown.test.isEnabled()


def test_a_profile_is_changed_and_a_locked_one_is_not(
    qtbot: QtBot, sheet: Callable[[], ScannersSheet], counter: Any
) -> None:
    shown = sheet()
    form = shown.form
    assert form.title.text() == "Giấy tờ thường A4, màu"
    form.dpi.setValue(400)
    form.source.setCurrentIndex(form.source.findData("duplex"))
    form.multifeed.setCurrentIndex(form.multifeed.findData("device"))
    form.save.click()
    qtbot.waitUntil(lambda: counter.scanner_room.profiles[0].dpi == 400, timeout=5000)
    saved = counter.scanner_room.profiles[0]
    assert (saved.source, saved.multifeed, saved.title) == ("duplex", None, PROFILES[0].title)
    qtbot.waitUntil(lambda: shown.told.text() == "Đã lưu cấu hình.", timeout=5000)
    shown.list.setCurrentRow(1)
    assert not form.save.isEnabled()
    assert not form.dpi.isEnabled()
    assert form.lock.isVisible()
    shown.copy.click()
    qtbot.waitUntil(lambda: shown.list.count() == 3 and shown.list.currentRow() == 2, timeout=5000)
    assert form.dpi.isEnabled()
    form.title.setText("  ")
    assert not form.save.isEnabled()


def test_lists_and_profiles_go_into_files_and_come_from_them(
    qtbot: QtBot, sheet: Callable[[], ScannersSheet], counter: Any, tmp_path: Path
) -> None:
    shown = sheet()
    shown.save_as = lambda name, _: str(tmp_path / name)
    shown.open_file = lambda *_: str(tmp_path / "đơn vị.toml")
    for button, told in (
        (shown.page, "Đã lưu trang kiểm tra"),
        (shown.csv, "Đã xuất danh sách"),
        (shown.give, "Đã xuất các cấu hình"),
        (shown.take, "Đã nhập các cấu hình"),
    ):
        button.click()
        qtbot.waitUntil(lambda told=told: shown.told.text().startswith(told), timeout=5000)
    made = {"cau-hinh-quet.toml", "may-quet.csv", "trang-kiem-tra.pdf"}
    assert made <= {file.name for file in tmp_path.iterdir()}
    counter.scanner_room.fail = ScanError(ScanFault.PROFILE_BAD, field="toml", profile=0)
    shown.take.click()
    qtbot.waitUntil(lambda: shown.notice.code == "scan.profile-bad", timeout=5000)
    shown.save_as = lambda *_: ""
    shown.csv.click()
    assert shown.notice.code == "scan.profile-bad"


def test_every_field_has_its_name(sheet: Callable[[], ScannersSheet]) -> None:
    shown = sheet()
    for field in shown.form._fields():
        assert field.accessibleName()
    labels = [label for label in shown.form.findChildren(QLabel) if label.objectName() == "field-label"]
    assert all(label.buddy() is not None for label in labels)


def test_the_window_answers_while_many_scanners_come(
    qtbot: QtBot, sheet: Callable[[], ScannersSheet], counter: Any
) -> None:
    """Counted by the clock of the window's own thread: what others take of the processor is not its work."""
    shown = sheet()
    counter.scanner_room.found = tuple(replace(DEVICES[0], id=f"escl|{n}") for n in range(100))
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.thread_time()))
    timer.start(1)
    shown.search.click()
    qtbot.waitUntil(lambda: len(words(shown)) == 102 and shown.search.isEnabled(), timeout=10000)
    qtbot.waitUntil(lambda: len(beats) > 20, timeout=5000)
    timer.stop()
    assert max(after - before for before, after in pairwise(beats)) < 0.05
