"""What every recognition engine does (hợp đồng của bộ nhận dạng)."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ocr.page import Word, nfc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE_SECONDS = 120
"""An A3 page full of 6 pt print needs 15 s on a slow machine; what needs longer than this is not a page."""

_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ÿ": "Y", "ÿ": "y", "\u00ad": "-", "\u00a0": " "})


class Engine(Protocol):
    """A warm recogniser that one thread uses at a time."""

    @property
    def name(self) -> str:
        """Binding, version of Tesseract and fingerprint of the model, as `ReadPage.engine` gives it."""

    def recognise(
        self, grey: "NDArray[np.uint8]", dpi: int, *, stopped: Callable[[], bool]
    ) -> tuple[Word, ...]:
        """The words of an upright grey page (uint8, height × width, dark on light), in the engine's own
        order.

        Places are px of `grey`. Raises OcrError: ocr.cancelled, ocr.timed-out, ocr.engine-failed.
        """

    def close(self) -> None:
        """Gives the memory back; calling it again does nothing."""


def one_thread_each() -> None:
    """Keeps Tesseract from starting threads of its own inside every worker; effective before it loads."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")


def spelled(text: str) -> str:
    """`text` in NFC, with letters that no Vietnamese word has turned into their look-alikes (Ð U+00D0 →
    Đ)."""
    return nfc(text).translate(_LOOK_ALIKES).strip()
