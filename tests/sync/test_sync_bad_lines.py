"""A line that loses, cuts, stalls, lies and corrupts: typed faults, then success, and never twice."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from sync import Fault, IntakeClient, Package, Receipt, SyncError, UploadState
from sync.answers import retry_after_s
from sync.server import IntakeThread
from sync.wire import Answer

Make = Callable[..., Package]
ClientOf = Callable[..., IntakeClient]
RowsOf = Callable[[Path, str], list[tuple[str, str]]]
CHUNK = 64 * 1024


def _first(method: str, action: str) -> Callable[[str, str, int], str]:
    """Do `action` to the first request of `method`, and let all others pass."""
    done = Counter[str]()

    def choose(seen: str, _path: str, _number: int) -> str:
        done[seen] += seen == method
        return action if seen == method and done[seen] == 1 else "pass"

    return choose


def _until_delivered(
    client: IntakeClient, package: Package, passes: int = 12
) -> tuple[Receipt, list[SyncError]]:
    """What a queue does: pass after pass with the remembered upload, until there is a receipt."""
    faults: list[SyncError] = []
    state: list[UploadState | None] = [None]
    for _ in range(passes):
        try:
            return client.deliver(package, resume=state[-1], remember=state.append), faults
        except SyncError as error:
            faults.append(error)
            if not error.passing:
                break
    raise AssertionError(faults)


@pytest.mark.parametrize(
    ("method", "action", "faults"),
    [
        ("GET", "reset", [Fault.OFFLINE]),
        ("GET", "truncate-answer", [Fault.OFFLINE]),
        ("GET", "cut-answer", [Fault.OFFLINE]),
        ("GET", "portal", [Fault.CAPTIVE_PORTAL]),
        ("GET", "redirect", [Fault.CAPTIVE_PORTAL]),
        ("GET", "busy", [Fault.SERVER_BUSY]),
        ("GET", "bad-gateway", [Fault.SERVER_FAULT]),
        ("GET", "stall", [Fault.TIMEOUT]),
        ("POST", "lose-answer", [Fault.OFFLINE]),
        ("POST", "portal", [Fault.CAPTIVE_PORTAL]),
        ("POST", "stall", [Fault.TIMEOUT]),
        ("POST", "busy", [Fault.SERVER_BUSY]),
        ("PATCH", "lose-answer", []),
        ("PATCH", "reset", []),
        ("PATCH", "half-then-reset", []),
        ("PATCH", "half-then-hang", []),
        ("PATCH", "stall", []),
        ("PATCH", "corrupt", []),
        ("PATCH", "portal", [Fault.CAPTIVE_PORTAL]),
        ("PATCH", "busy", [Fault.SERVER_BUSY]),
        ("PATCH", "bad-gateway", [Fault.SERVER_FAULT]),
        ("PUT", "lose-answer", []),
        ("PUT", "truncate-answer", []),
        ("PUT", "cut-answer", []),
        ("PUT", "stall", [Fault.TIMEOUT]),
        ("PUT", "reset", [Fault.OFFLINE]),
        ("PUT", "half-then-reset", [Fault.OFFLINE]),
        ("PUT", "portal", [Fault.CAPTIVE_PORTAL]),
        ("PUT", "busy", [Fault.SERVER_BUSY]),
    ],
)
def test_one_break_costs_at_most_one_chunk_and_one_pass(
    *,
    method: str,
    action: str,
    faults: list[Fault],
    shared_intake: IntakeThread,
    chaos: Callable[..., Any],
    client_of: ClientOf,
    make_package: Make,
    rows_of: RowsOf,
) -> None:
    package = make_package(300_000)
    proxy = chaos(shared_intake.url, _first(method, action))
    client = client_of(proxy.url, chunk_bytes=CHUNK, connect_timeout_s=0.5, read_timeout_s=0.5)
    receipt, met = _until_delivered(client, package)
    assert [error.fault for error in met] == faults
    rows = rows_of(shared_intake._data_dir, package.submission_id)
    assert rows == [(package.submission_id, receipt.to_json())]
    assert proxy.sent_bytes() <= package.bytes + CHUNK
    if action == "busy":
        assert met[0].retry_after_s == 7.0


def test_an_answer_that_drips_is_a_timeout(
    shared_intake: IntakeThread, chaos: Callable[..., Any], client_of: ClientOf
) -> None:
    proxy = chaos(shared_intake.url, lambda *_: "drip")
    client = client_of(proxy.url, connect_timeout_s=0.5, read_timeout_s=0.5)
    with pytest.raises(SyncError) as caught:
        client.hello()
    assert caught.value.fault is Fault.TIMEOUT


@pytest.mark.parametrize("action", ["corrupt", "reset"])
def test_a_line_that_never_lets_a_chunk_through_ends_the_pass(
    action: str,
    shared_intake: IntakeThread,
    chaos: Callable[..., Any],
    client_of: ClientOf,
    make_package: Make,
) -> None:
    proxy = chaos(shared_intake.url, lambda method, *_: action if method == "PATCH" else "pass")
    with pytest.raises(SyncError) as caught:
        client_of(proxy.url, chunk_bytes=CHUNK).deliver(make_package())
    assert caught.value.fault is Fault.SERVER_FAULT
    assert caught.value.passing
    assert sum(one.method == "PATCH" for one in proxy.seen) == 3


def _schedule(seed: int) -> Callable[[str, str, int], str]:
    """A line on which every third request or so goes wrong, in any of the ways."""
    dice = random.Random(seed)
    ways = [
        "cut-answer",
        "lose-answer",
        "truncate-answer",
        "reset",
        "half-then-reset",
        "portal",
        "busy",
        "bad-gateway",
    ]
    ways += ["corrupt", "redirect"]
    return lambda *_: dice.choice(ways) if dice.random() < 0.3 else "pass"


def _survive(
    seed: int,
    *,
    shared_intake: IntakeThread,
    chaos: Callable[..., Any],
    client_of: ClientOf,
    make_package: Make,
    rows_of: RowsOf,
) -> None:
    package = make_package(random.Random(seed).randrange(1000, 600_000), seed=seed)
    proxy = chaos(shared_intake.url, _schedule(seed))
    receipt, _ = _until_delivered(client_of(proxy.url, chunk_bytes=CHUNK), package, passes=200)
    rows = rows_of(shared_intake._data_dir, package.submission_id)
    assert rows == [(package.submission_id, receipt.to_json())]
    breaks = sum(one.action != "pass" for one in proxy.seen)
    uploads = sum(one.method == "POST" for one in proxy.seen)
    # A chunk grows on a good line, so the one that is lost may be longer than the first.
    assert proxy.sent_bytes() <= package.bytes + breaks * min(package.bytes, 1024 * 1024)
    assert uploads <= 1 + sum(one.method == "POST" and one.action != "pass" for one in proxy.seen)


def test_thirty_bad_lines(
    shared_intake: IntakeThread,
    chaos: Callable[..., Any],
    client_of: ClientOf,
    make_package: Make,
    rows_of: RowsOf,
) -> None:
    for seed in range(30):
        _survive(
            seed,
            shared_intake=shared_intake,
            chaos=chaos,
            client_of=client_of,
            make_package=make_package,
            rows_of=rows_of,
        )


def test_retry_after_is_seconds_or_a_date() -> None:
    now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def wait(text: str) -> float | None:
        return retry_after_s(Answer(503, {"retry-after": text}, b""), now)

    assert wait("120") == 120.0
    assert wait(format_datetime(now + timedelta(minutes=5), usegmt=True)) == 300.0
    assert wait(format_datetime(now - timedelta(minutes=5), usegmt=True)) == 0.0
    assert wait("999999999999999999999") == 86400.0
    assert wait("soon") is None
    assert wait("") is None
    assert wait("-5") is None
