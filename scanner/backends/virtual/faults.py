"""Faults that a virtual scanner shows on demand, for tests and for the training room (lỗi giả lập)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong."""

    JAM = "jam"
    DOUBLE_FEED = "double-feed"
    COVER = "cover"
    BUSY = "busy"
    TRUNCATED = "truncated"
    HANG = "hang"


@dataclass(frozen=True)
class Fault:
    """A fault that shows when page `at_page` of the stack is asked for (1 = the first), until cleared.

    The pages before it arrive; the page itself stays in the stack.
    """

    kind: FaultKind
    at_page: int = 1

    def __post_init__(self) -> None:
        if self.at_page < 1:
            raise ValueError("pages count from 1")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """`jam:3` → a jam at page 3; `busy` → at page 1. Raises ValueError for anything else."""
        kind, _, page = text.strip().partition(":")
        return cls(FaultKind(kind), int(page) if page else 1)
