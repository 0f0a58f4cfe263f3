"""Tesseract as a program of its own for every page, through pytesseract (chương trình Tesseract).

For machines that have the program only. Slower: every page starts a process and loads the model.
"""

import re
import shlex
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defusedxml import ElementTree

from ocr.engines.contract import PAGE_SECONDS, one_thread_each, spelled
from ocr.engines.models import Model
from ocr.errors import OcrError, OcrFault, writing_fault
from ocr.page import Box, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LINE_CLASSES = frozenset({"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"})


class TesseractProgram:
    """The `tesseract` program with one model; keeps nothing between pages."""

    def __init__(self, model: Model) -> None:
        one_thread_each()
        try:
            import pytesseract
        except ImportError as error:
            raise OcrError(OcrFault.NO_ENGINE) from error
        try:
            version = str(pytesseract.get_tesseract_version())
        except (pytesseract.TesseractNotFoundError, SystemExit) as error:
            raise OcrError(OcrFault.NO_ENGINE) from error
        self._module: Any = pytesseract
        self._model = model
        self._name = f"pytesseract {pytesseract.__version__} / tesseract {version} / {model.label}"

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
        settings = f"--tessdata-dir {shlex.quote(str(self._model.folder))} --oem 1 --psm 3 --dpi {dpi}"
        try:
            with tempfile.TemporaryDirectory(prefix="sohoa-ocr-") as folder:
                page = Path(folder) / "page.bmp"
                _write_bitmap(grey, page)
                hocr = self._module.image_to_pdf_or_hocr(
                    str(page), lang=self._model.name, config=settings, extension="hocr", timeout=PAGE_SECONDS
                )
        except self._module.TesseractNotFoundError as error:
            raise OcrError(OcrFault.NO_ENGINE) from error
        except self._module.TesseractError as error:
            raise OcrError(OcrFault.ENGINE_FAILED, status=int(error.status)) from error
        except OSError as error:
            raise writing_fault(error) from error
        except RuntimeError as error:
            raise OcrError(OcrFault.TIMED_OUT, seconds=PAGE_SECONDS) from error
        return tuple(words_of_hocr(hocr))

    def close(self) -> None:
        """Nothing is kept, so nothing is given back."""


def words_of_hocr(hocr: bytes) -> Iterator[Word]:
    """The words of an hOCR document (hOCR 1.2: bbox, baseline, x_wconf) in its order."""
    line = block = -1
    slope = offset = 0.0
    line_box: Box = (0, 0, 0, 0)
    for element in ElementTree.fromstring(hocr).iter():
        kind = element.get("class", "")
        title = element.get("title", "")
        if kind == "ocr_carea":
            block += 1
        elif kind in _LINE_CLASSES:
            line += 1
            line_box = _box(title)
            slope, offset = _baseline(title)
        elif kind == "ocrx_word":
            text = spelled("".join(element.itertext()))
            if text:
                box = _box(title)
                left, right = (line_box[3] + offset + slope * (x - line_box[0]) for x in (box[0], box[2]))
                baseline = (float(box[0]), left, float(box[2]), right)
                yield Word(text, box, baseline, _confidence(title), line, block)


def _write_bitmap(grey: "NDArray[np.uint8]", page: Path) -> None:
    import cv2

    _, encoded = cv2.imencode(".bmp", grey)
    page.write_bytes(encoded.tobytes())


def _box(title: str) -> Box:
    found = re.search(r"bbox (\d+) (\d+) (\d+) (\d+)", title)
    x0, y0, x1, y1 = (int(value) for value in found.groups()) if found else (0, 0, 0, 0)
    return x0, y0, x1, y1


def _baseline(title: str) -> tuple[float, float]:
    found = re.search(r"baseline (\S+) ([-+.\d]+)", title)
    return (float(found.group(1)), float(found.group(2))) if found else (0.0, 0.0)


def _confidence(title: str) -> float:
    found = re.search(r"x_wconf ([.\d]+)", title)
    return float(found.group(1)) if found else 0.0
