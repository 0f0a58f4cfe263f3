"""Real packages, real intakes, and a line that breaks in every way a line can break."""

import contextlib
import hashlib
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync import IntakeClient, Package, PackageFile, new_submission_id, seal_package
from sync.server import IntakeThread

from .chaos_proxy import ChaosProxy, Choose, before

ROOT = Path(__file__).resolve().parents[2]
SEALED_AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def _seal(folder: Path, size: int, seed: int, submission_id: str | None) -> Package:
    submission_id = submission_id or new_submission_id()
    pdf = folder / f"{submission_id}.{seed}.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + random.Random(seed).randbytes(size))
    sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
    return seal_package(
        folder / f"{submission_id}.{seed}.zip",
        submission_id=submission_id,
        files=[PackageFile(pdf, "data/H18.19_TK_000021_V1.pdf", sha256)],
        metadata={"ma_ho_so": "H18.19-260302-0001", "ten_thu_tuc": "Đăng ký khai sinh"},
        events=[{"viec": "quet", "luc": SEALED_AT}, {"viec": "ky", "luc": SEALED_AT}],
        sealed_at=SEALED_AT,
    )


@pytest.fixture
def make_package(tmp_path: Path) -> Callable[..., Package]:
    """Seal a package of about `size` bytes; `seed` decides the bytes, `submission_id` the delivery."""
    folder = tmp_path / "sealed"
    folder.mkdir()

    def make(size: int = 300_000, *, seed: int = 1, submission_id: str | None = None) -> Package:
        return _seal(folder, size, seed, submission_id)

    return make


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a stopped intake that accepted six packages; copy it before touching it."""
    folder = tmp_path_factory.mktemp("filled")
    with IntakeThread(folder / "intake") as running, IntakeClient(running.url) as client:
        for number in range(6):
            client.deliver(_seal(folder, 100, number, None), audit_head=f"{number:064x}")
    return folder / "intake"


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[IntakeThread]:
    """A real intake on a free port."""
    with IntakeThread(tmp_path / "intake") as running:
        yield running


@pytest.fixture
def client_of() -> Iterator[Callable[..., IntakeClient]]:
    """Clients that are closed at the end; short timeouts unless told otherwise."""
    with contextlib.ExitStack() as stack:

        def make(url: str, **options: Any) -> IntakeClient:
            settings = {"connect_timeout_s": 5, "read_timeout_s": 20, **options}
            return stack.enter_context(IntakeClient(url, **settings))

        yield make


@pytest.fixture(scope="module")
def shared_intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeThread]:
    """A real intake for all tests of one file: their submissions lie side by side."""
    with IntakeThread(tmp_path_factory.mktemp("shared") / "intake") as running:
        yield running


class IntakeProcess:
    """The intake as a program of its own, on one port for life, that can be killed and started again."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.url = ""

    def start(self, *before: str) -> None:
        """Start it and wait until it takes connections; `before` is put in front of the command."""
        command = [*before, sys.executable, "-m", "sync.server", "--data", str(self._data_dir)]
        command += ["--port", str(self.port), "--json-ready", "--exit-with-stdin"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.stderr()
        self.url = json.loads(line)["url"]
        self.port = urlsplit(self.url).port or 0

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.close()

    def finish(self) -> int:
        """Close its standard input and return its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(20)
        self.close()
        return code

    def stderr(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def close(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(20)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


@pytest.fixture
def intake_process(tmp_path: Path) -> Iterator[IntakeProcess]:
    """A started intake process."""
    process = IntakeProcess(tmp_path / "intake")
    process.start()
    yield process
    process.close()


@pytest.fixture
def chaos() -> Iterator[Callable[..., ChaosProxy]]:
    """Put a ChaosProxy before an address."""
    with contextlib.ExitStack() as stack:

        def make(upstream: str, choose: Choose | None = None) -> ChaosProxy:
            return stack.enter_context(before(upstream, choose))

        yield make


@pytest.fixture
def rows_of() -> Callable[[Path, str], list[tuple[str, str]]]:
    """Read (id, receipt) of every row that an intake's database holds for one submission."""

    def read(data_dir: Path, submission_id: str) -> list[tuple[str, str]]:
        with contextlib.closing(sqlite3.connect(data_dir / "intake.sqlite")) as db:
            return db.execute("SELECT id, receipt FROM submissions WHERE id=?", (submission_id,)).fetchall()

    return read


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk in memory; the test is skipped where that is not allowed."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            done = False
        if not done:
            pytest.skip("may not mount a disk in memory")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)
