"""Every call on a file may fail: no package is called sent that is not, and the next try needs no restart."""

import errno
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sync
from sync.server import IntakeThread

from .conftest import StationProcess, server_rows

ERRORS = (errno.EIO, errno.ENOSPC, errno.EMFILE)
CALLS = 500
STEP = int(os.environ.get("SOHOA_IO_STEP", "3"))
A_CHUNK_AND_A_HALF = 100_000
PAPERS, PAPER = 12, 10_000
"""Papers, and bytes of each, of a dossier whose way makes more than 500 calls on files."""


def _check(told: dict[str, Any], dossier: str, rows: dict[str, str | None]) -> None:
    """What a station said after a call that failed, against what the server has."""
    assert not told["killed"], (dossier, told)
    assert "uncoded" not in told, (dossier, told["uncoded"])
    look = told["look"]
    if look["state"] == "delivered":
        # Whatever failed, it failed behind the receipt, which is here and true.
        receipt = sync.Receipt.from_json(look["receipt"])
        assert rows[receipt.submission_id] == look["receipt"], dossier
    else:
        assert "done" not in told, (dossier, told)
        assert look["receipt"] is None, dossier
    if "error" in told:
        assert "again_error" not in told, (dossier, told)
        assert rows[told["again"]["submission"]] == told["again"]["receipt"], dossier


def _strike(
    station: StationProcess, intake_folder: Path, points: Iterator[tuple[int, int]], first: int = 3
) -> int:
    failed = 0
    for number, (call, error) in enumerate(points, start=first):
        told = station.ask(dossier=f"D{number}", when=call, action=error, again=True)
        _check(told, f"D{number}: call {call}, {errno.errorcode[error]}", server_rows(intake_folder))
        failed += "error" in told
    return failed


@pytest.mark.timeout(600)
def test_calls_on_files_fail_in_turn(
    station_of: Callable[..., StationProcess], intake: IntakeThread, folder: Path
) -> None:
    """The whole way of a small dossier, every second call: the place decides which error it is."""
    station = station_of(intake.url, dossiers=CALLS // STEP, size=A_CHUNK_AND_A_HALF)
    station.ask(dossier="D1", warm=True)
    told = station.ask(dossier="D2", when=1 << 40, action=errno.EIO)
    places = range(1, told["calls"] + 1, STEP)
    assert len(places) > 100 // STEP
    points = ((call, ERRORS[number % len(ERRORS)]) for number, call in enumerate(places))
    failed = _strike(station, folder / "intake", points)
    assert failed > len(places) // 3  # the others were met by somebody who could do without


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_each_of_them_fails_in_each_way(
    station_of: Callable[..., StationProcess], intake: IntakeThread, folder: Path
) -> None:
    """A dossier of so many papers that its way makes more calls than are to fail."""
    station = station_of(intake.url, dossiers=len(ERRORS) * CALLS + 2, size=PAPER, papers=PAPERS)
    station.ask(dossier="D1", warm=True)
    assert station.ask(dossier="D2", when=1 << 40, action=errno.EIO)["calls"] > CALLS
    points = ((call, error) for error in ERRORS for call in range(1, CALLS + 1))
    assert _strike(station, folder / "intake", points) > CALLS


def test_the_kernel_itself_refuses(
    station_of: Callable[..., StationProcess], intake: IntakeThread, folder: Path
) -> None:
    """The same through the tracer, from outside: a few calls in the test run, all of them in the long one."""
    station = _traceable(station_of, intake, dossiers=20)
    calls = _calls(station, folder / "calls")[5::45]
    assert len(calls) > 3
    _refuse(station, folder, [(call, ERRORS[place % len(ERRORS)]) for place, call in enumerate(calls)])


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_the_kernel_itself_refuses_everywhere(
    station_of: Callable[..., StationProcess], intake: IntakeThread, folder: Path
) -> None:
    """Each call on a file that a way makes, the first five hundred and the rest, with each error."""
    station = _traceable(station_of, intake, dossiers=2 * len(ERRORS) * CALLS, size=PAPER, papers=PAPERS)
    calls = _calls(station, folder / "calls")
    assert CALLS < len(calls) < 2 * CALLS
    _refuse(station, folder, [(call, error) for call in calls for error in ERRORS])


def _traceable(
    station_of: Callable[..., StationProcess], intake: IntakeThread, **what: int
) -> StationProcess:
    if shutil.which("strace") is None:
        pytest.skip("strace is missing")
    station = station_of(intake.url, **{"size": A_CHUNK_AND_A_HALF, **what})
    station.ask(dossier="D1", warm=True)
    return station


def _refuse(station: StationProcess, folder: Path, points: list[tuple[tuple[str, int], int]]) -> None:
    """Let the chosen calls fail, each on a dossier of its own."""
    for number, ((name, ordinal), error) in enumerate(points, start=3):
        inject = f"inject={name}:error={errno.errorcode[error]}:when={ordinal}"
        told = station.ask_under([*_TRACING, "-e", inject], dossier=f"D{number}", again=True)
        where = f"D{number}: {name} {ordinal}, {errno.errorcode[error]}"
        _check(told, where, server_rows(folder / "intake"))


_FILE_CALLS = "openat,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,rename,link,linkat,unlink,mkdir"
_TRACING = ["-e", f"trace={_FILE_CALLS}", "-e", "signal=none"]


def _calls(station: StationProcess, record: Path) -> list[tuple[str, int]]:
    """The calls on files that one way makes, in order: each its name and how often it came before."""
    told = station.ask_under([*_TRACING, "-o", str(record)], dossier="D2")
    assert told["look"]["state"] == "delivered"
    names = re.findall(r"^(?:\d+ +)?(\w+)\(", record.read_text(), re.MULTILINE)
    seen = Counter[str]()
    ordered = []
    for name in names:
        seen[name] += 1
        ordered.append((name, seen[name]))
    return ordered
