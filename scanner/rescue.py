"""Pages whose program was killed while they left the feeder: kept by the driver's process (cứu trang).

The driver runs in a process of its own, which sees the end of its program by the end of a pipe. What it
read and nobody took goes into the spool for which the scan was meant. The spool's own journal tells which
pages are there already, so none is kept twice.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from scanner import jpeg
from scanner.coded import CodedPage
from scanner.contract import PageImage, Rescue
from scanner.errors import ScanError
from scanner.feed import AT_THE_END, Feed, Spot
from scanner.spool import RESCUE_LOCK_NAME, Spool

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from filelock import FileLock


Samples: TypeAlias = bytes | bytearray | memoryview
"""Raw samples of a page, a byte each."""


class Untaken:
    """The pages of a scan that were handed out and are not known to be kept; for several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._rescue: Rescue | None = None
        self._first = 0
        self._pages: deque[Held] = deque()
        self._claimed: FileLock | None = None
        self.orphaned = threading.Event()
        """Set once nobody will take a page any more, and the pages are ours to keep."""

    def begin(self, rescue: Rescue | None) -> None:
        """Another scan. With no `rescue` nothing is held."""
        if rescue is not None:
            # Every millisecond counts when the program is gone.
            import cv2  # noqa: F401
            import filelock  # noqa: F401
        with self._guard:
            self._rescue, self._first = rescue, 0
            self._pages.clear()

    def add(self, page: Held) -> None:
        """A page that is about to be handed out."""
        with self._guard:
            if self._rescue is not None:
                self._pages.append(page)

    def taken(self, count: int) -> None:
        """The first `count` pages of the scan are kept."""
        with self._guard:
            while self._pages and self._first < count:
                self._pages.popleft()
                self._first += 1

    def claim(self) -> bool:
        """The program is gone. Whether its pages are ours to keep; then nobody opens their spool before."""
        import filelock

        with self._guard:
            if self._rescue is None or not Path(self._rescue.folder).is_dir():
                return False
            lock = Path(self._rescue.folder) / RESCUE_LOCK_NAME
            self._claimed = filelock.FileLock(lock, mode=0o600, thread_local=False)
            with suppress(OSError, filelock.Timeout):
                self._claimed.acquire(timeout=0)
        self.orphaned.set()
        return True

    def save_so_far(self) -> None:
        """Keeps what nobody took; what the disk refuses is still in the tray of the scanner."""
        with self._guard:
            rescue, pages = self._rescue, [page.image() for page in self._pages]
            first, self._first = self._first, self._first + len(pages)
            self._pages.clear()
            if rescue is not None and pages and self.orphaned.is_set():
                with suppress(ScanError):
                    keep_the_rest(rescue, first, pages)

    def save(self) -> None:
        """The same, and nothing more will come: others may open the spool."""
        self.save_so_far()
        with self._guard:
            if self._claimed is not None:
                self._claimed.release()


class Held:
    """A page as the driver gave it: raw samples, (H, W, 3) or (H, W), dpi, sheet and side.

    Once it is coded only its JPEG is held.
    """

    def __init__(self, samples: Samples, shape: tuple[int, ...], dpi: int, leaf: tuple[int, int]) -> None:
        self.shape, self.dpi, self.leaf = shape, dpi, leaf
        self._content: Samples | tuple[bytes, bytes] = samples

    @property
    def samples(self) -> Samples:
        """The raw samples. Raises RuntimeError once it is coded."""
        if isinstance(self._content, tuple):
            raise RuntimeError("the page is coded already")
        return self._content

    def code(self, quality: int) -> tuple[bytes, bytes]:
        """The JPEG of the page and that of its thumbnail; the samples are let go."""
        pixels = self._pixels(self.samples)
        self._content = (jpeg.encode(pixels, self.dpi, quality), jpeg.thumbnail(pixels))
        return self._content

    def image(self) -> PageImage:
        """The page for the spool."""
        content = self._content
        if isinstance(content, tuple):
            return CodedPage(content[0], self.shape, self.dpi, *self.leaf, thumbnail=content[1])
        return PageImage(self._pixels(content), self.dpi, *self.leaf)

    def _pixels(self, samples: Samples) -> npt.NDArray[np.uint8]:
        import numpy as np

        return np.frombuffer(samples, np.uint8).reshape(self.shape)


def keep_the_rest(rescue: Rescue, first: int, images: list[PageImage]) -> int:
    """Keeps those of `images` that are not in the spool yet; the first of them is number `first` of its scan,
    counted from 0. Returns how many. Raises ScanError.
    """
    spool = Spool(Path(rescue.folder), at_rescue=True)
    added = spool.history()[rescue.known :]
    spot = Spot(rescue.replaces, rescue.after)
    if added and spot != AT_THE_END:
        spot = Spot(after=added[-1].number)
    feed = Feed(spool, rescue.device, rescue.profile, spot)
    rest = images[max(0, len(added) - first) :]
    for image in rest:
        feed.keep(image)
    return len(rest)
