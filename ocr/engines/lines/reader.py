"""The engine made of layout analysis and line net (bộ nhận dạng theo dòng); see `Engine`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ocr.engines.binding import binding, starting, version_of
from ocr.engines.lines.finding import Strip, find_strips
from ocr.engines.lines.net import STEP_PX, LineNet
from ocr.engines.lines.picture import HEIGHT, line_picture
from ocr.engines.lines.reading import Reading, reading_of
from ocr.engines.lines.scribble import is_scribble
from ocr.engines.lines.words import Scale, words_of
from ocr.errors import OcrError, OcrFault
from ocr.page import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDE, _NARROW = (0.2, 0.1), (0.05, 0.05)
"""Margins above and below the letters, as shares of their height. Measured: small and slanted print is read
better with wide ones, the marks of broad print with narrow ones; the surer of two readings is better than
either."""

_DOUBTFUL = 0.85
"""A strip with a letter less likely than this is read twice: about one in four."""


class LineReader:
    """One thread at a time uses it; the net may be shared."""

    def __init__(self, net: LineNet) -> None:
        """Raises OcrError ocr.no-engine where tesserocr isn't installed."""
        self._module: Any = binding()
        with starting:
            self._api: Any = self._module.PyTessBaseAPI(init=False)
            self._api.InitForAnalysePage()
        self._api.SetPageSegMode(self._module.PSM.AUTO)
        # Words are told apart by the net: a search for fonts of one width costs a sixth and changes no strip.
        self._api.SetVariable("textord_all_prop", "1")
        self._net = net
        version = version_of(self._module)
        self._name = f"lines by tesseract {version} / {net.name}"

    @property
    def name(self) -> str:
        """Versions and fingerprint."""
        return self._name

    def recognise(
        self, grey: "NDArray[np.uint8]", dpi: int, *, stopped: Callable[[], bool]
    ) -> tuple[Word, ...]:
        """The words of a grey page; see `Engine.recognise`."""
        _go_on(stopped)
        try:
            strips = find_strips(self._api, self._module, grey, dpi)
        except RuntimeError as error:
            raise OcrError(OcrFault.ENGINE_FAILED) from error
        _go_on(stopped)
        words: list[Word] = []
        usual = sorted(strip.ink_height for strip in strips)[len(strips) // 2] if strips else 1
        for strip, reading in self._read(strips, grey):
            if not is_scribble(
                reading.text(self._net.letters), reading.mean, strip.ink_height / max(1, usual)
            ):
                words += self._words(strip, reading, grey)
        return tuple(words)

    def close(self) -> None:
        """Gives the memory back."""
        self._api.End()

    def _read(self, strips: list[Strip], grey: "NDArray[np.uint8]") -> Iterator[tuple[Strip, Reading]]:
        """Every strip with its surer reading: those that leave a doubt are looked at twice."""
        first = self._readings(strips, grey, _WIDE)
        doubtful = [index for index, reading in enumerate(first) if reading.least < _DOUBTFUL]
        second = self._readings([strips[index] for index in doubtful], grey, _NARROW)
        better = dict(zip(doubtful, second, strict=True))
        for index, (strip, reading) in enumerate(zip(strips, first, strict=True)):
            other = better.get(index, reading)
            yield strip, other if other.mean > reading.mean else reading

    def _readings(
        self, strips: list[Strip], grey: "NDArray[np.uint8]", margins: tuple[float, float]
    ) -> list[Reading]:
        height, width = grey.shape
        windows = [strip.window(*margins, (width, height)) for strip in strips]
        pictures = [line_picture(grey[y0:y1, x0:x1]) for x0, y0, x1, y1 in windows]
        return [
            reading_of(likely, window)
            for window, likely in zip(windows, self._net.read(pictures), strict=True)
        ]

    def _words(self, strip: Strip, reading: Reading, grey: "NDArray[np.uint8]") -> Iterator[Word]:
        x0, y0, _, y1 = reading.window
        scale = Scale(float(x0), STEP_PX * (y1 - y0) / HEIGHT)
        return words_of(reading.letters, self._net.letters, strip, grey, scale)


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise OcrError(OcrFault.CANCELLED)
