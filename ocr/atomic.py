"""Files that are there whole or not at all (ghi tệp an toàn)."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocr.errors import writing_fault


@contextmanager
def landing(target: Path) -> Iterator[Path]:
    """A path for a temporary file beside `target`; on leaving, what was written there becomes `target`.

    Written → fsync → rename → fsync of the folder. After an exception the temporary file is gone and
    `target` is as it was. An OSError becomes OcrError ocr.disk-full or ocr.not-writable.
    """
    draft = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        yield draft
        _sync(draft)
        draft.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise writing_fault(error) from error
    finally:
        _remove(draft)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:
        # The folder has gone or turned read-only; the first error is the one to tell.
        return
