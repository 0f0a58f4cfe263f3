"""Decoding page images off the window's thread, never larger than they are shown (giải mã ảnh)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from app.ui.bridge import Bridge

# An A3 page at 600 dpi has 278 MB as pixels; Qt's own limit of 256 MB refuses it even for a thumbnail.
ALLOCATION_LIMIT_MB = 1024
_DECODERS = 2


@dataclass(frozen=True)
class Picture:
    """A decoded image, and the size in px of the file it came from; a null image when it can't be read."""

    image: QImage
    full_size: QSize


def decode(file: Path, bounds: QSize) -> Picture:
    """The image in `file`, scaled down to fit into `bounds` (px) while it is decoded, never scaled up."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    full = reader.size()
    if full.isValid() and (full.width() > bounds.width() or full.height() > bounds.height()):
        reader.setScaledSize(full.scaled(bounds, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return Picture(image.convertToFormat(QImage.Format.Format_RGB32) if not image.isNull() else image, full)


class Pictures:
    """A few decoding threads that hand what they decoded to the window's thread."""

    def __init__(self, bridge: Bridge) -> None:
        QImageReader.setAllocationLimit(ALLOCATION_LIMIT_MB)
        self._bridge = bridge
        self._closed = False
        self._threads = ThreadPoolExecutor(_DECODERS, thread_name_prefix="decode")

    def request(
        self,
        locate: Callable[[], Path],
        bounds: QSize,
        done: Callable[[Picture], None],
        *,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Decodes the file that `locate` names and calls `done` on the window's thread.

        Nothing is decoded when `wanted` says so by the time a thread is free. A file that is missing
        or cannot be decoded gives a null image: the page stays in the list, only its picture is lost.
        """

        if self._closed:
            return

        def work() -> None:
            if not wanted():
                return
            try:
                picture = decode(locate(), bounds)
            except Exception:  # a fault of the store; it is told where the page is worked on
                picture = Picture(QImage(), QSize())
            self._bridge.post(lambda: done(picture))

        self._threads.submit(work)

    def close(self) -> None:
        """Decodes nothing more; images being decoded are dropped."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
