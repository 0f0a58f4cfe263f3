"""The reference intake beside the workstation: a process of its own on this machine (máy chủ tiếp nhận)."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sync
from app.domain.errors import StationError, StationFault
from app.store.durable import make_folder, write_file

logger = logging.getLogger(__name__)

_PATIENCE_S = 20.0


@contextmanager
def local_intake(data: Path, agency: str = "", *, keep_serving: bool = False) -> Iterator[str]:
    """The URL of an intake that serves `data` on loopback; one left running there is used as it is.

    It judges packages as a province's does, and numbers dossiers for `agency` when that is given.

    It ends with this program, however this program ends, unless it is to `keep_serving`.
    Raises StationError `station.intake-silent`.
    """
    make_folder(data)
    running = running_intake(data)
    if running is not None:
        yield running
        return
    process = _start(data, agency, keep_serving)
    try:
        url = _url(process)
        if keep_serving:
            write_file(data / "serving.json", json.dumps({"url": url, "pid": process.pid}).encode())
        yield url
    finally:
        if not keep_serving:
            _stop(process)


def running_intake(data: Path) -> str | None:
    """The URL of the intake left serving `data`, if it answers."""
    try:
        url = str(json.loads((data / "serving.json").read_text(encoding="utf-8"))["url"])
        sync.IntakeClient(url, connect_timeout_s=2, read_timeout_s=5).hello()
    except (OSError, ValueError, KeyError, sync.SyncError):
        return None
    return url


def serving_pid(data: Path) -> int | None:
    """The process of the intake that was left serving `data`, if one was."""
    try:
        return int(json.loads((data / "serving.json").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError):
        return None


def _start(data: Path, agency: str, keep_serving: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app.workflow.training_intake", "--data", str(data), "--port", "0"]
    command += ["--agency", agency, "--json-ready"]
    if not keep_serving:
        command.append("--exit-with-stdin")
    log = os.open(data / "intake.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if keep_serving else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl+C on the terminal is ours to handle
        )
    finally:
        os.close(log)


def _url(process: subprocess.Popen[bytes]) -> str:
    """Waits for the line that tells the server is ready; a server that ends instead ends the wait."""
    if process.stdout is None:
        raise StationError(StationFault.INTAKE_SILENT)
    line = process.stdout.readline()
    process.stdout.close()
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError) as error:
        process.kill()
        process.wait()
        raise StationError(StationFault.INTAKE_SILENT) from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        logger.info("the intake did not end by itself")
        process.kill()
        process.wait()
