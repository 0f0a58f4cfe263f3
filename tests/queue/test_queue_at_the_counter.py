"""The queue beside a counter at work: it goes on by itself, makes way for the clerk, and ends when told."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import sync
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.workflow.deliver import deliver
from app.workflow.happenings import BytesSent, EntrySettled, tell_nobody
from app.workflow.queue import Sender
from app.workflow.station import Desk
from sync.server import IntakeThread

from .conftest import STATION_TOKEN, Clock, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]
CHUNK = 64 * 1024


class Running:
    """A queue in a thread of its own."""

    def __init__(self, desk: Desk) -> None:
        self._stop = threading.Event()
        self.settled: dict[str, threading.Event] = {}
        self.guard = threading.Condition()
        self.states: list[tuple[str, Synchronisation]] = []
        self.sender = Sender(desk, stopped=self._stop.is_set, tell=self._hear)
        self._thread = threading.Thread(target=self.sender.run)

    def _hear(self, happening: object) -> None:
        if isinstance(happening, EntrySettled):
            with self.guard:
                self.states.append((happening.entry.dossier_id, happening.entry.state))
                self.guard.notify_all()

    def wait_for(self, dossier: str, state: Synchronisation) -> None:
        with self.guard:
            assert self.guard.wait_for(lambda: (dossier, state) in self.states, 30), self.states

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.sender.wake()
        self._thread.join(20)
        assert not self._thread.is_alive()


def test_it_sends_what_comes_and_asks_for_the_answer(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    with Running(desk) as running:
        entry = queued(desk, 1)
        running.sender.wake()
        running.wait_for("D1", Synchronisation.DELIVERED)
    assert desk.store.outbox.get(entry.submission_id).receipt is not None


def test_a_server_that_comes_back_is_found_without_anybody_kicking(
    desk_of: DeskOf, queued: Queued, clock: Clock, tmp_path: Path
) -> None:
    with IntakeThread(tmp_path / "first", tokens={"quay1": STATION_TOKEN}) as first:
        port = int(first.url.rsplit(":", 1)[1])
    desk = desk_of(f"http://127.0.0.1:{port}", patience_s=2)
    queued(desk, 1)
    with Running(desk) as running:
        running.wait_for("D1", Synchronisation.QUEUED)  # tried, and put off
        with IntakeThread(tmp_path / "first", port, tokens={"quay1": STATION_TOKEN}):
            clock.passes(minutes=20)
            running.sender.wake()
            running.wait_for("D1", Synchronisation.DELIVERED)


def test_the_clerks_dossier_goes_before_the_one_that_is_being_sent(
    province: Province, desk_of: DeskOf, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.tus_upload.LARGEST_CHUNK", CHUNK)
    desk = desk_of(province.url)
    queued(desk, 1, size=30 * CHUNK)
    clerks: OutboxEntry | None = None
    order: list[str] = []
    threads: list[threading.Thread] = []

    def counter(entry: OutboxEntry) -> None:
        deliver(desk, entry.submission_id, stopped=lambda: False, tell=tell_nobody)
        order.append("clerk")

    def tell(happening: object) -> None:
        nonlocal clerks
        if isinstance(happening, BytesSent) and happening.sent >= 3 * CHUNK and clerks is None:
            clerks = queued(desk, 2, at=desk.clock() + timedelta(hours=1))
            threads.append(threading.Thread(target=counter, args=(clerks,)))
            threads[0].start()
            while not desk.turn.wanted:
                pass
        if isinstance(happening, EntrySettled):
            order.append(happening.entry.dossier_id)

    for outcome in Sender(desk, stopped=lambda: False, tell=tell).round():
        assert outcome.error is None
    threads[0].join(20)
    assert order[0] == "clerk"
    assert "D1" in order


def test_two_at_once_send_a_package_once(province: Province, desk_of: DeskOf, queued: Queued) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1, size=200_000)
    told: list[sync.Acknowledgement] = []

    def send() -> None:
        told.append(deliver(desk, entry.submission_id, stopped=lambda: False, tell=tell_nobody))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == 4
    assert len({one.to_json() for one in told}) == 1
    assert desk.store.outbox.get(entry.submission_id).attempts == 1


def test_whoever_waits_for_the_line_can_be_stopped(desk_of: DeskOf, queued: Queued) -> None:
    desk = desk_of("http://127.0.0.1:9")
    entry = queued(desk, 1)
    with desk.turn.taken(lambda: False), pytest.raises(sync.SyncError) as caught:
        deliver(desk, entry.submission_id, stopped=lambda: True, tell=tell_nobody)
    assert caught.value.fault is sync.Fault.CANCELLED
    assert not desk.turn.wanted
