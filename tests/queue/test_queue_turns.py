"""Whose turn it is: urgency, pauses, caps, lines that fail, packages that nobody takes."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import sync
from app.domain.outbox import OutboxEntry, Priority
from app.domain.sending import allowed, parse_caps
from app.domain.states import Synchronisation
from app.workflow.deliver import deliver
from app.workflow.happenings import BytesSent, EntrySettled, QueueProgress, tell_nobody
from app.workflow.outbox_acts import put_back
from app.workflow.queue import PAUSED, Sender, line_free, line_next, note_line, status
from app.workflow.station import Desk

from .conftest import NOW, Clock, Heard, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]
CHUNK = 64 * 1024


def never() -> bool:
    return False


def sent(desk: Desk, **options: Any) -> list[tuple[str, str | None]]:
    """One round: dossiers in the order of sending, with the code of what went wrong."""
    sender = Sender(desk, stopped=never, tell=options.pop("tell", tell_nobody))
    return [(o.entry.dossier_id, o.error.code if o.error else None) for o in sender.round(**options)]


def test_the_most_urgent_goes_first_then_the_oldest(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    queued(desk, 1, priority=Priority.BACKLOG)
    queued(desk, 2, at=NOW + timedelta(minutes=2))
    queued(desk, 3, at=NOW + timedelta(minutes=1))
    queued(desk, 4, priority=Priority.URGENT, at=NOW + timedelta(minutes=3))
    assert sent(desk) == [("D4", None), ("D3", None), ("D2", None), ("D1", None)]
    assert sent(desk) == []


def test_an_urgent_dossier_starts_within_one_chunk(
    province: Province, desk_of: DeskOf, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.tus_upload.LARGEST_CHUNK", CHUNK)
    desk = desk_of(province.url)
    large = queued(desk, 1, size=20 * CHUNK)
    order: list[str] = []
    at_arrival: list[int] = []

    def tell(happening: object) -> None:
        if isinstance(happening, BytesSent):
            if happening.sent >= 5 * CHUNK and not at_arrival:
                at_arrival.append(happening.sent)
                queued(desk, 2, priority=Priority.URGENT)
            elif at_arrival and not order and happening.total == large.package_bytes:
                at_arrival.append(happening.sent)
        if isinstance(happening, EntrySettled):
            order.append(happening.entry.dossier_id)

    assert sent(desk, tell=tell) == [("D2", None), ("D1", None)]
    assert order == ["D2", "D1"]
    # Not a byte of the large one went out after the urgent one stood in the queue.
    assert max(at_arrival) - at_arrival[0] <= CHUNK
    assert desk.store.outbox.get(large.submission_id).attempts == 1


def test_what_gave_way_goes_on_where_it_stopped(
    province: Province, desk_of: DeskOf, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.tus_upload.LARGEST_CHUNK", CHUNK)
    desk = desk_of(province.url)
    entry = queued(desk, 1, size=8 * CHUNK)
    seen: list[int] = []
    with pytest.raises(sync.SyncError) as aside:
        deliver(
            desk,
            entry.submission_id,
            stopped=never,
            tell=lambda happening: seen.append(happening.sent) if isinstance(happening, BytesSent) else None,
            give_way=lambda: bool(seen) and seen[-1] >= 3 * CHUNK,
        )
    assert aside.value.fault is sync.Fault.GAVE_WAY
    put_aside = desk.store.outbox.get(entry.submission_id)
    assert (put_aside.state, put_aside.attempts, put_aside.next_try_at) == (Synchronisation.QUEUED, 0, None)
    again: list[int] = []
    deliver(
        desk,
        entry.submission_id,
        stopped=never,
        tell=lambda happening: again.append(happening.sent) if isinstance(happening, BytesSent) else None,
    )
    assert again[0] == 3 * CHUNK


def test_a_paused_queue_sends_nothing_also_after_a_restart(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    queued(desk, 1)
    desk.store.outbox.set_fact(PAUSED, NOW.isoformat())
    assert sent(desk) == sent(desk, now_or_never=True) == []
    assert status(desk).paused
    desk.store.outbox.set_fact(PAUSED, None)
    assert sent(desk) == [("D1", None)]


def test_a_pause_is_heard_between_two_chunks(
    province: Province, desk_of: DeskOf, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.tus_upload.LARGEST_CHUNK", CHUNK)
    desk = desk_of(province.url)
    entry = queued(desk, 1, size=10 * CHUNK)
    seen: list[int] = []

    def tell(happening: object) -> None:
        if isinstance(happening, BytesSent):
            seen.append(happening.sent)
            if happening.sent >= 2 * CHUNK:
                desk.store.outbox.set_fact(PAUSED, NOW.isoformat())

    assert sent(desk, tell=tell) == []
    assert max(seen) == 2 * CHUNK
    assert desk.store.outbox.get(entry.submission_id).state is Synchronisation.QUEUED


def test_a_dead_line_is_tried_once_not_once_for_each_package(
    desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    desk = desk_of("http://127.0.0.1:9")
    for number in (1, 2, 3):
        queued(desk, number)
    assert sent(desk) == [("D1", "sync.offline")]
    assert status(desk).line_error == "sync.offline"
    moment = line_next(desk)
    assert moment is not None
    assert moment > clock.at
    assert sent(desk) == []
    entries = desk.store.outbox.entries()
    assert [entry.attempts for entry in entries] == [1, 0, 0]
    assert all(entry.state is Synchronisation.QUEUED for entry in entries)


def test_the_line_comes_back_by_itself(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    away, here = desk_of("http://127.0.0.1:9"), desk_of(province.url)
    queued(away, 1)
    assert sent(away) == [("D1", "sync.offline")]
    clock.passes(minutes=15)
    assert sent(here) == [("D1", None)]
    now = status(here)
    assert (now.line_error, now.line_next) == (None, None)


def test_a_server_that_fails_everybody_is_left_alone_for_a_while(desk_of: DeskOf, queued: Queued) -> None:
    """Something answers 500 to all: three packages find out, not fifty thousand."""
    with _failing() as url:
        desk = desk_of(url)
        for number in range(1, 8):
            queued(desk, number)
        told = sent(desk)
        assert told == [(f"D{number}", "sync.server-fault") for number in (1, 2, 3)]
        assert status(desk).line_error == "sync.server-fault"
        assert sent(desk) == []


@contextlib.contextmanager
def _failing() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_hours_that_allow_nothing_are_a_pause(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    desk = desk_of(province.url, send_caps="07:00-11:30=0")
    queued(desk, 1)
    assert sent(desk, now_or_never=True) == []
    clock.passes(hours=4)
    assert sent(desk) == [("D1", None)]


def test_an_unknown_station_keeps_all_its_packages_in_the_queue(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    """A token that ran out is the line's fault: no package needs a look, and a new token mends them all."""
    stranger = desk_of(province.url, token="nobody")
    for number in (1, 2):
        queued(stranger, number)
    assert sent(stranger) == [("D1", "sync.unauthorised")]
    assert [e.state for e in stranger.store.outbox.entries()] == [Synchronisation.QUEUED] * 2
    clock.passes(minutes=16)
    assert sent(desk_of(province.url)) == [("D1", None), ("D2", None)]


def test_a_conflict_is_put_before_the_clerk_with_its_reason_and_a_button(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    queued(desk, 2)
    other = desk_of(province.url, name="other")
    twin = queued(other, 1, size=3000)
    forged = sync.seal_package(
        desk.store.folder / "twin.zip",
        submission_id=entry.submission_id,
        files=[
            sync.PackageFile(
                other.store.blobs.path(other.store.dossiers.components("D1")[0].signed or ""),
                "data/x.pdf",
                other.store.dossiers.components("D1")[0].signed or "",
            )
        ],
        metadata={},
        events=[],
        sealed_at=NOW,
    )
    with sync.IntakeClient(province.url, token="tram-1-bi-mat") as client:
        client.deliver(forged)
    assert twin.submission_id != entry.submission_id
    assert sent(desk) == [("D1", "sync.conflict"), ("D2", None)]
    stuck = desk.store.outbox.get(entry.submission_id)
    assert (stuck.state, stuck.last_error) == (Synchronisation.STUCK, "sync.conflict")
    assert stuck.error_facts is not None
    assert desk.store.dossiers.get("D1").synchronisation is Synchronisation.STUCK
    assert status(desk).stuck == 1
    assert sent(desk) == []  # never by itself
    put_back(desk, stuck)
    assert sent(desk) == [("D1", "sync.conflict")]  # the button tries once more, and tells the same


def test_a_server_that_asks_for_patience_gets_it(desk_of: DeskOf, clock: Clock) -> None:
    desk = desk_of("http://127.0.0.1:9")
    note_line(desk, sync.SyncError(sync.Fault.SERVER_BUSY, retry_after_s=600))
    moment = line_next(desk)
    assert moment is not None
    assert timedelta(seconds=600) <= moment - clock.at <= timedelta(seconds=660)
    clock.passes(days=400)  # a clock put right does not wait for a moment set by a wrong one
    assert line_free(desk)
    clock.passes(days=-800)
    assert line_free(desk)


def test_progress_tells_the_whole_queue_and_the_time_left(
    province: Province, desk_of: DeskOf, queued: Queued, heard: Heard
) -> None:
    desk = desk_of(province.url)
    entries = [queued(desk, number, size=3 * CHUNK) for number in (1, 2)]
    sent(desk, tell=heard)
    told = heard.of(QueueProgress)
    assert told[0].entries_left == 2
    assert told[0].bytes_left == sum(entry.package_bytes for entry in entries)
    assert told[-1].bytes_left == 0
    assert any(progress.seconds_left is not None for progress in told)


def test_a_wrong_clock_is_noticed_from_the_servers_date(
    province: Province, desk_of: DeskOf, queued: Queued, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync import wire

    class Ahead(wire.datetime):  # type: ignore[name-defined,misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return wire_now(tz) + timedelta(days=1)

    wire_now = wire.datetime.now
    desk = desk_of(province.url)
    queued(desk, 1)
    monkeypatch.setattr("sync.wire.datetime", Ahead)
    monkeypatch.setattr("sync.client.datetime", Ahead)
    assert sent(desk) == [("D1", None)]  # a day off: sent all the same, and told
    skew = status(desk).clock_skew_s
    assert skew is not None
    assert abs(skew + 86400) < 60
    monkeypatch.undo()
    queued(desk, 2)
    sent(desk)
    assert status(desk).clock_skew_s is None


@pytest.mark.parametrize(
    ("text", "hour", "minute", "expected"),
    [
        ("", 8, 0, None),
        ("07:30-11:30=64", 8, 0, 64_000),
        ("07:30-11:30=64", 11, 30, None),
        ("07:30-11:30=64 13:00-17:00=128", 14, 0, 128_000),
        ("22:00-05:00=0", 23, 0, 0),
        ("22:00-05:00=0", 4, 59, 0),
        ("22:00-05:00=0", 5, 0, None),
        ("00:00-24:00=10 08:00-09:00=5", 8, 30, 5_000),
    ],
)
def test_caps_by_the_hour(text: str, hour: int, minute: int, expected: float | None) -> None:
    assert allowed(parse_caps(text), NOW.replace(hour=hour, minute=minute)) == expected


def test_a_cap_is_kept(province: Province, desk_of: DeskOf, queued: Queued) -> None:
    """Time is counted, not measured: what leaves is never ahead of the cap by more than a block."""
    now, out = [0.0], [0]

    def nap(seconds: float) -> None:
        now[0] += seconds

    pace = sync.Pace(lambda: 50_000.0, clock=lambda: now[0], nap=nap)
    take = pace.take
    worst: list[float] = []

    def counted(size: int, *, moved: Callable[[], None]) -> None:
        take(size, moved=moved)
        out[0] += size
        worst.append(out[0] - now[0] * 50_000)

    pace.take = counted  # type: ignore[method-assign]
    desk = desk_of(province.url, pace=pace)
    entry = queued(desk, 1, size=200_000)
    assert sent(desk) == [("D1", None)]
    assert now[0] >= (entry.package_bytes - 2 * 16384) / 50_000
    assert max(worst) <= 2 * 16384
