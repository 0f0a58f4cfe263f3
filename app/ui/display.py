"""Where a window can be, and how a terminal closes it (màn hình, tín hiệu dừng)."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from PySide6.QtCore import QSocketNotifier

from app.domain.errors import StationError, StationFault


def require_display() -> None:
    """Raises StationError `station.no-display` where Qt would end the program for want of a display."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("WAYLAND_DISPLAY") or _answers(os.environ.get("DISPLAY", "")):
        return
    raise StationError(StationFault.NO_DISPLAY)


def _answers(display: str) -> bool:
    """Whether an X server listens at `display`, such as `:0` or `localhost:10.0`."""
    host, colon, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not colon or not number.isdigit():
        return False
    if host in ("", "unix"):
        place = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where every X server listens
        return _connects(socket.AF_UNIX, place) or _connects(socket.AF_UNIX, f"\0{place}")
    return _connects(socket.AF_INET, (host, 6000 + int(number)))


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.settimeout(5)
        trial.connect(address)
        return True
    return False


@contextmanager
def closed_by_signals(close: Callable[[], object]) -> Iterator[None]:
    """Ctrl+C and SIGTERM ask the window to close, as its own button does; a second one ends the program.

    Qt runs no Python while it waits, so the signal wakes it through a socket.
    """
    inside, outside = socket.socketpair()
    for end in (inside, outside):
        end.setblocking(False)
    notifier = QSocketNotifier(inside.fileno(), QSocketNotifier.Type.Read)
    asked: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        del frame
        asked.append(number)

    def woken() -> None:
        with suppress(OSError):
            inside.recv(64)
        if len(asked) > 1:
            os._exit(128 + asked[-1])
        if asked:
            close()

    notifier.activated.connect(woken)
    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    old = signal.set_wakeup_fd(outside.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(old)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        inside.close()
        outside.close()
