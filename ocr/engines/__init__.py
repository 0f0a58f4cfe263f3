"""Recognition engines (bộ máy nhận dạng) behind one contract, and where their models lie."""

from pathlib import Path

from ocr.engines.contract import Engine
from ocr.engines.models import Model, find_model
from ocr.errors import OcrError, OcrFault


def open_engine(kind: str, model: str, tessdata: Path | None) -> Engine:
    """A warm engine of `kind`: "tesserocr", "pytesseract", or "auto" for the first of them that works.

    Raises OcrError ocr.no-model when the model is missing, ocr.no-engine when no engine is installed.
    """
    found = find_model(model, tessdata)
    if kind not in ("auto", "tesserocr", "pytesseract"):
        raise ValueError(f"no engine is called {kind!r}")
    for candidate in ("tesserocr", "pytesseract") if kind == "auto" else (kind,):
        try:
            return _opened(candidate, found)
        except OcrError as error:
            if kind != "auto" or error.fault is not OcrFault.NO_ENGINE:
                raise
    raise OcrError(OcrFault.NO_ENGINE)


def _opened(kind: str, model: Model) -> Engine:
    if kind == "tesserocr":
        from ocr.engines.tess_library import TesseractLibrary

        return TesseractLibrary(model)
    from ocr.engines.tess_program import TesseractProgram

    return TesseractProgram(model)
