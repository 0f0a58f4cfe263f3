"""Scans a page or two ahead of whoever keeps them (quét trước, lưu sau).

While one page is written and synced, the next comes from the device and the one between is encoded. What a
stack takes then is the time of the slowest of the three, not of their sum.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import Queue
from typing import TYPE_CHECKING

from scanner import jpeg
from scanner.contract import Backend, PageImage, ScanRequest, never

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PAGES_AHEAD = 2
"""Pages that wait for their turn: each is 26 MB as A4 in colour at 300 dpi."""

_ENCODERS = 2


def scan_ahead(
    backend: Backend,
    device_id: str,
    request: ScanRequest,
    stopped: Callable[[], bool] = never,
    *,
    quality: int = 90,
) -> Iterator[PageImage]:
    """The stream of `backend.scan` in its order, at most PAGES_AHEAD pages before the caller.

    Each page carries its JPEG in `encoded` (4:4:4, `quality` 1 to 95 as in `Spool`, density true), or the one
    that the device gave. Good pages come first, then the ScanError: also pages that were whole when
    `stopped` said True, as their sheets have left the feeder. Leaving the iteration early stops the scanner.
    """
    left = threading.Event()
    ready: Queue[Future[PageImage] | None] = Queue()
    room = threading.Semaphore(PAGES_AHEAD)
    fault: list[BaseException] = []

    def fetch() -> None:
        pages = backend.scan(device_id, request, lambda: left.is_set() or stopped())
        try:
            for page in pages:
                ready.put(encoders.submit(_encoded, page, quality))
                # Only then is the next one asked for; the caller gives room back with each page it takes.
                room.acquire()
                if left.is_set():
                    break
        except BaseException as error:
            fault.append(error)
        finally:
            _close(pages)
            ready.put(None)

    with ThreadPoolExecutor(_ENCODERS, thread_name_prefix="encode page") as encoders:
        fetching = threading.Thread(target=fetch, name="fetch pages", daemon=True)
        fetching.start()
        try:
            while (coming := ready.get()) is not None:
                page = coming.result()
                del coming
                room.release()
                yield page
                del page
        finally:
            left.set()
            room.release()
            fetching.join()
    if fault:
        raise fault[0]


_of_thread = threading.local()
"""The samples in the order that the encoder wants: memory that every page of a stack uses again."""


def _encoded(page: PageImage, quality: int) -> PageImage:
    """The page with its JPEG. OpenCV's encoder lets other threads run meanwhile, Pillow's does not."""
    if page.encoded is not None:
        return page
    import cv2
    import numpy as np

    samples: npt.NDArray[np.uint8] = page.pixels
    if page.pixels.ndim == 3:
        turned = getattr(_of_thread, "turned", None)
        reused = turned if turned is not None and turned.shape == page.pixels.shape else None
        samples = cv2.cvtColor(page.pixels, cv2.COLOR_RGB2BGR, dst=reused).view(np.uint8)
        _of_thread.turned = samples
    done, data = cv2.imencode(
        ".jpg",
        samples,
        [
            *(cv2.IMWRITE_JPEG_QUALITY, quality),
            *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
        ],
    )
    if not done:
        return page
    return replace(page, encoded=jpeg.as_kept(data.tobytes(), page.pixels.shape, page.dpi))


def _close(pages: Iterator[PageImage]) -> None:
    """Ends a stream that was left before its end, so that the device comes to rest."""
    close = getattr(pages, "close", None)
    if close is not None:
        close()
