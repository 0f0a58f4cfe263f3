"""Large images given back to the system as soon as they are done with (bộ nhớ)."""

import ctypes
import functools
import logging
import sys

_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 2_000_000
_log = logging.getLogger(__name__)


@functools.cache
def keep_large_blocks_apart() -> None:
    """Tells glibc to take every block over 2 MB from the system and to give it back when it is freed.

    Left to itself glibc raises that limit to 32 MB once the first page image has been freed, and keeps
    later ones in an arena of every thread: two threads then hold 80 MB more than they use. Elsewhere
    nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        accepted = ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    except (OSError, AttributeError):
        accepted = 0
    if not accepted:
        _log.debug("the allocator has no threshold to set")
