"""tus as others speak it: our client uploads to three foreign servers, a foreign client uploads to ours; the
line breaks on the way, processes end, and what arrives is the same to the last byte."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import venv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs
import pytest
import requests
from filelock import FileLock

from sync import IntakeClient, Package, PackageFile, SyncError, UploadState, new_submission_id, seal_package
from sync.server import IntakeThread
from tests.conformance.tus_facade import HALF, LOSE_ANSWER, PASS, RESET, Facade

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

HERE = Path(__file__).resolve().parent / "tus"
TUSD = "github.com/tus/tusd/v2/cmd/tusd@v2.9.1"
TUSPYSERVER = ("tuspyserver==4.4.3", "uvicorn>=0.34,<1")
PACKAGE_BYTES = 12_000_000
_BUILD_SECONDS = 600


@pytest.fixture(scope="module")
def cache() -> Path:
    chosen = os.environ.get("SOHOA_CONFORMANCE_CACHE")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("sohoa") / "conformance"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _made(cache: Path, name: str, make: Callable[[Path], list[list[str]]], **environment: str) -> Path:
    """The folder `name` of the cache, made once by commands; without their sources the test is skipped."""
    home = cache / name
    with FileLock(cache / f"{name}.lock", timeout=_BUILD_SECONDS):
        if home.is_dir():
            return home
        draft = cache / f"{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for command in make(draft):
            if shutil.which(command[0]) is None:
                pytest.skip(f"{name} not asked: {command[0]} is not installed")
            run = subprocess.run(
                command,
                cwd=draft,
                env={**os.environ, **{key: value.format(home=draft) for key, value in environment.items()}},
                capture_output=True,
                text=True,
                timeout=_BUILD_SECONDS,
                check=False,
            )
            if run.returncode:
                pytest.skip(f"{name} not asked: it could not be fetched: {run.stderr[-300:]}")
        draft.rename(home)
    return home


@pytest.fixture(scope="module")
def tusd(cache: Path) -> Path:
    version = TUSD.rsplit("@", 1)[1]
    return _made(cache, f"tusd-{version}", lambda _home: [["go", "install", TUSD]], GOBIN="{home}") / "tusd"


@pytest.fixture(scope="module")
def node_modules(cache: Path) -> Path:
    """A folder with the npm packages, and our scripts beside them."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(HERE.glob("*.[jm]*")))).hexdigest()

    def commands(home: Path) -> list[list[str]]:
        for path in HERE.glob("*.[jm]*"):
            shutil.copy(path, home)
        return [["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]]

    return _made(cache, f"tus-npm-{digest[:12]}", commands)


@pytest.fixture(scope="module")
def tuspyserver(cache: Path) -> Path:
    """The interpreter of an environment with tuspyserver and nothing of ours."""
    home = cache / f"tuspyserver-{TUSPYSERVER[0].rsplit('=', 1)[1]}-{sys.version_info[1]}"
    with FileLock(cache / "tuspyserver.lock", timeout=_BUILD_SECONDS):
        python = home / "bin" / "python"
        if not (home / "whole").exists():
            venv.create(home, with_pip=True, clear=True)
            install = [str(python), "-m", "pip", "install", "--quiet", *TUSPYSERVER]
            run = subprocess.run(install, capture_output=True, text=True, check=False, timeout=_BUILD_SECONDS)
            if run.returncode:
                pytest.skip(f"tuspyserver not asked: it could not be fetched: {run.stderr[-300:]}")
            (home / "whole").touch()
    return python


@contextmanager
def _running(command: list[str], cwd: Path) -> Iterator[str]:
    """Start a server that prints its port, and yield its address."""
    process = subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        assert port, "the server ended instead of telling its port"
        yield f"http://127.0.0.1:{port}"
    finally:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.kill()
        process.wait()


@contextmanager
def _tusd_running(program: Path, folder: Path) -> Iterator[str]:
    command = [str(program), "-host", "127.0.0.1", "-port", "0", "-upload-dir", str(folder)]
    process = subprocess.Popen(
        [*command, "-base-path", "/files/", "-verbose=false"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = (line for line in process.stdout if "http://" in line)
        url = next(told).split("at: ")[-1].strip().split("/files")[0].rsplit(" ", 1)[-1]
        # What it goes on to tell must be read, or it stops when the pipe is full.
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()
        yield url
        process.kill()
        reader.join()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(params=["tusd", "@tus/server", "tuspyserver"])
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Callable[[str], Path]]]:
    """A running foreign server: its address under which uploads lie, and where it keeps each."""
    folder = tmp_path / "kept"
    folder.mkdir()
    with ExitStack() as stack:
        if request.param == "tusd":
            url = stack.enter_context(_tusd_running(request.getfixturevalue("tusd"), folder)) + "/files/"
        elif request.param == "@tus/server":
            home = request.getfixturevalue("node_modules")
            url = stack.enter_context(_running(["node", "server.mjs", str(folder)], home)) + "/files"
        else:
            python = request.getfixturevalue("tuspyserver")
            command = [str(python), str(HERE / "server.py"), str(folder)]
            url = stack.enter_context(_running(command, tmp_path)) + "/files"
        yield url.rstrip("/"), lambda upload_id: folder / upload_id


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("sealed")
    pdf = folder / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n" + random.Random(7).randbytes(PACKAGE_BYTES))
    return seal_package(
        folder / "package.zip",
        submission_id=new_submission_id(),
        files=[PackageFile(pdf, "data/a.pdf", hashlib.sha256(pdf.read_bytes()).hexdigest())],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def _breaking(seed: int) -> Callable[[int], str]:
    """A third of the chunks break, in every way, never three in a row."""
    plan = random.Random(seed)
    actions = [plan.choice([HALF, LOSE_ANSWER, RESET]) if n % 3 == 1 else PASS for n in range(10_000)]
    return lambda number: actions[number]


def test_our_client_uploads_to_a_foreign_server_over_a_line_that_breaks(
    foreign: tuple[str, Callable[[str], Path]], package: Package
) -> None:
    upstream, kept = foreign
    with Facade(upstream, kept, _breaking(1)) as facade, IntakeClient(facade.url) as client:
        receipt = client.deliver(package, audit_head="ab" * 32)
    assert (receipt.package_sha256, receipt.package_bytes) == (package.sha256, package.bytes)
    assert facade.chunks > 12
    assert facade.refused == 0


def test_our_client_goes_on_in_another_process_where_it_stopped(
    foreign: tuple[str, Callable[[str], Path]], package: Package
) -> None:
    upstream, kept = foreign
    states: list[UploadState] = []
    with Facade(upstream, kept) as facade:
        reached: list[int] = [0]
        with IntakeClient(facade.url) as first, pytest.raises(SyncError, match=r"sync\.cancelled"):
            first.deliver(
                package,
                remember=states.append,
                report=lambda done, _total: reached.append(done),
                stopped=lambda: reached[-1] > package.bytes // 2,
            )
        sent = facade.chunk_bytes
        begun: list[int] = []
        with IntakeClient(facade.url) as second:
            resumed = UploadState.from_json(states[-1].to_json())
            receipt = second.deliver(package, resume=resumed, report=lambda done, _total: begun.append(done))
    assert receipt.package_sha256 == package.sha256
    assert begun[0] >= reached[-1] > package.bytes // 2
    assert facade.chunk_bytes - sent <= package.bytes - reached[-1] + 1024 * 1024


def _tus_js(home: Path, **asked: Any) -> dict[str, Any]:
    run = subprocess.run(
        ["node", "client.mjs", json.dumps(asked)],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    said: dict[str, Any] = json.loads(run.stdout)
    return said


def test_tus_js_client_uploads_to_our_server_with_breaks_and_in_two_processes(
    node_modules: Path, package: Package, tmp_path: Path
) -> None:
    metadata = {"submission_id": package.submission_id, "sha256": package.sha256}
    with (
        IntakeThread(tmp_path / "intake") as intake,
        Facade(intake.url + "/uploads", None, _breaking(2)) as line,
    ):
        asked = {"file": str(package.path), "metadata": metadata, "chunkSize": 400_000}
        asked["endpoint"] = line.url + "/uploads"
        first = _tus_js(node_modules, **asked, stopAfter=package.bytes // 2)
        assert first["stopped"]
        second = _tus_js(node_modules, **asked, uploadUrl=first["url"])
        assert not second["stopped"]
        assert second["firstOffset"] >= package.bytes // 2
        commit = {"package_sha256": package.sha256, "bytes": package.bytes, "upload": first["url"]}
        answer = requests.put(f"{intake.url}/submissions/{package.submission_id}", json=commit, timeout=60)
        assert answer.status_code == 201, answer.text
    stored = tmp_path / "intake" / "packages" / package.sha256[:2] / f"{package.sha256}.zip"
    assert stored.read_bytes() == package.path.read_bytes()
    assert line.chunks > package.bytes // 400_000
