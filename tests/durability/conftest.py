"""A station that dies or meets failing calls at a chosen system call, and an intake that watches."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sync
from app.domain.states import Synchronisation
from app.store import Store, verify_chain
from sync.server import IntakeThread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STATION = HERE / "station.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of fault points, compiled."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler: gcc is missing")
    library = tmp_path_factory.mktemp("faults") / "fault_points.so"
    options = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror"]
    subprocess.run([compiler, *options, "-o", library, HERE / "fault_points.c", "-ldl"], check=True)
    return library


class StationProcess:
    """The station as a process: one command, one child, one answer."""

    def __init__(self, library: Path, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url
        self._process = subprocess.Popen(
            [sys.executable, str(STATION)],
            cwd=ROOT,
            env={**ENVIRONMENT, "LD_PRELOAD": str(library)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **command: Any) -> dict[str, Any]:
        """Do one command; `killed` tells whether its child died of a signal."""
        self._say({"folder": str(self.folder), "url": self._url, **command})
        return self._hear()

    def ask_under(self, tracer: list[str], **command: Any) -> dict[str, Any]:
        """Do one command with strace on its child, from its first call on; skips where that is forbidden."""
        self._say({"folder": str(self.folder), "url": self._url, "traced": True, **command})
        pid = self._hear()["pid"]
        strace = subprocess.Popen(
            ["strace", "-qq", "-p", str(pid), *tracer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while f"TracerPid:\t{strace.pid}" not in Path(f"/proc/{pid}/status").read_text():
                if strace.poll() is not None:
                    os.kill(pid, signal.SIGKILL)
                    self._hear()
                    pytest.skip("may not trace a process")
            self._write("go\n")
            return self._hear()
        finally:
            strace.wait(20)

    def _say(self, command: dict[str, Any]) -> None:
        self._write(json.dumps(command) + "\n")

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process; closing it again is no fault."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(20)


def make_dossiers(folder: Path, count: int, size: int, *, papers: int = 1) -> None:
    """Signed dossiers D1…, made in a process of their own."""
    command = [sys.executable, str(STATION), "make", str(folder), str(count), str(size), str(papers)]
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a process that dies takes no page cache with it."""
    memory = Path("/dev/shm")  # noqa: S108 - the name of a file system
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="sohoa-test-") as made:
        yield Path(made)


@pytest.fixture
def station_of(fault_library: Path, folder: Path) -> Iterator[Callable[..., StationProcess]]:
    """Make a station with signed dossiers that sends to `url`, in the test's folder or another one."""
    with contextlib.ExitStack() as stack:

        def make(
            url: str, *, dossiers: int, size: int, papers: int = 1, within: Path = folder
        ) -> StationProcess:
            make_dossiers(within / "station", dossiers, size, papers=papers)
            station = StationProcess(fault_library, within / "station", url)
            stack.callback(station.close)
            return station

        yield make


@pytest.fixture
def intake(folder: Path) -> Iterator[IntakeThread]:
    """A real intake on a free port."""
    with IntakeThread(folder / "intake") as running:
        yield running


def check_everything(folder: Path, intake_folder: Path, dossiers: int, key_pem: bytes) -> None:
    """Nothing lost, nothing doubled, nothing dangling: at the station and at the server."""
    with Store(folder) as store:
        verify_chain(store.audit.rows(), store.audit.head())
        entries = store.outbox.entries()
        assert [entry.state for entry in entries] == [Synchronisation.DELIVERED] * dossiers
        assert len({entry.dossier_id for entry in entries}) == dossiers
        for entry in entries:
            receipt = sync.Receipt.from_json(entry.receipt or "")
            sync.verify_receipt(receipt, key_pem)
            assert (receipt.submission_id, receipt.package_sha256) == (entry.submission_id, entry.package)
            assert store.audit.knows(receipt.audit_head)
            store.blobs.check(entry.package)
        mine = {entry.submission_id: entry.receipt for entry in entries}
        referenced = {blob for blob, _ in store.referenced_blobs()}
        assert set(store.blobs.names()) == referenced
    assert server_rows(intake_folder) == mine
    left = [path for path in folder.rglob("*") if path.name.endswith(".part")]
    assert left == []
    packages = {path.stem for path in (intake_folder / "packages").glob("??/*.zip")}
    assert packages == {sync.Receipt.from_json(text or "").package_sha256 for text in mine.values()}


def server_rows(intake_folder: Path) -> dict[str, str | None]:
    """Submission id and receipt of every row at the intake; an id stands there once."""
    with contextlib.closing(sqlite3.connect(intake_folder / "intake.sqlite")) as opened:
        rows = opened.execute("SELECT id, receipt FROM submissions").fetchall()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, for those who look from outside."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
