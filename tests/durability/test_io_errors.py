"""Every call on a file may fail: no package is called sent that is not, and the next try needs no restart."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sync
from sync.server import IntakeThread

from .conftest import ENVIRONMENT, ROOT, STATION, StationProcess, make_dossiers, server_rows

ERRORS = (errno.EIO, errno.ENOSPC, errno.EMFILE)
CALLS = 500
STEP = int(os.environ.get("SOHOA_IO_STEP", "3"))
SMALL, LARGE = 150_000, 12_000_000
"""Bytes of a paper of two chunks, and of one whose way makes more than 500 calls on files."""


def _check(told: dict[str, Any], dossier: str, rows: dict[str, str | None]) -> None:
    """What a station said after a call that failed, against what the server has."""
    assert not told["killed"], (dossier, told)
    look = told["look"]
    if look["state"] == "delivered":
        # Whatever failed, it failed behind the receipt, which is here and true.
        receipt = sync.Receipt.from_json(look["receipt"])
        assert rows[receipt.submission_id] == look["receipt"], dossier
    else:
        assert "done" not in told, (dossier, told)
        assert look["receipt"] is None, dossier
    if "error" in told:
        assert told["error"].split(".")[0] in ("sync", "station"), (dossier, told)
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
    station = station_of(intake.url, dossiers=CALLS // STEP, size=SMALL)
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
    station = station_of(intake.url, dossiers=len(ERRORS) * CALLS + 2, size=LARGE)
    station.ask(dossier="D1", warm=True)
    assert station.ask(dossier="D2", when=1 << 40, action=errno.EIO)["calls"] > CALLS
    points = ((call, error) for error in ERRORS for call in range(1, CALLS + 1))
    assert _strike(station, folder / "intake", points) > CALLS


_FILE_CALLS = "openat,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,rename,link,linkat,unlink,mkdir"


def test_the_kernel_itself_refuses(intake: IntakeThread, folder: Path) -> None:
    """The same through the tracer, from outside: a few calls in the test run, all of them in the long one."""
    _traced(folder, intake, SMALL, slice(5, None, 45), ["EIO", "ENOSPC", "EMFILE"], once=True)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_the_kernel_itself_refuses_everywhere(intake: IntakeThread, folder: Path) -> None:
    _traced(folder, intake, LARGE, slice(None), ["EIO", "ENOSPC", "EMFILE"], once=False)


def _traced(
    folder: Path, intake: IntakeThread, size: int, which: slice, errors: list[str], *, once: bool
) -> None:
    """Fail the chosen ones of the first calls, each with every error, or with the next one in turn."""
    if shutil.which("strace") is None:
        pytest.skip("strace is missing")
    make_dossiers(folder / "traced", 1, size)
    calls = _calls(folder / "traced", intake.url, folder / "calls")[:CALLS][which]
    assert len(calls) > 3
    pairs = [(c, e) for n, c in enumerate(calls) for e in (errors[n % 3 : n % 3 + 1] if once else errors)]
    make_dossiers(folder / "traced", len(pairs), size, first=2)
    for number, ((name, ordinal), error) in enumerate(pairs, start=2):
        spec = f"inject={name}:error={error}:when={ordinal}"
        told = _one_traced(folder / "traced", intake.url, f"D{number}", ["-e", spec])
        _check(told, f"D{number}: {name} {ordinal}, {error}", server_rows(folder / "intake"))


def _calls(folder: Path, url: str, record: Path) -> list[tuple[str, int]]:
    """The calls on files that one way makes, in order: each its name and how often it came before."""
    told = _one_traced(folder, url, "D1", ["-o", str(record)])
    assert told["look"]["state"] == "delivered"
    names = re.findall(r"^(?:\d+ +)?(\w+)\(", record.read_text(), re.MULTILINE)
    seen = Counter[str]()
    ordered = []
    for name in names:
        seen[name] += 1
        ordered.append((name, seen[name]))
    return ordered


def _one_traced(folder: Path, url: str, dossier: str, options: list[str]) -> dict[str, Any]:
    """One station of its own, caught by the tracer before it sets out."""
    command = [sys.executable, str(STATION), "alone", str(folder), url, dossier]
    station = subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert station.stdin is not None
    assert station.stdout is not None
    assert station.stdout.readline() == b"ready\n"
    tracer = subprocess.Popen(
        [
            "strace",
            "-qq",
            "-p",
            str(station.pid),
            "-e",
            f"trace={_FILE_CALLS}",
            "-e",
            "signal=none",
            *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while f"TracerPid:\t{tracer.pid}" not in Path(f"/proc/{station.pid}/status").read_text():
            if tracer.poll() is not None:
                station.kill()
                pytest.skip("may not trace a process")
        out, _ = station.communicate(b"go\n", timeout=120)
    finally:
        tracer.wait(20)
        station.wait(20)
    lines = [line for line in out.splitlines() if line.startswith(b"{")]
    return {"killed": station.returncode < 0, **json.loads(lines[-1])}


_FILE_CALLS = "openat,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,rename,link,linkat,unlink,mkdir"
