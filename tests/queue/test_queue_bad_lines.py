"""Two hundred bad lines, the whole queue on each: one row and one receipt, and nothing sent again in vain."""

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import sync
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.workflow.happenings import tell_nobody
from app.workflow.queue import Sender
from app.workflow.station import Desk
from tests.sync.chaos_proxy import ChaosProxy, before

from .conftest import NOW, Clock, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]

SCHEDULES = int(os.environ.get("SOHOA_BAD_LINES", "200"))
WAYS = (
    "cut-answer",
    "lose-answer",
    "truncate-answer",
    "reset",
    "half-then-reset",
    "portal",
    "busy",
    "bad-gateway",
    "corrupt",
    "redirect",
)
MOST_ROUNDS = 400


@pytest.fixture
def line(province: Province) -> Iterator[ChaosProxy]:
    """The one line of the station: what happens on it is set anew for each schedule."""
    with before(province.url) as proxy:
        yield proxy


def _schedule(dice: random.Random) -> Callable[[str, str, int], str]:
    """Every third request or so goes wrong, in any way; a silence now and then."""
    bad = dice.uniform(0.05, 0.45)

    def choose(_method: str, _path: str, _number: int) -> str:
        if dice.random() < 0.004:
            return "stall"
        return dice.choice(WAYS) if dice.random() < bad else "pass"

    return choose


def _clock_that_errs(clock: Clock, dice: random.Random) -> None:
    """Minutes pass; and now and then somebody sets the clock a day ahead or back."""
    clock.at = NOW + timedelta(minutes=dice.randrange(1, 1200), days=dice.choice((0, 0, 0, 1, -1)))


def _until_delivered(desk: Desk, entry: OutboxEntry, clock: Clock, dice: random.Random) -> Counter[str]:
    met: Counter[str] = Counter()
    for _ in range(MOST_ROUNDS):
        for outcome in Sender(desk, stopped=lambda: False, tell=tell_nobody).round():
            met[outcome.error.code if outcome.error else "delivered"] += 1
        now = desk.store.outbox.get(entry.submission_id)
        assert (now.receipt is not None) == (now.state is Synchronisation.DELIVERED)
        if now.state is Synchronisation.DELIVERED:
            return met
        assert now.state is Synchronisation.QUEUED, now
        _clock_that_errs(clock, dice)
    raise AssertionError(met)


def _check(proxy: ChaosProxy, desk: Desk, entry: OutboxEntry, data: Path) -> None:
    kept = desk.store.outbox.get(entry.submission_id)
    with closing(sqlite3.connect(data / "intake.sqlite")) as opened:
        rows = opened.execute(
            "SELECT id, receipt FROM submissions WHERE id = ?", (entry.submission_id,)
        ).fetchall()
    assert rows == [(entry.submission_id, kept.receipt)]
    # Each break costs at most the chunk that it broke.
    broken = sum(one.bytes for one in proxy.seen if one.method == "PATCH" and one.action != "pass")
    assert proxy.sent_bytes() - entry.package_bytes <= broken
    began = sum(one.method == "POST" for one in proxy.seen)
    failed = sum(one.method == "POST" and one.action != "pass" for one in proxy.seen)
    assert began <= 1 + failed


def _survive(
    seeds: range, line: ChaosProxy, province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> Counter[str]:
    desk = desk_of(line.url, patience_s=1)
    key: bytes | None = None
    met: Counter[str] = Counter()
    for seed in seeds:
        dice = random.Random(seed)
        line.seen.clear()
        line.choose = lambda *_: "pass"
        clock.at = NOW
        entry = queued(desk, seed + 1, size=dice.randrange(1000, 400_000))
        key = key or desk.intake().greet().receipt_key_pem
        line.seen.clear()
        line.choose = _schedule(dice)
        met += _until_delivered(desk, entry, clock, dice)
        _check(line, desk, entry, province.data)
        receipt = sync.Receipt.from_json(desk.store.outbox.get(entry.submission_id).receipt or "")
        sync.verify_receipt(receipt, key or b"")
    return met


@pytest.mark.timeout(600)
def test_two_hundred_schedules(
    line: ChaosProxy, province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    met = _survive(range(SCHEDULES), line, province, desk_of, queued, clock)
    assert met["delivered"] == SCHEDULES
    # The schedules did do harm, of every kind.
    assert {"sync.offline", "sync.captive-portal", "sync.server-busy", "sync.server-fault"} <= met.keys()


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_two_thousand_schedules(
    line: ChaosProxy, province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    met = _survive(range(1000, 3000), line, province, desk_of, queued, clock)
    assert met["delivered"] == 2000
