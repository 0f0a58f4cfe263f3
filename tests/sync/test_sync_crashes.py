"""Power cuts on both ends: killed at any moment, nothing is lost, doubled, or falsely acknowledged."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync import IntakeClient, Package, Receipt, SyncError, UploadState, verify_receipt
from sync.server.audit import first_break
from sync.server.intake import open_ledger

Make = Callable[..., Package]
ClientOf = Callable[..., IntakeClient]
RowsOf = Callable[[Path, str], list[tuple[str, str]]]
CHUNK = 64 * 1024

SENDER = """
import sys, json, pathlib
from sync import IntakeClient, Package, UploadState
from sync.durable import durable_file
url, path, sha256, size, sid, state_path = sys.argv[1:]
state_path = pathlib.Path(state_path)
def remember(state):
    with durable_file(state_path) as stream:
        stream.write(state.to_json().encode())
resume = UploadState.from_json(state_path.read_text()) if state_path.exists() else None
client = IntakeClient(url, chunk_bytes=65536)
package = Package(pathlib.Path(path), sha256, int(size), sid)
def report(done, total):
    print(done, flush=True)
receipt = client.deliver(package, resume=resume, remember=remember, report=report)
client.close()
print(receipt.to_json(), flush=True)
"""


def _one_pass(client: IntakeClient, package: Package, **options: Any) -> Receipt | None:
    """Deliver once; None when a passing fault ended the pass."""
    try:
        return client.deliver(package, **options)
    except SyncError as error:
        if not error.passing:
            raise
        return None


def _slow_line(client: IntakeClient) -> None:
    """Keep chunks small, so that a package has many moments at which to be cut off."""
    client._chunk_bytes = CHUNK


def test_the_server_is_killed_at_sixteen_moments_and_the_upload_goes_on(
    *,
    intake_process: Any,
    client_of: ClientOf,
    make_package: Make,
    rows_of: RowsOf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync.tus_upload.LARGEST_CHUNK", CHUNK)
    package = make_package(3_000_000)
    dice = random.Random(7)
    client = client_of(intake_process.url)
    _slow_line(client)
    state: UploadState | None = None
    acknowledged = 0
    first_reports: list[int] = []
    kills = 0
    receipt = None
    points = sorted(dice.randrange(0, package.bytes) for _ in range(16))
    while receipt is None:
        killer: list[threading.Timer] = []
        reports: list[int] = []

        def report(
            done: int,
            _total: int,
            reports: list[int] = reports,
            killer: list[threading.Timer] = killer,
        ) -> None:
            nonlocal acknowledged
            reports.append(done)
            acknowledged = max(acknowledged, done)
            if points and done >= points[0] and not killer:
                points.pop(0)
                killer.append(threading.Timer(dice.random() * 0.01, intake_process.process.kill))
                killer[0].start()

        remembered: list[UploadState] = []
        before = acknowledged
        receipt = _one_pass(client, package, resume=state, remember=remembered.append, report=report)
        if state is not None and reports:
            # What was acknowledged before the cut is there after it, and at most one chunk more.
            assert before <= reports[0] <= before + CHUNK
            first_reports.append(reports[0])
        state = remembered[-1] if remembered else state
        if killer:
            killer[0].join()
            intake_process.kill()
            intake_process.start()
            kills += 1
    assert kills >= 15
    assert len(first_reports) >= 10
    verify_receipt(receipt, client.hello().public_key_pem)
    assert rows_of(tmp_path / "intake", package.submission_id) == [(package.submission_id, receipt.to_json())]
    assert client.deliver(package) == receipt
    assert list((tmp_path / "intake" / "uploads").iterdir()) == []


MOMENTS = [
    ("fsync,fdatasync", 1),
    ("fsync,fdatasync", 4),
    ("pwrite64", 1),
    ("pwrite64", 9),
    ("link,linkat", 1),
    ("rename,renameat,renameat2", 1),
    ("unlink,unlinkat", 1),
    ("sendto", 2),
    ("sendto", 6),
]


@pytest.mark.parametrize(("calls", "number"), MOMENTS)
def test_the_server_is_killed_at_its_own_system_calls(
    *,
    calls: str,
    number: int,
    tmp_path: Path,
    client_of: ClientOf,
    make_package: Make,
    rows_of: RowsOf,
    intake_process: Any,
) -> None:
    """The process dies inside calls that touch disk or line: around each promise that it makes."""
    package = make_package(200_000)
    client = client_of(intake_process.url, chunk_bytes=CHUNK)
    pid = intake_process.process.pid
    spec = f"inject={calls}:signal=SIGKILL:when={number}"
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-p", str(pid), "-e", f"trace={calls}", "-e", spec],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not _traced(pid, tracer):
            pytest.skip("may not trace a process")
        states: list[UploadState] = []
        receipt = _one_pass(client, package, remember=states.append)
        # Without a kill this test would show nothing: the wait fails it.
        intake_process.process.wait(10)
        intake_process.close()
    finally:
        tracer.kill()
        tracer.wait(20)
    intake_process.start()
    again = client.deliver(package, resume=states[-1] if states else None)
    assert receipt in (None, again)
    assert rows_of(tmp_path / "intake", package.submission_id) == [(package.submission_id, again.to_json())]
    intake_process.kill()
    ledger = open_ledger(tmp_path / "intake")
    assert first_break(ledger) is None
    ledger.close()


def _traced(pid: int, tracer: subprocess.Popen[bytes]) -> bool:
    """Wait until the tracer holds the process, or has given up."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and tracer.poll() is None:
        tasks = list(Path(f"/proc/{pid}/task").glob("*/status"))
        if all(f"TracerPid:\t{tracer.pid}" in task.read_text() for task in tasks):
            return True
        time.sleep(0.01)
    return False


def test_the_sender_is_killed_again_and_again(
    intake_process: Any, make_package: Make, rows_of: RowsOf, client_of: ClientOf, tmp_path: Path
) -> None:
    package = make_package(6_000_000)
    dice = random.Random(11)
    state = tmp_path / "state.json"
    arguments = [intake_process.url, str(package.path), package.sha256, str(package.bytes)]
    arguments += [package.submission_id, str(state)]
    begun: list[int] = []
    acknowledged: list[int] = []
    for kill in (True,) * 8 + (False,):
        sender = subprocess.Popen(
            [sys.executable, "-c", SENDER, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert sender.stdout is not None
        lines = [sender.stdout.readline()]
        if kill:
            lines.extend(sender.stdout.readline() for _ in range(dice.randrange(0, 3)))
            sender.kill()
        lines.extend(sender.stdout.readlines())
        sender.wait(20)
        sender.stdout.close()
        numbers = [int(line) for line in lines if line.strip().isdigit()]
        begun.append(numbers[0])
        acknowledged.append(numbers[-1])
        if lines[-1].startswith("{"):
            break
    assert all(later >= earlier for earlier, later in zip(acknowledged, begun[1:], strict=False))
    assert len(begun) >= 3
    receipt = Receipt.from_json(lines[-1])
    verify_receipt(receipt, client_of(intake_process.url).hello().public_key_pem)
    assert rows_of(tmp_path / "intake", package.submission_id) == [(package.submission_id, receipt.to_json())]


def test_a_file_longer_than_what_counts_is_cut_and_a_shorter_one_is_admitted(
    intake_process: Any, client_of: ClientOf, make_package: Make, tmp_path: Path, rows_of: RowsOf
) -> None:
    package = make_package(500_000)
    client = client_of(intake_process.url, chunk_bytes=CHUNK)
    states: list[UploadState] = []
    with pytest.raises(SyncError):
        client.deliver(
            package,
            remember=states.append,
            report=lambda done, _total: intake_process.process.kill() if done >= 200_000 else None,
        )
    for change in (lambda path: path.write_bytes(path.read_bytes() + b"never acknowledged"), _halve):
        intake_process.kill()
        upload = next((tmp_path / "intake" / "uploads").iterdir())
        change(upload)
        intake_process.start()
        starts: list[int] = []
        with pytest.raises(SyncError):
            client.deliver(
                package,
                resume=states[-1],
                remember=states.append,
                report=lambda done, _total, starts=starts: starts.append(done),  # type: ignore[misc]
                stopped=lambda starts=starts: bool(starts),  # type: ignore[misc]
            )
        assert starts[0] <= upload.stat().st_size
    receipt = client.deliver(package, resume=states[-1])
    assert rows_of(tmp_path / "intake", package.submission_id) == [(package.submission_id, receipt.to_json())]


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_key_half_made_is_made_again_and_a_lost_key_is_not_replaced(tmp_path: Path) -> None:
    from sync import Fault
    from sync.server import IntakeThread
    from sync.server.signing_key import KEY_FILE

    folder = tmp_path / "intake"
    folder.mkdir()
    (folder / ".half.part").write_bytes(b"-----BEGIN PRIVATE KEY-----\nMC4CAQ")
    with IntakeThread(folder):
        assert not (folder / ".half.part").exists()
        assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    kept = (folder / KEY_FILE).read_bytes()
    for body in (None, kept[:40], b""):
        (folder / KEY_FILE).unlink(missing_ok=True)
        if body is not None:
            (folder / KEY_FILE).write_bytes(body)
        with pytest.raises(SyncError) as caught, IntakeThread(folder):
            pass
        assert caught.value.fault is Fault.INTAKE_KEY
    (folder / KEY_FILE).write_bytes(kept)
    with IntakeThread(folder):
        pass
