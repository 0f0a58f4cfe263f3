"""Digests over byte ranges of a file, each byte hashed once however many signatures there are (mã băm)."""

import hashlib
import mmap
from typing import Any

from signing.verify.window import give_back

_PIECE = 1 << 20


class RangeDigests:
    """Digests of `data` with a part left out.

    The beginning that ranges share is hashed once for each algorithm: a running state is kept and copied, so
    ask for ranges in the order of where their first part ends.
    """

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._running: dict[tuple[str, int], tuple[int, Any]] = {}
        self._known: dict[tuple[str, int, int, int, int], bytes] = {}

    def digest(self, name: str, start: int, until: int, again: int, end: int) -> bytes:
        """The digest called `name` (hashlib) of the bytes start–until and again–end."""
        key = (name, start, until, again, end)
        if key not in self._known:
            state = self._beginning(name, start, until).copy()
            self._feed(state, again, end)
            self._known[key] = state.digest()
        return self._known[key]

    def _beginning(self, name: str, start: int, until: int) -> Any:
        at, state = self._running.get((name, start), (start, None))
        if state is None or at > until:
            at, state = start, hashlib.new(name, usedforsecurity=False)
        self._feed(state, at, until)
        self._running[name, start] = until, state
        return state

    def _feed(self, state: Any, start: int, end: int) -> None:
        for at in range(start, end, _PIECE):
            until = min(at + _PIECE, end)
            state.update(self._data[at:until])
            give_back(self._data, at, until)
