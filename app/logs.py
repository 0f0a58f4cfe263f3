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


def start(folder: Path) -> None:
    """Logs to `folder/sohoa.log` from now on, and catches bugs and crashes there too."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(
        folder / "sohoa.log", maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, logging.handlers.RotatingFileHandler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    sys.excepthook = _log_bug
    threading.excepthook = _log_thread_bug
    faulthandler.enable((folder / "crash.log").open("a", encoding="utf-8"))


def _log_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("app").critical("bug", exc_info=(kind, error, trace))


def _log_thread_bug(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_bug(args.exc_type, args.exc_value, args.exc_traceback)
