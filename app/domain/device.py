"""A scanner in the station's books (máy quét trong danh sách thiết bị)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownDevice:
    """What is kept of a scanner: who made it, what it can do, how much it scanned, its last test.

    `formerly` are the ids it went by before its address changed.
    """

    id: str
    maker: str
    model: str
    serial: str
    connection: str
    capabilities: str
    pages_scanned: int = 0
    last_test_at: str | None = None
    test_result: str = ""
    formerly: tuple[str, ...] = ()
