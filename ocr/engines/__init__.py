"""Recognition engines (bộ máy nhận dạng) behind one contract, and where their models lie."""

import functools
from pathlib import Path

from ocr.engines.choice import NetChoice
from ocr.engines.contract import Engine
from ocr.engines.lines import LineNet, LineReader, line_net
from ocr.engines.models import Model, find_model
from ocr.errors import OcrError, OcrFault

CHOOSE = "auto"
"""The name that lets the program choose: lines read in batches, or else the net that suits each page."""

FAST, ACCURATE, COARSE = "vie", "vie_best", "Vietnamese"


def open_engine(kind: str, model: str, tessdata: Path | None) -> Engine:
    """A warm engine of `kind`: "tesserocr", "pytesseract", or "auto" for the first of them that works.

    `model` names one of Tesseract's nets for all pages, or is "auto": a `LineReader` with the program's own
    net where its libraries are installed and no other folder of models is asked for, otherwise a `NetChoice`.
    Raises OcrError ocr.no-model when the model is missing, ocr.no-engine when no engine is installed.
    """
    if kind not in ("auto", "tesserocr", "pytesseract"):
        raise ValueError(f"no engine is called {kind!r}")
    if model != CHOOSE:
        return _engine(kind, find_model(model, tessdata))
    if kind != "pytesseract" and tessdata is None and (lines := _line_reader()):
        return lines
    first, others = _nets(tessdata)
    fast = _engine(kind, first)
    accurate, coarse = (functools.partial(_named, kind, name, tessdata) for name in (ACCURATE, COARSE))
    return NetChoice(fast, accurate, coarse, " > ".join([fast.name, *(other.label for other in others)]))


def _line_reader() -> Engine | None:
    """None where a library or the net is missing."""
    try:
        return LineReader(_line_net())
    except OcrError:
        return None


@functools.cache
def _line_net() -> LineNet:
    """Loaded once for all threads."""
    return LineNet(line_net())


def _nets(tessdata: Path | None) -> tuple[Model, list[Model]]:
    """(the net that reads first, those at hand for other pages): the fast one, or else any of them."""
    found = []
    for name in (FAST, ACCURATE, COARSE):
        try:
            found.append(find_model(name, tessdata))
        except OcrError:
            continue
    if not found:
        raise OcrError(OcrFault.NO_MODEL, model=FAST)
    return found[0], found[1:]


def _named(kind: str, name: str, tessdata: Path | None) -> Engine:
    return _engine(kind, find_model(name, tessdata))


def _engine(kind: str, model: Model) -> Engine:
    for candidate in ("tesserocr", "pytesseract") if kind == "auto" else (kind,):
        try:
            return _opened(candidate, model)
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
