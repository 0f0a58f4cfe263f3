"""Memory of page images used again from page to page, and bounded (bộ nhớ)."""

import ctypes
import functools
import logging
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 32_000_000
_SPARE_BYTES = 64_000_000
_log = logging.getLogger(__name__)


@functools.cache
def share_large_blocks() -> None:
    """Tells glibc to keep all threads' blocks of up to 32 MB in one heap, and to give back what is free
    above them beyond 64 MB.

    A page image fresh from the system costs a fault for every 4 kB of it: taking every block over 2 MB from
    there cost a fifth to a third of a page's time, keeping them in an arena for each thread 80 MB.
    Effective for threads that start later. Elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    wishes = {_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: _LARGE_BYTES, _M_TRIM_THRESHOLD: _SPARE_BYTES}
    try:
        library = ctypes.CDLL(None)
        accepted = all(library.mallopt(wish, value) for wish, value in wishes.items())
    except (OSError, AttributeError):
        accepted = False
    if not accepted:
        _log.debug("the allocator has no such settings")
