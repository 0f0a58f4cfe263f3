"""One line on the terminal that tells how far the queue is (dòng tiến độ)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.cli.outcome import terminal
from app.cli.words import say
from app.workflow.happenings import EntrySettled, Happening, QueueProgress

if TYPE_CHECKING:
    from rich.status import Status

    from app.domain.outbox import OutboxEntry


def _nothing(entry: "OutboxEntry") -> None:
    del entry


class QueueLine:
    """Shows the rate, what is left and the time it will take; `settled` is told of each entry."""

    def __init__(self, settled: "Callable[[OutboxEntry], None]" = _nothing) -> None:
        self._settled = settled
        self._status: Status | None = None

    def __enter__(self) -> "QueueLine":
        if terminal.is_terminal:
            self._status = terminal.status("")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, happening: Happening) -> None:
        """Take in what happened."""
        if isinstance(happening, EntrySettled):
            self._settled(happening.entry)
        if isinstance(happening, QueueProgress) and self._status is not None:
            self._status.update(words(happening))


def words(progress: QueueProgress) -> str:
    """The progress as a sentence."""
    return say(
        "outbox.progress",
        entries=progress.entries_left,
        megabytes=f"{progress.bytes_left / 1e6:.1f}",
        rate=f"{progress.bytes_per_s / 1000:.0f}",
        left=clock_time(progress.seconds_left),
    )


def clock_time(seconds: float | None) -> str:
    """A span of time as h:mm:ss; a dash while it is not known."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
