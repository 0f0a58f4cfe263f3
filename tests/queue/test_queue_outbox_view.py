"""What the window's outbox shows and does, on a real store and a real intake."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import sync
from app.domain.outbox import OutboxEntry, Priority
from app.domain.states import Digitisation, Synchronisation
from app.jobs import Jobs
from app.workflow.counter import Counter
from app.workflow.deliver import save
from app.workflow.happenings import QueueProgress, tell_nobody
from app.workflow.outbox_view import Objection, outbox_view
from app.workflow.queue import Sender
from app.workflow.station import Desk
from app.workflow.verdicts import ask_verdicts

from .conftest import STATION_TOKEN, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """The counter's jobs, ended with the test."""
    made = Jobs(1)
    yield made
    made.close()


def _round(desk: Desk) -> None:
    for _ in Sender(desk, stopped=lambda: False, tell=tell_nobody).round(now_or_never=True):
        pass


def _other_bytes(folder: Path, submission_id: str) -> sync.Package:
    """A package under an id that another one has."""
    paper = folder / "other.pdf"
    paper.write_bytes(b"%PDF-1.7\nanother")
    sha256 = hashlib.sha256(paper.read_bytes()).hexdigest()
    return sync.seal_package(
        folder / "other.zip",
        submission_id=submission_id,
        files=[sync.PackageFile(paper, "data/a.pdf", sha256)],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 5, 20, tzinfo=UTC),
    )


def test_a_conflict_stands_before_the_clerk_and_goes_on_when_it_is_cleared(
    province: Province, desk_of: DeskOf, queued: Queued, tmp_path: Path, jobs: Jobs
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    with sync.IntakeClient(province.url, token=STATION_TOKEN) as client:
        client.deliver(_other_bytes(tmp_path, entry.submission_id))
    _round(desk)
    view = outbox_view(desk)
    (shown,) = view.in_need
    assert (shown.entry.state, shown.applicant_name) == (Synchronisation.STUCK, "Lò Thị Ví Dụ")
    assert shown.reason is not None
    assert shown.reason.code == "sync.conflict"
    assert (view.unsent, view.waiting, view.delivered, view.line) == (1, (), (), None)
    counter: Any = Counter(desk, jobs)  # type: ignore[arg-type]  # the queue needs no devices
    counter.send_again(entry.submission_id).result(20)  # the other bytes are still there
    (again,) = outbox_view(desk).in_need
    assert again.entry.attempts == 2
    assert [row.action for row in desk.store.audit.rows("D1")].count("retried") == 1


def test_what_was_sent_back_is_shown_until_it_is_mended(
    province: Province, desk_of: DeskOf, queued: Queued, jobs: Jobs
) -> None:
    desk = desk_of(province.url)
    queued(desk, 1, papers=2)
    _round(desk)
    province.reject((2, "unclear", "Mờ, không đọc được"), (0, "fee", "Chưa nộp lệ phí"))
    ask_verdicts(desk, stopped=lambda: False, tell=tell_nobody, everything=True)
    (shown,) = outbox_view(desk).in_need
    assert shown.objections == (
        Objection("Giấy tờ 2", "Mờ, không đọc được"),
        Objection("", "Chưa nộp lệ phí"),
    )
    counter: Any = Counter(desk, jobs)  # type: ignore[arg-type]
    counter.mend("D1")
    assert outbox_view(desk).in_need == ()
    assert desk.store.dossiers.get("D1").digitisation is Digitisation.CAPTURING


def test_waiting_and_delivered_ones_come_in_their_order(
    province: Province, desk_of: DeskOf, queued: Queued, jobs: Jobs
) -> None:
    desk = desk_of(province.url)
    for number in (1, 2, 3):
        queued(desk, number, at=desk.clock().replace(minute=number))
    counter: Any = Counter(desk, jobs)  # type: ignore[arg-type]
    counter.pause_sending()
    counter.send_now().result(20)
    view = outbox_view(desk)
    assert [one.entry.dossier_id for one in view.waiting] == ["D1", "D2", "D3"]
    assert view.status.paused
    counter.send_first(view.waiting[2].entry.submission_id).result(20)
    assert desk.store.outbox.get(view.waiting[2].entry.submission_id).priority is Priority.URGENT
    counter.go_on_sending().result(20)
    view = outbox_view(desk)
    assert [one.entry.dossier_id for one in view.delivered] == ["D3", "D2", "D1"]
    assert (view.waiting, view.unsent) == ((), 0)


def test_a_running_queue_is_woken_not_doubled(
    province: Province, desk_of: DeskOf, queued: Queued, jobs: Jobs
) -> None:
    desk = desk_of(province.url)
    counter: Any = Counter(desk, jobs)  # type: ignore[arg-type]
    running = counter.keep_sending(tell_nobody)
    entry = queued(desk, 1)
    counter.send_again(entry.submission_id)
    while desk.store.outbox.get(entry.submission_id).receipt is None:
        assert not running.done
    jobs.close()
    assert running.done
    assert desk.store.outbox.get(entry.submission_id).attempts == 1


def test_progress_counts_only_while_something_is_sent(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    told = QueueProgress(1, 10, 5.0, 2.0)
    assert outbox_view(desk, told).progress is None
    save(desk, replace(entry, state=Synchronisation.SENDING))
    assert outbox_view(desk, told).progress == told


def test_a_drive_takes_packages_and_brings_receipts(
    province: Province, desk_of: DeskOf, queued: Queued, jobs: Jobs, tmp_path: Path
) -> None:
    desk = desk_of("http://127.0.0.1:9", patience_s=1)
    queued(desk, 1)
    drive = tmp_path / "usb"
    drive.mkdir()
    counter: Any = Counter(desk, jobs)  # type: ignore[arg-type]
    assert counter.export_to(drive).result(20) == 1
    connector = sync.IntakeConnector(sync.IntakeClient(province.url, token=STATION_TOKEN))
    assert [one.error for one in sync.carry(drive, connector)] == [None]
    connector.close()
    assert counter.take_receipts(drive).result(20) == 1
    assert [one.entry.dossier_id for one in outbox_view(desk).delivered] == ["D1"]
