"""A driver that keeps the interpreter for ever does not keep its process for ever."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scanner import ScanError, ScanFault
from scanner.backends.sane import session
from scanner.backends.sane.bounded import SECONDS_OF_A_CALL, SECONDS_WHEN_ORPHANED, bounded
from scanner.backends.sane.process import Worker

HOLDS_THE_LOCK = """
import ctypes, threading
from scanner.backends.sane.bounded import bounded
threading.Timer(0, print, ("another thread",)).start()
with bounded({seconds}):
    {call}
print("came back")
"""


def run(seconds: float, call: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HOLDS_THE_LOCK.format(seconds=seconds, call=call)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_call_that_never_returns_ends_the_process():
    """`pause` through PyDLL keeps the interpreter's lock, as closing a device does."""
    ended = run(0.5, "ctypes.PyDLL(None).pause()")
    assert ended.returncode == 1
    assert "came back" not in ended.stdout


def test_a_call_that_returns_is_left_alone():
    ended = run(30, "pass")
    assert ended.returncode == 0
    assert "came back" in ended.stdout


class Device:
    """A device that writes down what is done to it, and what was saved before."""

    def __init__(self, told: list[str]) -> None:
        self._told = told

    def cancel(self) -> None:
        self._told.append("cancel")

    def close(self) -> None:
        self._told.append("close")


def test_pages_of_a_killed_program_are_saved_before_the_device_is_closed(monkeypatch):
    told: list[str] = []
    waits: list[float] = []

    def watched(seconds: float) -> Any:
        waits.append(seconds)
        return bounded(seconds)

    monkeypatch.setattr(session, "bounded", watched)
    served = session.Session(out=-1)
    served._sane = SimpleNamespace(open=lambda _: Device(told))
    monkeypatch.setattr(served.untaken, "save", lambda: told.append("save"))
    with served._opened("a device"):
        pass
    assert told == ["cancel", "close"]  # nothing is taken out of the hands of a program that lives
    assert set(waits) == {SECONDS_OF_A_CALL}
    told.clear()
    waits.clear()
    served.untaken.orphaned.set()
    with served._opened("a device"):
        pass
    assert told == ["save", "cancel", "close"]
    assert set(waits) == {SECONDS_WHEN_ORPHANED}


def test_a_worker_that_another_thread_has_closed_is_told_as_a_fault():
    worker = Worker(None)
    worker.kill()
    with pytest.raises(ScanError) as error:
        worker.read_some(memoryview(bytearray(8)), 1.0)
    assert error.value.fault is ScanFault.WORKER_DIED
