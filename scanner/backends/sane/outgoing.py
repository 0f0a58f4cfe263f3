"""Pages on their way from the driver's process to the program, coded meanwhile (trang đang chuyển đi).

The driver goes on with the next page while those before are coded, and sent in their order by a thread of its
own. Coding takes longer than reading does, so that two pages are coded at once where the cores allow it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from scanner.backends.sane import wire
from scanner.rescue import Held, Samples, Untaken

MOST_WAITING = 1
"""Pages between the one that is read and the one that is sent; each is held raw until it is coded."""

CODED_AT_ONCE = MOST_WAITING + 1
"""The page that is to be sent next, and the one behind it."""

Coded = tuple[bytes, bytes]
"""The JPEG of a page and that of its thumbnail."""

Waiting = tuple[Held, Future[Coded | None] | None]
"""A page and its JPEG to come; None where it goes out raw."""

SECONDS_TO_SEE_THE_END = 3.0
"""Both pipes end with the program: how long after the one the other may take to be noticed."""


class Line:
    """The pipe to the program; frames of two threads come out of it one after the other."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._guard = threading.Lock()

    def say(self, number: int, kind: str, *payloads: Samples, **fields: Any) -> None:
        """Sends a message, and what it announces right behind it. Raises OSError."""
        with self._guard:
            wire.write_all(self._fd, wire.pack_message({"number": number, "kind": kind, **fields}))
            for payload in payloads:
                wire.write_bytes(self._fd, payload)

    def beat(self, number: int, rows: int) -> None:
        """A sign of life; left out where a page is being sent, which is one as well. Raises OSError."""
        if self._guard.acquire(blocking=False):
            try:
                wire.write_all(self._fd, wire.pack_message({"number": number, "kind": "beat", "rows": rows}))
            finally:
                self._guard.release()


class Outgoing:
    """Takes the pages of one scan in order. To be used in `with`, which ends when all of them are out.

    With a `quality` they are coded as JPEG. Once `unwanted` says True, what is still here is dropped.
    """

    def __init__(
        self,
        line: Line,
        number: int,
        untaken: Untaken,
        quality: int | None,
        unwanted: Callable[[], bool],
    ) -> None:
        self._line = line
        self._number = number
        self._untaken = untaken
        self._quality = quality
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(MOST_WAITING)
        self._failure: BaseException | None = None
        self._unwanted = unwanted
        self._thread = threading.Thread(target=self._send_all, name="outgoing", daemon=True)
        self._coders = ThreadPoolExecutor(CODED_AT_ONCE, thread_name_prefix="coder")

    def __enter__(self) -> Outgoing:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What went wrong on the way comes before what ended the scan: its page is missing."""
        self._waiting.put(None)
        self._thread.join()
        self._coders.shutdown()
        if self._failure is not None:
            raise self._failure

    def put(self, page: Held) -> None:
        """Takes over a page; waits while others are before it. Raises what went wrong with one of those."""
        if self._failure is not None:
            raise self._failure
        self._untaken.add(page)
        coding = None if self._quality is None else self._coders.submit(self._code, page, self._quality)
        self._waiting.put((page, coding))

    def _code(self, page: Held, quality: int) -> Coded | None:
        """None where nobody wants the page any more."""
        return None if self._unwanted() else page.code(quality)

    def _send_all(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            page, coding = waiting
            if self._failure is None and not self._unwanted():
                try:
                    payloads = (page.samples,) if coding is None else coding.result()
                    if payloads is not None:
                        self._send(page, payloads)
                except BaseException as failure:  # raised again by the thread of the driver
                    self._failure = failure

    def _send(self, page: Held, payloads: tuple[Samples, ...]) -> None:
        height, width = page.shape[:2]
        sheet, side = page.leaf
        try:
            self._line.say(
                self._number,
                "page",
                *payloads,
                width=width,
                height=height,
                channels=page.shape[2] if len(page.shape) == 3 else 1,
                dpi=page.dpi,
                sheet=sheet,
                side=side,
                coded=self._quality is not None,
            )
        except BrokenPipeError:
            # Where nobody takes it any more, it is kept here.
            if not self._untaken.orphaned.wait(SECONDS_TO_SEE_THE_END):
                raise
            self._untaken.save_so_far()
