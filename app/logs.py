"""The program's log: rotated files with every personal number masked (nhật ký kỹ thuật)."""

import faulthandler
import logging
import logging.handlers
import re
import sys
import threading
from pathlib import Path
from types import TracebackType

# Personal numbers have 9 or 12 digits, phone numbers 10 or 11; longer runs are hashes or times.
_NUMBERS = re.compile(r"(?<![0-9A-Fa-f])(\d{3})(\d{3,6})(\d{3})(?![0-9A-Fa-f])")
_MAX_BYTES = 2_000_000
_KEPT_FILES = 5


def mask_numbers(text: str) -> str:
    """`text` with the middle of every run of 9 to 12 digits replaced by asterisks."""
    return _NUMBERS.sub(lambda found: found[1] + "*" * len(found[2]) + found[3], text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one masked text."""
        return mask_numbers(super().format(record))


class Log:
    """The open log of this process; `close()` gives the process back as it was."""

    def __init__(self, folder: Path) -> None:
        """Logs to `folder/sohoa.log` from now on, and catches bugs and crashes there too. Raises OSError."""
        _make_private(folder)
        self._crashes = (folder / "crash.log").open("a", encoding="utf-8")
        self._handler = logging.handlers.RotatingFileHandler(
            folder / "sohoa.log", maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
        )
        self._handler.setFormatter(
            MaskingFormatter("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s")
        )
        root = logging.getLogger()
        self._level = root.level
        root.addHandler(self._handler)
        root.setLevel(logging.INFO)
        self._hooks = sys.excepthook, threading.excepthook
        sys.excepthook, threading.excepthook = _log_bug, _log_thread_bug
        faulthandler.enable(self._crashes)

    def close(self) -> None:
        """Stops logging and closes both files."""
        faulthandler.disable()
        sys.excepthook, threading.excepthook = self._hooks
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._level)
        self._handler.close()
        self._crashes.close()


def _make_private(folder: Path) -> None:
    """Creates the folder and its missing parents for this account only: data lies beside the log."""
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def _log_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("app").critical("bug", exc_info=(kind, error, trace))


def _log_thread_bug(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_bug(args.exc_type, args.exc_value, args.exc_traceback)
