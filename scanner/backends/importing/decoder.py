"""The process of the decoder seen from this side: started when needed, watched, asked, ended (bộ giải mã)."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from scanner.backends.importing import wire
from scanner.contract import never
from scanner.errors import ScanError, ScanFault

SECONDS_A_PAGE = 20.0
"""How long one page may take to be decoded or drawn."""

_SECONDS_BETWEEN_LOOKS = 0.05
_PYTHON_PATH = Path(__file__).resolve().parents[3]

_Answer = tuple[wire.Message, bytearray] | None


class Decoder:
    """One process of `scanner.backends.importing.worker`; not for two threads at once. Close it.

    `patience_s` is how long it may take over one page.
    """

    def __init__(self, patience_s: float = SECONDS_A_PAGE) -> None:
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._listener: threading.Thread | None = None
        self.stopped: Callable[[], bool] = never

    def ask(self, message: wire.Message) -> tuple[wire.Message, bytearray]:
        """The answer to a request.

        Raises ScanError: the fault that was answered, `scan.cancelled` once `stopped` says so, or
        `scan.unreadable-file` where the process died of the file or took too long; then it is gone, and the
        next request starts a new one.
        """
        process = self._process or self._start()
        try:
            assert process.stdin is not None  # noqa: S101
            process.stdin.write(wire.request(message))
            process.stdin.flush()
        except OSError:
            raise self._gone("died") from None
        answer = self._await_answer()
        if answer is None:
            raise self._gone("died")
        told, payload = answer
        if told.get("kind") == "fault":
            try:
                raise ScanError(ScanFault(told["fault"]), **told["facts"])
            except (KeyError, TypeError, ValueError):
                raise self._gone("nonsense") from None
        return told, payload

    @property
    def is_running(self) -> bool:
        """Whether there is a process, and with it the file that it has open."""
        return self._process is not None

    def refuse(self) -> ScanError:
        """Ends a process whose answer can't be right; the error to raise for it."""
        return self._gone("nonsense")

    def close(self) -> None:
        """Ends the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._listener is not None:
            self._listener.join()
        for pipe in (process.stdin, process.stdout):
            # Bytes that can't be flushed to a dead process are of no use to anyone.
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _await_answer(self) -> _Answer:
        deadline = time.monotonic() + self._patience_s
        while True:
            if self.stopped():
                self.close()
                raise ScanError(ScanFault.CANCELLED)
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=_SECONDS_BETWEEN_LOOKS)
            if time.monotonic() > deadline:
                raise self._gone("too slow")

    def _gone(self, reason: str) -> ScanError:
        self.close()
        return ScanError(ScanFault.UNREADABLE_FILE, reason=reason)

    def _start(self) -> subprocess.Popen[bytes]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "scanner.backends.importing.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**inherited, "PYTHONPATH": str(_PYTHON_PATH)},
                start_new_session=True,
            )
        except OSError as error:
            raise ScanError(ScanFault.WORKER_DIED, errno=error.errno or 0) from error
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._answers = queue.SimpleQueue()
        self._listener = threading.Thread(
            target=_listen, args=(process.stdout, self._answers), daemon=True, name="decoder"
        )
        self._listener.start()
        return process


def _listen(source: BinaryIO, answers: queue.SimpleQueue[_Answer]) -> None:
    """Hands on every answer, and None at the end. A thread, since Windows can't wait for a pipe otherwise."""
    with contextlib.suppress(wire.BrokenWireError, OSError, ValueError):
        while True:
            answers.put(wire.read_answer(source))
    answers.put(None)
