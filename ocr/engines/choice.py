"""Which net reads which page (chọn mô hình cho từng trang).

Measured (docs/nhan-dang.md): the fast Vietnamese net is as right as any on clean print at 200 dpi and needs
two thirds of the time; coarse pages are best read by the net of the script; small or soft print by the
accurate net. The fast net knows when it is unsure: a page with many doubtful words is read once more by the
accurate net. Nothing is corrected from a dictionary.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ocr.engines.contract import Engine
from ocr.errors import OcrError, OcrFault
from ocr.page import Word, mean_confidence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COARSE_DPI = 180
"""Below this the net of the script reads."""

DOUBTFUL = 88.0
"""A word of less confidence is doubtful."""

DOUBTFUL_SHARE = 0.05
"""A page with a larger share of doubtful words is read again by the accurate net."""

_FEW_WORDS = 8


class NetChoice:
    """An engine made of three, each loaded when a page first needs it; one thread at a time uses it."""

    def __init__(
        self, fast: Engine, accurate: Callable[[], Engine], coarse: Callable[[], Engine], name: str
    ) -> None:
        """`name` tells of all three nets, loaded or not, so that it doesn't change as pages are read."""
        self._fast = fast
        self._openers = {"accurate": accurate, "coarse": coarse}
        self._opened: dict[str, Engine] = {}
        self._name = name

    @property
    def name(self) -> str:
        """Versions and fingerprints of all three."""
        return self._name

    def recognise(
        self, grey: "NDArray[np.uint8]", dpi: int, *, stopped: Callable[[], bool]
    ) -> tuple[Word, ...]:
        """The words of a grey page; see `Engine.recognise`."""
        if dpi < COARSE_DPI:
            return self._engine("coarse").recognise(grey, dpi, stopped=stopped)
        words = self._fast.recognise(grey, dpi, stopped=stopped)
        if not is_doubtful(words):
            return words
        again = self._engine("accurate").recognise(grey, dpi, stopped=stopped)
        return again if mean_confidence(again) > mean_confidence(words) - 1.0 else words

    def close(self) -> None:
        """Closes what was opened."""
        for engine in (self._fast, *self._opened.values()):
            engine.close()
        self._opened.clear()

    def _engine(self, role: str) -> Engine:
        if role not in self._opened:
            try:
                self._opened[role] = self._openers[role]()
            except OcrError as error:
                if error.fault is not OcrFault.NO_MODEL:
                    raise
                return self._fast
        return self._opened[role]


def is_doubtful(words: Sequence[Word]) -> bool:
    """Whether many words of letters are below `DOUBTFUL`; a page of hardly any words is not judged."""
    lettered = [word for word in words if sum(letter.isalnum() for letter in word.text) > 1]
    unsure = sum(word.confidence < DOUBTFUL for word in lettered)
    return len(lettered) >= _FEW_WORDS and unsure > DOUBTFUL_SHARE * len(lettered)
