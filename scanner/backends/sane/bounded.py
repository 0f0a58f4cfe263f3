"""Calls in which a driver keeps the interpreter for itself, with an end to them (gọi có hạn giờ).

python-sane holds the interpreter's lock while SANE is started and ended, a device closed, an option read or
set. A driver that never comes back from there lets no other thread run: not the one that sees that the
program is gone, and no timer of Python's. Seen with sane-airscan, whose close waits for its own thread.
"""

from __future__ import annotations

import contextlib
import faulthandler
from collections.abc import Iterator

SECONDS_OF_A_CALL = 90.0
"""Longer than a program is patient: where there is one, it ends this process and knows why."""
SECONDS_WHEN_ORPHANED = 5.0


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Ends this process where the driver doesn't come back within so many seconds. Not to be nested.

    The watch is kept by a thread of faulthandler that is no Python thread and needs no lock.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
