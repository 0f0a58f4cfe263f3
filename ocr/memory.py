"""How page images get their memory (bộ nhớ): in a program that stays, or in a job of many pages.

The first wish counts for the whole process. Where the allocator is another, nothing happens.
"""

import ctypes
import logging
import sys
import threading
from collections.abc import Mapping

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_APART = {_M_MMAP_THRESHOLD: 2_000_000}
_SHARED = {_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: 32_000_000, _M_TRIM_THRESHOLD: 256_000_000}
_log = logging.getLogger(__name__)


def keep_large_blocks_apart() -> None:
    """Takes every block over 2 MB from the system and gives it back when it is freed.

    Left to itself glibc raises that limit to 32 MB once the first page image has been freed, and keeps
    later ones in an arena of every thread: two threads then hold 80 MB more than they use.
    """
    _settle(_APART)


def share_large_blocks() -> None:
    """Keeps all threads' blocks of up to 32 MB in one heap, and gives back what is free above beyond 256 MB,
    more than a page takes and lets go again.

    A page image fresh from the system costs a fault for every 4 kB of it, a fifth to a third of a page's
    time; kept, two threads hold 100 MB more. Effective for threads that start later.
    """
    _settle(_SHARED)


_guard = threading.Lock()


def _settle(wishes: Mapping[int, int]) -> None:
    if not sys.platform.startswith("linux") or not _guard.acquire(blocking=False):
        return  # never released: the first wish stays
    try:
        library = ctypes.CDLL(None)
        accepted = all(library.mallopt(wish, value) for wish, value in wishes.items())
    except (OSError, AttributeError):
        accepted = False
    if not accepted:
        _log.debug("the allocator has no such settings")
