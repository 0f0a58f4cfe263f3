"""The one Tesseract of this process (thư viện Tesseract): loaded on first use, started one by one."""

import re
import threading
from typing import Any

from ocr.engines.contract import one_thread_each
from ocr.errors import OcrError, OcrFault

starting = threading.Lock()
"""Held while an object of Tesseract starts: it sets parameters of the whole process then."""


def binding() -> Any:
    """The module tesserocr. Raises OcrError ocr.no-engine where it isn't installed."""
    one_thread_each()
    try:
        with starting:
            import tesserocr
    except ImportError as error:
        raise OcrError(OcrFault.NO_ENGINE) from error
    return tesserocr


def version_of(module: Any) -> str:
    """Tesseract's own version, as 5.5.4."""
    found = re.search(r"tesseract (\S+)", module.tesseract_version())
    return found.group(1) if found else "?"
