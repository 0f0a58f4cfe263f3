"""One writer at a time per upload; whoever comes last has the word (lượt ghi).

A line that broke leaves a writer behind that waits for bytes which will never come, while the same
station already knocks again. The newcomer displaces it instead of being locked out.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio

T = TypeVar("T")


class Displaced(Exception):  # noqa: N818  (a turn of events, not an error)
    """Another request took the upload over."""


class Stalled(Exception):  # noqa: N818  (a turn of events, not an error)
    """Nothing came within the time allowed."""


class Turn:
    """The right to write to one upload, until done or displaced."""

    def __init__(self) -> None:
        self._displaced = False
        self._waiting: anyio.CancelScope | None = None

    def displace(self) -> None:
        """Take the turn away: at once if its holder waits for the line, else when it next would."""
        self._displaced = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def wait_for(self, awaited: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Await one thing from the line. Raises Displaced, or Stalled after `seconds`."""
        if self._displaced:
            raise Displaced
        with anyio.move_on_after(seconds) as scope:
            self._waiting = scope
            try:
                return await awaited()
            finally:
                self._waiting = None
        if self._displaced:
            raise Displaced
        raise Stalled


class Turns:
    """Who writes to which upload, and who waits to. Lives on one event loop."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._turns: dict[str, list[Turn]] = {}

    @asynccontextmanager
    async def take(self, upload_id: str) -> AsyncIterator[Turn]:
        """Displace all who came before, wait until the holder has put its papers in order, and hold it."""
        lock = self._locks.setdefault(upload_id, asyncio.Lock())
        turns = self._turns.setdefault(upload_id, [])
        for earlier in turns:
            earlier.displace()
        turn = Turn()
        turns.append(turn)
        try:
            async with lock:
                yield turn
        finally:
            turns.remove(turn)
            if not turns:
                del self._turns[upload_id], self._locks[upload_id]
