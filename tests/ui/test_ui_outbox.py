"""The outbox in the window: why a package is stuck or was sent back, and the button that goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.domain.outbox import OutboxEntry, Priority
from app.domain.states import Synchronisation
from app.jobs import Job, Resource
from app.ui.screens.outbox.entry_card import EntryCard
from app.ui.screens.outbox.sheet import OutboxSheet
from app.ui.style import Style, Theme
from app.ui.window import MainWindow
from app.workflow.happenings import QueueProgress
from app.workflow.outbox_view import Objection, OutboxView, Reason, ShownEntry
from app.workflow.queue import QueueStatus

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=timezone(timedelta(hours=7)))


def shown(number: int, state: Synchronisation, **more: Any) -> ShownEntry:
    """An entry that is number so-and-so of the day."""
    entry = OutboxEntry(
        submission_id=f"01JD5N0Q8R7TB2M4K6X9{number:06d}",
        dossier_id=f"D{number}",
        dossier_code=f"H18.19-261103-{number:04d}",
        package=f"{number:064x}",
        package_bytes=1_200_000 * number,
        state=state,
        queued_at=NOON + timedelta(minutes=number),
    )
    told = {name: more.pop(name) for name in ("reason", "objections") if name in more}
    return ShownEntry(replace(entry, **more), "Đăng ký khai sinh", "Lò Thị Ví Dụ", **told)


CONFLICT = shown(
    1,
    Synchronisation.STUCK,
    attempts=1,
    last_error="sync.conflict",
    reason=Reason("sync.conflict", {"reason": "bytes"}),
)
SENT_BACK = shown(
    2,
    Synchronisation.REJECTED,
    delivered_at=NOON,
    objections=(Objection("Giấy chứng sinh", "Thiếu dấu của bệnh viện"), Objection("", "Sai <b>thủ tục</b>")),
)
WAITING = shown(
    3,
    Synchronisation.QUEUED,
    attempts=2,
    next_try_at=NOON + timedelta(minutes=30),
    last_error="sync.offline",
    reason=Reason("sync.offline", {}),
)
SENDING = shown(4, Synchronisation.SENDING, priority=Priority.URGENT)
DELIVERED = shown(5, Synchronisation.DELIVERED, delivered_at=NOON)
FULL = OutboxView(
    status=QueueStatus(62, 90_000_000, 1, 1, 7, False, "sync.offline", NOON + timedelta(minutes=5), -7200),
    in_need=(CONFLICT, SENT_BACK),
    waiting=(SENDING, WAITING),
    delivered=(DELIVERED,),
    line=Reason("sync.offline", {}),
)


@pytest.fixture
def sheet(qtbot: QtBot, opened_window: Any, counter: Any) -> OutboxSheet:
    """The outbox opened over a queue in which everything has happened."""
    counter.outbox = FULL
    window: MainWindow = opened_window()
    window.commands.outbox.trigger()
    qtbot.waitUntil(lambda: len(window.outbox.cards) == 5)
    assert window.outbox.isVisible()
    return window.outbox


def card(sheet: OutboxSheet, entry: ShownEntry) -> EntryCard:
    """The card that shows an entry."""
    code = entry.entry.dossier_code
    return next(one for one in sheet.cards if code in one.accessibleName())


def test_a_conflict_is_told_with_what_to_do_next(sheet: OutboxSheet) -> None:
    stuck = card(sheet, CONFLICT)
    assert stuck.state.text() == "Cần xem lại"
    assert "đã có một gói hồ sơ khác với cùng mã gửi" in stuck.reason.text()
    assert "đối chiếu hai gói hồ sơ" in stuck.reason.text()
    assert "sync.conflict" in stuck.reason.text()
    assert stuck.again.isVisible()
    assert not stuck.correct.isVisible()
    assert sheet.cards[0] is stuck  # what needs somebody comes first


def test_the_province_s_words_stand_by_the_paper_they_are_about_and_are_no_markup(sheet: OutboxSheet) -> None:
    back = card(sheet, SENT_BACK)
    assert back.reason.text() == (
        "Giấy chứng sinh: Thiếu dấu của bệnh viện\nHồ sơ nói chung: Sai <b>thủ tục</b>"
    )
    assert back.reason.textFormat() is Qt.TextFormat.PlainText
    assert back.correct.isVisible()
    assert not back.again.isVisible()


def test_the_queue_as_a_whole_is_told(sheet: OutboxSheet) -> None:
    assert sheet.counts.text() == (
        "62 gói chờ (90,0 MB) · 1 gói cần xem lại · 1 gói bị trả lại · 7 gói đã có biên nhận"
    )
    assert "tự thử lại lúc 03/11/2026 12:05" in sheet.line.text()
    assert "7200 giây" in sheet.line.text()
    assert "và 60 gói nữa" in [label.text() for label in sheet.findChildren(QLabel)]
    assert "thử lại lúc 03/11/2026 12:30" in card(sheet, WAITING)._facts.text()
    assert "gửi trước" in card(sheet, SENDING)._facts.text()


def test_how_far_the_queue_is_is_told_while_it_sends(qtbot: QtBot, sheet: OutboxSheet, counter: Any) -> None:
    assert not sheet.sending.isVisible()
    counter.outbox = replace(FULL, progress=QueueProgress(62, 90_000_000, 64_000, 1406.0))
    sheet._work.look()
    qtbot.waitUntil(sheet.sending.isVisible)
    assert sheet.sending.text() == "Đang gửi: còn 62 gói · 90,0 MB · 64 KB/giây · còn khoảng 23 phút"


def test_the_foot_says_that_something_needs_a_look_and_leads_there(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    counter.outbox = FULL
    window: MainWindow = opened_window()
    mark = window.screen_.foot.unsent
    qtbot.waitUntil(lambda: mark.text == "2 hồ sơ cần xem lại")
    qtbot.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert window.outbox.isVisible()
    window.outbox.reject()
    counter.outbox = replace(FULL, in_need=())
    window.outbox_work.look()
    qtbot.waitUntil(lambda: mark.text == "63 hồ sơ chờ gửi")


@pytest.mark.parametrize(
    ("entry", "button", "asked"),
    [
        (CONFLICT, "again", f"again {CONFLICT.entry.submission_id}"),
        (WAITING, "again", f"again {WAITING.entry.submission_id}"),
        (WAITING, "first", f"first {WAITING.entry.submission_id}"),
    ],
)
def test_each_button_asks_for_what_it_says(
    qtbot: QtBot, sheet: OutboxSheet, counter: Any, entry: ShownEntry, button: str, asked: str
) -> None:
    qtbot.mouseClick(getattr(card(sheet, entry), button), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: counter.asked == [asked])


def test_pausing_and_going_on(qtbot: QtBot, sheet: OutboxSheet, counter: Any) -> None:
    sheet.pause.click()
    qtbot.waitUntil(lambda: counter.asked == ["pause"])
    counter.outbox = replace(FULL, status=replace(FULL.status, paused=True))
    sheet._work.look()
    qtbot.waitUntil(lambda: sheet.pause.text() == "Gửi tiếp")
    assert "Đang tạm dừng gửi" in sheet.line.text()
    sheet.pause.click()
    qtbot.waitUntil(lambda: counter.asked == ["pause", "go on"])


def test_support_gets_ids_and_nothing_of_the_applicant(sheet: OutboxSheet) -> None:
    card(sheet, CONFLICT).copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.splitlines() == [
        CONFLICT.entry.dossier_code,
        CONFLICT.entry.submission_id,
        CONFLICT.entry.package,
        "sync.conflict",
    ]


def test_mending_closes_the_sheet_and_takes_the_dossier_up(
    qtbot: QtBot, opened_window: Any, counter: Any
) -> None:
    dossier = counter.add_unfinished()
    other = counter.add_unfinished()
    back = replace(SENT_BACK, entry=replace(SENT_BACK.entry, dossier_id=other.id))
    counter.outbox = replace(FULL, in_need=(back,))
    window: MainWindow = opened_window()
    assert window.work.dossier == dossier
    window.commands.outbox.trigger()
    qtbot.waitUntil(lambda: len(window.outbox.in_need.cards) == 1)
    window.outbox.in_need.cards[0].correct.click()
    qtbot.waitUntil(lambda: window.work.dossier is not None and window.work.dossier.id == other.id)
    assert counter.asked == [f"mend {other.id}"]
    assert not window.outbox.isVisible()


def test_a_fault_is_told_on_the_sheet(
    qtbot: QtBot, sheet: OutboxSheet, counter: Any, offline: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise offline

    monkeypatch.setattr(counter, "send_again", refuse)
    card(sheet, CONFLICT).again.click()
    qtbot.waitUntil(lambda: sheet.notice.code == "sync.offline")


def test_packages_go_onto_a_drive_and_receipts_come_back(
    qtbot: QtBot, sheet: OutboxSheet, counter: Any, tmp_path: Path, jam: BaseException
) -> None:
    carried: list[tuple[str, Path]] = []

    def job(what: str, result: int | BaseException) -> Callable[[Path], Job[int]]:
        def work(_: Job[int]) -> int:
            if isinstance(result, BaseException):
                raise result
            return result

        def start(drive: Path) -> Job[int]:
            carried.append((what, drive))
            started: Job[int] = counter.jobs.start(Resource.DRIVE, what, work)
            return started

        return start

    counter.export_to, counter.take_receipts = job("export", 3), job("receipts", 2)
    sheet.choose_folder = lambda _title: ""
    sheet.export.click()
    assert carried == []  # nobody chose a drive
    sheet.choose_folder = lambda _title: str(tmp_path)
    sheet.export.click()
    qtbot.waitUntil(lambda: sheet.carried.text().startswith("Đã chép 3 gói ra USB"))
    qtbot.waitUntil(sheet.receipts.isEnabled)
    sheet.receipts.click()
    qtbot.waitUntil(lambda: sheet.carried.text() == "Đã nhận 2 biên nhận.")
    qtbot.waitUntil(sheet.export.isEnabled)
    counter.export_to = job("export", jam)
    sheet.export.click()
    qtbot.waitUntil(lambda: sheet.notice.code == "scan.jammed")
    qtbot.waitUntil(sheet.export.isEnabled)
    assert [what for what, _ in carried] == ["export", "receipts", "export"]


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK, Theme.CONTRAST])
def test_it_can_be_drawn_in_every_look(
    sheet: OutboxSheet, style: Style, tmp_path: Path, theme: Theme
) -> None:
    style.choose(theme=theme)
    picture = sheet.grab()
    assert picture.save(str(tmp_path / "outbox.png"))
    assert picture.toImage().pixelColor(4, 4) == style.look.colour("window")
    nameless = [one for one in sheet.cards if not one.again.accessibleName()]
    assert nameless == []
