"""Waiting for a device without being held by it: each read ends at a stop, a silence, or a deadline."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECONDS_A_LOOK = 0.1
"""How often a wait looks whether it was stopped."""

SECONDS_TO_SEND = 10.0


class Watch:
    """How long one question to a device may take, and whether somebody stopped it."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self._silence_s = 0.0
        self._heard_at = 0.0
        self._ends_at = 0.0
        self._grace_s = 0.0
        self._stopped_at: float | None = None

    def begin(self, silence_s: float, overall_s: float, grace_s: float = 0.0) -> None:
        """A new question: so many seconds without a byte, and so many for all of the answer.

        An answer that must be known even after a stop is waited for `grace_s` longer.
        """
        self._silence_s = silence_s
        self._grace_s = grace_s
        self._stopped_at = None
        self._heard_at = time.monotonic()
        self._ends_at = self._heard_at + overall_s

    def heard(self) -> None:
        """Bytes came."""
        self._heard_at = time.monotonic()

    def check(self) -> None:
        """Raises ScanError `scan.cancelled` or `scan.not-answering`."""
        now = time.monotonic()
        if self._stopped():
            self._stopped_at = now if self._stopped_at is None else self._stopped_at
            if now - self._stopped_at >= self._grace_s:
                raise ScanError(ScanFault.CANCELLED)
        if now > self._ends_at or now - self._heard_at > self._silence_s:
            raise ScanError(ScanFault.NOT_ANSWERING, seconds=round(self._silence_s, 1))

    def pause(self, seconds: float) -> None:
        """Waits that long, or until it is stopped. Raises ScanError `scan.cancelled`."""
        until = time.monotonic() + seconds
        while True:
            if self._stopped():
                raise ScanError(ScanFault.CANCELLED)
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, SECONDS_A_LOOK))

    def receive(self, line: socket.socket, read: Callable[[], int]) -> int:
        """Reads in short steps; what `read` raises but a time-out goes on."""
        line.settimeout(SECONDS_A_LOOK)
        try:
            while True:
                self.check()
                try:
                    count = read()
                except TimeoutError:
                    continue
                self.heard()
                return count
        finally:
            line.settimeout(SECONDS_TO_SEND)


class WatchedSocket(socket.socket):
    """A plain connection whose reads are watched."""

    watch: Watch | None = None

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """As of socket.socket. Raises ScanError as of `Watch.check`."""
        read = super().recv_into
        if self.watch is None:
            return read(buffer, nbytes, flags)
        return self.watch.receive(self, lambda: read(buffer, nbytes, flags))


class WatchedTLSSocket(ssl.SSLSocket):
    """An encrypted connection whose reads are watched."""

    watch: Watch | None = None

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """As of ssl.SSLSocket. Raises ScanError as of `Watch.check`."""
        read = super().recv_into
        if self.watch is None:
            return read(buffer, nbytes, flags)
        return self.watch.receive(self, lambda: read(buffer, nbytes, flags))
