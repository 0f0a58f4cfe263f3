"""The decoder's process seen from this side (bộ giải mã): started when needed, asked, watched, ended."""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from ocr.decoding import wire
from ocr.decoding.wishes import DecodedPage, Wishes
from ocr.errors import OcrError, OcrFault

SECONDS_A_PAGE = 10.0
"""How long one page may take to be decoded or drawn."""
SECONDS_TO_START = 30.0

_SECONDS_BETWEEN_LOOKS = 0.2
_PYTHON_PATH = Path(__file__).resolve().parents[2]

_Answer = tuple[wire.Message, list[bytes]] | None


@dataclass(frozen=True)
class Opened:
    """What a file turned out to be: its number of pages, and of digital signatures."""

    count: int
    signatures: int


class Decoder:
    """One decoder process at a time, for one thread at a time; a context manager.

    `patience_s` is how long it may take over one page.
    """

    def __init__(self, stopped: Callable[[], bool], patience_s: float = SECONDS_A_PAGE) -> None:
        self._stopped = stopped
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._listener: threading.Thread | None = None
        self._opened: wire.Message | None = None
        self._is_open = False

    def __enter__(self) -> "Decoder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, path: Path, wishes: Wishes, *, pdf: bool) -> Opened:
        """Opens a PDF, or else a TIFF.

        Raises OcrError: what is wrong with it, ocr.decoder-died, ocr.decoding-too-slow, ocr.cancelled.
        """
        self._opened = {"verb": "open", "path": str(path.resolve()), "wishes": asdict(wishes), "pdf": pdf}
        return self._reopen()

    def page(self, index: int) -> DecodedPage:
        """Page `index` from 0 of the open file, opened anew after a crash. Raises as `open` does."""
        if not self._is_open:
            self._reopen()
        head, parts = self._ask({"verb": "page", "index": index})
        try:
            rest = iter(parts)
            image, copy = (next(rest) if there else None for there in head["has"])
            size = tuple(head["size"]) if head["size"] else None
            return DecodedPage(image, head["dpi"], size, head["words"], copy)
        except (KeyError, TypeError, ValueError, StopIteration, RuntimeError):
            raise self._gone(OcrError(OcrFault.DECODER_DIED)) from None

    def close(self) -> None:
        """Ends the process, whatever it does."""
        self._is_open = False
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

    def _reopen(self) -> Opened:
        assert self._opened is not None  # noqa: S101
        head, _ = self._ask(self._opened)
        self._is_open = True
        return Opened(int(head.get("count", 1)), int(head.get("signatures", 0)))

    def _ask(self, request: wire.Message) -> tuple[wire.Message, list[bytes]]:
        fresh = self._process is None
        process = self._process or self._start()
        try:
            assert process.stdin is not None  # noqa: S101
            wire.send(process.stdin, request)
        except OSError:
            raise self._gone(OcrError(OcrFault.DECODER_DIED)) from None
        answer = self._await_answer(self._patience_s + (SECONDS_TO_START if fresh else 0))
        if answer is None:
            raise self._gone(OcrError(OcrFault.DECODER_DIED))
        head, parts = answer
        if head.get("kind") == "fault":
            raise self._fault(head)
        return head, parts

    def _fault(self, head: wire.Message) -> OcrError:
        try:
            return OcrError(OcrFault(head["fault"]), **head["facts"])
        except (KeyError, TypeError, ValueError):
            return self._gone(OcrError(OcrFault.DECODER_DIED))

    def _await_answer(self, patience_s: float) -> _Answer:
        deadline = time.monotonic() + patience_s
        while True:
            if self._stopped():
                raise self._gone(OcrError(OcrFault.CANCELLED))
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=_SECONDS_BETWEEN_LOOKS)
            if time.monotonic() > deadline:
                raise self._gone(OcrError(OcrFault.DECODING_TOO_SLOW, seconds=round(self._patience_s)))

    def _gone(self, error: OcrError) -> OcrError:
        self.close()
        return error

    def _start(self) -> "subprocess.Popen[bytes]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "ocr.decoding.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # A pool of threads for sums that are not done there would be counted against its memory.
                env={**inherited, "PYTHONPATH": str(_PYTHON_PATH), "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise OcrError(OcrFault.DECODER_DIED, errno=error.errno or 0) from error
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._answers = queue.SimpleQueue()
        self._listener = threading.Thread(
            target=_listen, args=(process.stdout, self._answers), daemon=True, name="decoder"
        )
        self._listener.start()
        return process


def _listen(source: IO[bytes], answers: "queue.SimpleQueue[_Answer]") -> None:
    """Hands on every answer, and None at the end. A thread, since Windows can't wait for a pipe otherwise."""
    with contextlib.suppress(wire.BrokenWireError, OSError, ValueError):
        while True:
            answers.put(wire.receive(source))
    answers.put(None)
