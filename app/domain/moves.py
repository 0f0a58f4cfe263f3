"""State machines whose only moves are the legal ones (máy trạng thái)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class IllegalMoveError(ValueError):
    """A state may not follow another: always a fault of the program, never of the world."""

    def __init__(self, current: StrEnum, wanted: StrEnum) -> None:
        super().__init__(f"{type(current).__name__}: {current.value} -> {wanted.value}")
        self.current = current
        self.wanted = wanted


class Moves(Generic[S]):
    """The legal moves of one state type; staying where one is is legal too: a repeated step is harmless."""

    def __init__(self, table: Mapping[S, frozenset[S]]) -> None:
        states = set(type(next(iter(table))))
        if set(table) != states:
            raise ValueError(f"states without a row: {states - set(table)}")
        self._table = dict(table)

    def allowed(self, current: S) -> frozenset[S]:
        """States that may follow `current`, without `current` itself."""
        return self._table[current]

    def check(self, current: S, wanted: S) -> S:
        """`wanted`, if it may follow `current`. Raises IllegalMoveError."""
        if wanted != current and wanted not in self._table[current]:
            raise IllegalMoveError(current, wanted)
        return wanted
