"""One request to the worker and all that comes back for it, under watch (một lượt gọi)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scanner.backends.sane import wire
from scanner.backends.sane.process import Worker
from scanner.contract import LARGEST_PAGE_BYTES, never
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SECONDS_BETWEEN_LOOKS = 0.05
_SECONDS_TO_STOP = 3.0
SECONDS_AT_REST = 3.0
"""How long the end of a call waits for lamp and paper to come to rest."""
SECONDS_TO_PUT_AWAY = 15.0
"""How long the next call waits for it, before the process is taken for dead."""


class Call:
    """Reads the answers to one request. `open` until the last one has been read."""

    def __init__(
        self, worker: Worker, stopped: Callable[[], bool], patience_s: float, verb: str, **fields: object
    ) -> None:
        self._worker = worker
        self._stopped = stopped
        self._patience_s = patience_s
        self._stop_by: float | None = None
        self.open = True
        self._number = worker.ask(verb, **fields)

    @property
    def stopping(self) -> bool:
        """Whether the worker has been asked to stop; no page counts from then on."""
        return self._stop_by is not None

    def receive(self) -> wire.Message:
        """The next message but signs of life; pages that nobody took are dropped.

        Raises ScanError: `scan.cancelled` once stopping, `scan.not-answering`, `scan.worker-died` (the
        process is gone after both), or the fault that the worker reports.
        """
        try:
            while True:
                kind, length = self._next_header()
                if kind is wire.Kind.BYTES:
                    self._drop(length)
                    continue
                message = self._read_message(length)
                if not self._note(message):
                    continue
                if message["kind"] == "fault":
                    raise ScanError(ScanFault(message["fault"]), **message["facts"])
                if self.stopping:
                    if message["kind"] == "end":
                        raise ScanError(ScanFault.CANCELLED)
                    continue
                return message
        except (KeyError, TypeError, ValueError):
            self.open = False
            raise self._worker.died(reason="broken wire") from None
        except ScanError:
            self.open = False
            if self.stopping:
                raise ScanError(ScanFault.CANCELLED) from None
            raise

    def receive_pixels(self, width: int, height: int, channels: int) -> npt.NDArray[np.uint8]:
        """The samples that a `page` message announced, as (H, W, 3), or (H, W) for one channel."""
        import numpy as np

        with self._watched():
            length = self._next_bytes()
            if length != width * height * channels:
                raise self._worker.died(reason="broken wire")
            pixels = np.empty((height, width) if channels == 1 else (height, width, channels), np.uint8)
            self._fill(memoryview(pixels.data).cast("B"))
        return pixels

    def receive_coded(self, shape: tuple[int, ...], dpi: int) -> tuple[bytes, bytes]:
        """The JPEG of a page of this shape that a `page` message announced, and that of its thumbnail."""
        from scanner import jpeg

        with self._watched():
            coded, thumbnail = (self._filled(bytearray(self._next_bytes())) for _ in range(2))
            if jpeg.as_kept(coded, shape, dpi) is None:
                raise self._worker.died(reason="broken wire")
        return coded, thumbnail

    def _next_bytes(self) -> int:
        """The length of the bytes that come now; judged before anything is allocated."""
        kind, length = self._next_header()
        if kind is not wire.Kind.BYTES:
            raise self._worker.died(reason="broken wire")
        if length > LARGEST_PAGE_BYTES:
            self._worker.kill()
            raise ScanError(ScanFault.REFUSED_SIZE, bytes=length, most=LARGEST_PAGE_BYTES)
        return length

    def _filled(self, buffer: bytearray) -> bytes:
        self._fill(memoryview(buffer))
        return bytes(buffer)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """A fault in the middle of a page ends the call; after a stop it is the stop that is told."""
        try:
            yield
        except ScanError:
            self.open = False
            if self.stopping:
                raise ScanError(ScanFault.CANCELLED) from None
            raise

    def taken(self, count: int) -> None:
        """Tells that whoever asked has kept the first `count` pages."""
        self._worker.taken(self._number, count)

    def finish(self) -> None:
        """Stops what is still going on and reads it to its end, so that the worker is free for the next."""
        if not self.open:
            return
        self._stopped = _at_once
        try:
            while True:
                self.receive()
        except ScanError:
            self.open = False

    def await_free(self, seconds: float) -> bool:
        """After the last answer: whether the driver puts everything away in so many seconds."""
        if not self._worker.is_alive():
            return False
        deadline = time.monotonic() + seconds
        self._stopped = never
        try:
            while not self._worker.is_free:
                if not self._worker.has_something(deadline - time.monotonic()):
                    return False
                self._stop_by = deadline + _SECONDS_TO_STOP
                kind, length = self._next_header()
                if kind is wire.Kind.BYTES:
                    self._drop(length)
                else:
                    self._note(self._read_message(length))
        except ScanError:
            return False
        return True

    def _note(self, message: wire.Message) -> bool:
        """Whether the message is one of this call that says something; `free` is noted in passing."""
        if message.get("number") != self._number:
            return False
        if message.get("kind") == "free":
            self._worker.is_free = True
        return message.get("kind") not in ("beat", "free")

    def done(self) -> None:
        """To be called when the message was the last one of its kind."""
        self.open = False

    def _next_header(self) -> tuple[wire.Kind, int]:
        try:
            return wire.read_header(self._fill)
        except wire.BrokenWireError:
            raise self._worker.died(reason="broken wire") from None

    def _read_message(self, length: int) -> wire.Message:
        try:
            return wire.read_message(length, self._fill)
        except wire.BrokenWireError:
            raise self._worker.died(reason="broken wire") from None

    def _drop(self, length: int) -> None:
        scratch = memoryview(bytearray(min(length, wire.PIPE_BYTES)))
        while length:
            part = scratch[:length]
            self._fill(part)
            length -= len(part)

    def _fill(self, buffer: memoryview) -> None:
        """Fills `buffer`. The patience starts anew with every byte; the time to stop does not."""
        deadline = time.monotonic() + self._patience_s
        while buffer:
            if not self.stopping and self._stopped():
                self._stop_by = time.monotonic() + _SECONDS_TO_STOP
                self._worker.cancel(self._number)
            count = self._worker.read_some(buffer, _SECONDS_BETWEEN_LOOKS)
            now = time.monotonic()
            if count:
                buffer = buffer[count:]
                deadline = now + self._patience_s
            if now > (deadline if self._stop_by is None else self._stop_by):
                self._worker.kill()
                raise ScanError(ScanFault.NOT_ANSWERING, waited_s=self._patience_s)


def _at_once() -> bool:
    return True
