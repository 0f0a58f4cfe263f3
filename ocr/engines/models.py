"""Where the language models lie (mô hình ngôn ngữ của Tesseract)."""

import functools
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr.errors import OcrError, OcrFault
from resources import path as resource


@dataclass(frozen=True)
class Model:
    """A model, or several joined with "+", all in one `folder`; `fingerprint` is the sha256 over its
    files."""

    name: str
    folder: Path
    fingerprint: str

    @property
    def label(self) -> str:
        """Name and the first twelve digits of the fingerprint."""
        return f"{self.name}:{self.fingerprint[:12]}"


def find_model(name: str, tessdata: Path | None = None) -> Model:
    """The model `name` ("Vietnamese", "vie", "vie+eng") in the first folder that has all its parts.

    Looks in `tessdata` only when given, otherwise in TESSDATA_PREFIX, where distributions put models,
    and among those that come with the program.
    Raises OcrError ocr.no-model with the fact model.
    """
    parts = [part for part in name.split("+") if part]
    for folder in _folders(tessdata):
        files = [folder / f"{part}.traineddata" for part in parts]
        if files and all(file.is_file() for file in files):
            return Model(name, folder, _fingerprint(tuple((file, file.stat().st_mtime_ns) for file in files)))
    raise OcrError(OcrFault.NO_MODEL, model=name)


def _folders(tessdata: Path | None) -> Iterator[Path]:
    if tessdata is not None:
        roots = [tessdata]
    else:
        prefix = os.environ.get("TESSDATA_PREFIX")
        roots = [Path(prefix)] if prefix else []
        roots += sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), reverse=True)
        roots += [Path("/usr/share/tessdata"), Path("/usr/local/share/tessdata"), resource("models")]
    for root in roots:
        yield from (root, root / "script", root / "tessdata", root / "tessdata" / "script")


@functools.cache
def _fingerprint(files: tuple[tuple[Path, int], ...]) -> str:
    digest = hashlib.sha256()
    for file, _ in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
