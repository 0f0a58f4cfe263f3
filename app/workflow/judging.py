"""The intake's judgement of PDFs and signatures: asked of bounded processes apart (thẩm định).

The sync engine knows nothing of PDFs; it is handed this as a plain callable.
"""

import contextlib
import json
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import sync
from app.workflow.judging_worker import POLICIES, TRUSTED
from sync.server import Objection

logger = logging.getLogger(__name__)

_AT_ONCE = 2
_PATIENCE_S = 120.0
_TOO_HEAVY = "pdf-too-heavy"


class PdfJudge:
    """Judges packages for an intake: `judge(contents)` returns objections. For several threads.

    `policy` is one of POLICIES, `trust` adds certificates (files or folders) to those shipped. A file that
    takes a judging process down, or longer than `patience_s`, is objected to as too heavy.
    """

    def __init__(
        self, policy: str = TRUSTED, trust: Sequence[Path] = (), *, patience_s: float = _PATIENCE_S
    ) -> None:
        if policy not in POLICIES:
            raise ValueError(policy)
        self._policy = policy
        self._trust = [str(path.absolute()) for path in trust]
        self._patience_s = patience_s
        self._free: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        for _ in range(_AT_ONCE):
            self._free.put(None)

    def __enter__(self) -> "PdfJudge":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __call__(self, contents: "sync.PackageContents") -> list[Objection]:
        """Return what there is to object to in the PDFs of a package."""
        names = [file.name for file in contents.files if file.name.lower().endswith(".pdf")]
        if not names:
            return []
        question = {
            "package": str(contents.package.path.absolute()),
            "names": names,
            "policy": self._policy,
            "trust": self._trust,
        }
        process = self._free.get()
        try:
            process = process if process is not None and process.poll() is None else _start()
            answer = self._ask(process, json.dumps(question).encode() + b"\n")
        except BaseException:
            _end(process)
            process = None
            raise
        finally:
            self._free.put(process if process is not None and process.poll() is None else None)
        if answer is None:
            logger.info("a package took a judging process down")
            return [Objection(names[0] if len(names) == 1 else "", _TOO_HEAVY)]
        return [Objection(**one) for one in json.loads(answer)]

    def start(self) -> None:
        """Start one process ahead, so that the first package need not wait for what it loads."""
        if self._free.get() is None:
            self._free.put(_start())

    def close(self) -> None:
        """End the processes."""
        for _ in range(_AT_ONCE):
            _end(self._free.get())

    def _ask(self, process: subprocess.Popen[bytes], question: bytes) -> bytes | None:
        """The answer line, or None when the process gave none in time; it is ended then."""
        if process.stdin is None or process.stdout is None:
            return None
        clock = threading.Timer(self._patience_s, process.kill)
        clock.start()
        answer = b""
        try:
            process.stdin.write(question)
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = b""
        finally:
            clock.cancel()
        if answer.endswith(b"\n"):
            return answer
        _end(process)
        return None


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.workflow.judging_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None:
        return
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.kill()
    process.wait()
