"""How a command ends: 0 done, 1 a fault of the world with a three-part message, 2 wrong usage (mã thoát)."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from app.domain.errors import StationError, StationFault, disk_fault
from app.messages import CodedError, Message, explain, explain_bug

logger = logging.getLogger(__name__)

FAULT_OF_THE_WORLD = 1

terminal = Console(stderr=True, highlight=False)


def show(message: Message) -> None:
    """Prints a three-part message on the terminal's error stream."""
    terminal.print(Text.assemble(("✗ ", "bold red"), (message.happened, "bold")))
    terminal.print(Text(f"  {message.safe}"))
    terminal.print(Text.assemble(("  → ", "bold"), message.next))
    terminal.print(Text(f"  [{message.code}]", style="dim"))


@contextmanager
def faults_shown(language: str) -> Iterator[None]:
    """Turns a coded error into its message and exit code 1; a bug too, with its traceback in the log."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        if isinstance(getattr(error, "code", None), str) and hasattr(error, "facts"):
            coded: CodedError = error  # type: ignore[assignment]
            logger.info("ended by %s", coded.code)
            show(explain(coded, language))
        elif isinstance(error, OSError):
            show(explain(disk_fault(error), language))
        else:
            logger.exception("bug")
            show(explain_bug(language))
        raise click.exceptions.Exit(FAULT_OF_THE_WORLD) from error


class StopOnSignal:
    """A flag that Ctrl+C and SIGTERM raise, so that work ends at its next safe point."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def __call__(self) -> bool:
        return self._asked.is_set()

    def __enter__(self) -> "StopOnSignal":
        self._before = {
            number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._asked.is_set():
            raise KeyboardInterrupt
        self._asked.set()


def cancelled() -> StationError:
    """What a command raises when it was asked to stop."""
    return StationError(StationFault.CANCELLED)
