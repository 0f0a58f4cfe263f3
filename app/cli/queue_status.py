"""The queue as a whole, told on the terminal (tình trạng hàng đợi)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.outcome import show, terminal
from app.cli.words import language, say
from app.messages import explain

if TYPE_CHECKING:
    from app.workflow.queue import QueueStatus


@dataclass(frozen=True)
class _Fault:
    """A code that was kept, as an error that can be explained."""

    code: str
    facts: dict[str, str | int | float]


def as_object(status: "QueueStatus") -> dict[str, object]:
    """What `--json` prints."""
    return {
        "waiting": status.waiting,
        "waiting_bytes": status.waiting_bytes,
        "stuck": status.stuck,
        "rejected": status.rejected,
        "delivered": status.delivered,
        "paused": status.paused,
        "line_error": status.line_error,
        "line_next": status.line_next.isoformat() if status.line_next else None,
        "clock_skew_s": status.clock_skew_s,
    }


def print_status(status: "QueueStatus") -> None:
    """Counts first, then what a person should know or do."""
    terminal.print(
        say(
            "outbox.status",
            waiting=status.waiting,
            megabytes=f"{status.waiting_bytes / 1e6:.1f}",
            stuck=status.stuck,
            rejected=status.rejected,
            delivered=status.delivered,
        )
    )
    if status.paused:
        terminal.print(say("outbox.paused"))
    if status.clock_skew_s is not None:
        terminal.print(say("outbox.clock", seconds=status.clock_skew_s))
    if status.line_error is not None:
        show(explain(_Fault(status.line_error, {}), language()))
        if status.line_next is not None:
            terminal.print(say("outbox.line-next", at=f"{status.line_next:%d/%m/%Y %H:%M:%S}"))
