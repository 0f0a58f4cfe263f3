"""kill -9 before and behind every call on disk or line, from the seal to the receipt."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from sync import IntakeClient
from sync.server import IntakeThread

from .conftest import StationProcess, check_everything

BEFORE, BEHIND = -1, -2
SHORT = int(os.environ.get("SOHOA_KILL_POINTS_SYNC", "500"))
LONG = int(os.environ.get("SOHOA_KILL_POINTS_SYNC_LONG", "10000"))
A_CHUNK_AND_A_HALF = 100_000


WARM = 4
"""Dossiers whose ways are only counted: the first one also pins the server's key."""


def _calls_of_one_way(station: StationProcess) -> int:
    """How many calls the whole way makes when nothing goes wrong, in a child that went another one already.

    On a slow moment a way takes more and smaller chunks; the shortest of several is what every way has.
    """
    station.ask(dossier="D1", when=1 << 40, action=BEFORE)
    ways = [
        station.ask(dossier=f"D{number}", when=1 << 40, action=BEFORE, before=["D1"])
        for number in range(2, WARM + 1)
    ]
    assert all(told["look"]["state"] == "delivered" for told in ways)
    return min(int(told["calls"]) for told in ways)


def _strike(
    station: StationProcess, intake: IntakeThread, folder: Path, points: Iterator[tuple[int, int]], kills: int
) -> None:
    """Strike points until so many have killed, each on a dossier of its own, and look at everything.

    The child after a death first takes the dossier up again. Now and then a way is a call shorter than
    the point, so that it comes to its end; that is no kill.
    """
    killed, number = 0, WARM
    before: list[str] = []
    while killed < kills:
        number += 1
        call, deed = next(points)
        told = station.ask(dossier=f"D{number}", when=call, action=deed, before=before)
        assert told["killed"] or "done" in told, told
        before = [f"D{number}"]
        killed += told["killed"]
    station.ask(dossier=before[0], when=1 << 40, action=BEFORE)
    with IntakeClient(intake.url) as client:
        key = client.hello().public_key_pem
    check_everything(station.folder, folder / "intake", number, key)


def _room(kills: int) -> int:
    """Dossiers to have ready: some ways come to their end unharmed."""
    return kills + kills // 2 + WARM + 10


@pytest.mark.timeout(600)
def test_killed_at_five_hundred_calls_nothing_is_lost_doubled_or_left_dangling(
    station_of: Callable[..., StationProcess], intake: IntakeThread, folder: Path
) -> None:
    station = station_of(intake.url, dossiers=_room(SHORT), size=A_CHUNK_AND_A_HALF)
    calls = _calls_of_one_way(station)
    places = [(call, deed) for call in range(1, calls + 1) for deed in (BEFORE, BEHIND)]
    spread = [places[(step * len(places)) // SHORT] for step in range(SHORT)]
    dice = random.Random(1469)
    points = chain(spread, iter(lambda: dice.choice(places), None))
    _strike(station, intake, folder, points, SHORT)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_killed_ten_thousand_times(station_of: Callable[..., StationProcess], folder: Path) -> None:
    """Round after round on a station of its own: a start looks through the folder, so it must not grow."""
    dice = random.Random(468)
    for number in range(LONG // SHORT):
        within = folder / f"round-{number}"
        with IntakeThread(within / "intake") as intake:
            station = station_of(intake.url, dossiers=_room(SHORT), size=A_CHUNK_AND_A_HALF, within=within)
            calls = _calls_of_one_way(station)
            places = iter(lambda most=calls: (dice.randint(1, most), dice.choice((BEFORE, BEHIND))), None)
            _strike(station, intake, within, places, SHORT)
            station.close()
        shutil.rmtree(within)


def test_the_points_are_met_where_they_are_set(
    station_of: Callable[..., StationProcess], intake: IntakeThread
) -> None:
    """The library itself: killed at its first call nothing was begun, and what was begun is finished."""
    station = station_of(intake.url, dossiers=3, size=1000)
    first: dict[str, Any] = station.ask(dossier="D1", when=1, action=BEFORE)
    assert first["killed"]
    whole = station.ask(dossier="D2", when=1 << 40, action=BEFORE)
    assert not whole["killed"]
    assert whole["calls"] > 150
    middle = station.ask(dossier="D3", when=100, action=BEHIND)
    assert middle["killed"]
    told = station.ask(dossier="D3", when=1 << 40, action=BEFORE)
    assert told["look"]["entries"] == 1
