"""Importing the room is quick and pulls in nothing heavy; it knows no other room."""

import subprocess
import sys

import ocr

PROBE = """
import sys
import ocr
heavy = {"cv2", "numpy", "tesserocr", "pytesseract", "pikepdf", "pypdfium2", "zxingcpp", "PIL", "fontTools"}
rooms = {"app", "scanner", "signing", "sync", "PySide6"}
print(sorted((heavy | rooms) & set(sys.modules)))
"""


def test_nothing_heavy_is_loaded_by_the_import() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_of_the_front_door_is_there() -> None:
    assert all(getattr(ocr, name) is not None for name in ocr.__all__)
    assert all(getattr(ocr, name).__doc__ for name in ocr.__all__)
