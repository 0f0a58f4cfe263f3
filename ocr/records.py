"""Text and JSON beside the PDF (bản văn và bản ghi), written while pages pass by, so that they needn't be
remembered."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ocr.atomic import landing
from ocr.errors import OcrError, writing_fault
from ocr.fields import FieldGathering
from ocr.page import ReadPage, Word
from ocr.pdf.writer import PdfResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Records:
    """The text goes to the file `text`, pages separated by form feeds; words with places and confidences, and
    the fields of the paper, to `record`. Both appear whole, when `files` are closed without a fault, or not
    at all."""

    def __init__(
        self,
        files: ExitStack,
        text: Path | None,
        record: Path | None,
        engine: str,
        *,
        progress: Callable[[int], None],
    ) -> None:
        self._text = _opened(files, text)
        self._json = _opened(files, record)
        self._engine = engine
        self._progress = progress
        self._fields = FieldGathering()
        self.pages = 0
        self.unreadable = 0
        self.resumed = 0

    def add(
        self,
        origin: str,
        origin_page: int,
        page: ReadPage,
        *,
        error: OcrError | None = None,
        kept: bool = False,
        look: "Callable[[], NDArray[np.uint8]] | None" = None,
    ) -> None:
        """The next page; `kept` when it was finished before; `look` gives its visible image when asked.

        Raises OcrError when it can't be written.
        """
        if self._json is not None:
            self._fields.add(page, look)
        record = _record(self.pages + 1, origin, origin_page, page, error)
        opening = '{"pages": [\n' if self.pages == 0 else ",\n"
        _put(self._json, opening + json.dumps({**record, "resumed": kept}, ensure_ascii=False))
        _put(self._text, ("\f" if self.pages else "") + page.text + "\n")
        self.pages += 1
        self.unreadable += error is not None
        self.resumed += kept
        self._progress(self.pages)

    def finish(self, outcome: PdfResult) -> None:
        """Ends the JSON with what is known once the PDF is there."""
        end: dict[str, Any] = {"engine": self._engine, "pdf": outcome.path.name, "sha256": outcome.sha256}
        if self._json is not None:
            end |= self._fields.found().to_dict()
        _put(self._json, "\n]," + json.dumps(end, ensure_ascii=False)[1:] + "\n")
        for file in (self._text, self._json):
            if file is not None:
                file.close()


def _opened(files: ExitStack, target: Path | None) -> IO[str] | None:
    if target is None:
        return None
    draft = files.enter_context(landing(target))
    try:
        return files.enter_context(draft.open("w", encoding="utf-8", newline="\n"))
    except OSError as error:
        raise writing_fault(error) from error


def _put(file: IO[str] | None, text: str) -> None:
    if file is None:
        return
    try:
        file.write(text)
    except OSError as error:
        raise writing_fault(error) from error


def _record(
    number: int, origin: str, origin_page: int, page: ReadPage, error: OcrError | None
) -> dict[str, Any]:
    return {
        "page": number,
        "origin": origin,
        "origin_page": origin_page,
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": page.dpi,
        "confidence": page.confidence,
        "flags": list(page.flags),
        "turned": page.turned,
        "skew_deg": page.skew_deg,
        "engine": page.engine,
        "error": error.code if error else None,
        "words": [_word(word) for word in page.words],
    }


def _word(word: Word) -> dict[str, Any]:
    told: dict[str, Any] = {"text": word.text, "box": word.box, "confidence": word.confidence}
    return {**told, "suggestions": word.suggestions} if word.suggestions else told
