"""Tesseract as a library in this process, through tesserocr (thư viện Tesseract).

Recognition releases the GIL, so that threads scale; the model stays loaded from page to page.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ocr.engines.binding import binding, starting, version_of
from ocr.engines.contract import PAGE_SECONDS, spelled
from ocr.engines.models import Model
from ocr.engines.rivals import Seen, rival_spellings
from ocr.errors import OcrError, OcrFault
from ocr.page import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SURE = 96.0
"""A word of more confidence has no letter with a close second."""


class TesseractLibrary:
    """One Tesseract object; one thread at a time uses it."""

    def __init__(self, model: Model) -> None:
        tesserocr = self._module = binding()
        try:
            with starting:
                self._api: Any = tesserocr.PyTessBaseAPI(
                    path=f"{model.folder}/",
                    lang=model.name,
                    psm=tesserocr.PSM.AUTO,
                    oem=tesserocr.OEM.LSTM_ONLY,
                )
        except RuntimeError as error:
            raise OcrError(OcrFault.NO_MODEL, model=model.name) from error
        # The second choice for each letter; text and confidences stay the same. One round is enough and
        # costs three to five hundredths of the reading.
        self._api.SetVariable("lstm_choice_mode", "2")
        self._api.SetVariable("lstm_choice_iterations", "1")
        version = version_of(tesserocr)
        bound = ".".join(str(tesserocr.__version__).split(".")[:2])
        self._name = f"tesserocr {bound} / tesseract {version} / {model.label}"

    @property
    def name(self) -> str:
        """Versions and fingerprint."""
        return self._name

    def recognise(
        self, grey: "NDArray[np.uint8]", dpi: int, *, stopped: Callable[[], bool]
    ) -> tuple[Word, ...]:
        """The words of a grey page; see `Engine.recognise`."""
        if stopped():
            raise OcrError(OcrFault.CANCELLED)
        height, width = grey.shape
        try:
            self._api.SetImageBytes(grey.tobytes(), width, height, 1, width)
            self._api.SetSourceResolution(dpi)
            if not self._api.Recognize(PAGE_SECONDS * 1000):
                raise OcrError(OcrFault.TIMED_OUT, seconds=PAGE_SECONDS)
            return tuple(self._words())
        except RuntimeError as error:
            raise OcrError(OcrFault.ENGINE_FAILED) from error
        finally:
            self._api.Clear()

    def close(self) -> None:
        """Unloads the model."""
        self._api.End()

    def _words(self) -> Iterator[Word]:
        level, by_line, by_block = self._module.RIL.WORD, self._module.RIL.TEXTLINE, self._module.RIL.BLOCK
        iterator = self._api.GetIterator()
        line = block = -1
        while iterator is not None:
            if iterator.IsAtBeginningOf(by_block):
                block += 1
            if iterator.IsAtBeginningOf(by_line):
                line += 1
            if iterator.Empty(level):
                more = iterator.Next(level)
            else:
                word = self._word(iterator, line, block)
                if word is None or word.confidence > _SURE:
                    more = iterator.Next(level)
                else:
                    letters, more = self._letters(iterator)
                    word = replace(word, suggestions=rival_spellings(letters))
                if word is not None:
                    yield word
            if not more:
                return

    def _letters(self, iterator: Any) -> tuple[list[Seen], bool]:
        """(the letters of the word with what else was seen in their places, whether another word follows)."""
        level, words = self._module.RIL.SYMBOL, self._module.RIL.WORD
        letters: list[Seen] = []
        while True:
            choices = iterator.GetChoiceIterator()
            seen = (
                [
                    (str(one.GetUTF8Text()), float(one.Confidence()) / 100)
                    for one in self._module.iterate_choices(choices)
                ]
                if choices is not None
                else []
            )
            letters.append((str(iterator.GetUTF8Text(level) or ""), seen))
            if not iterator.Next(level):
                return letters, False
            if iterator.IsAtBeginningOf(words):
                return letters, True

    def _word(self, iterator: Any, line: int, block: int) -> Word | None:
        level = self._module.RIL.WORD
        text = spelled(iterator.GetUTF8Text(level))
        box = iterator.BoundingBox(level)
        if not text or box is None:
            return None
        (x0, y0), (x1, y1) = iterator.Baseline(level) or ((box[0], box[3]), (box[2], box[3]))
        baseline = (float(x0), float(y0), float(x1), float(y1))
        return Word(text, tuple(box), baseline, round(float(iterator.Confidence(level)), 2), line, block)
