"""SANE's configuration folder by a path that SANE can be told (đường dẫn cho SANE)."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path


class Detour:
    """`path` leads to a folder. Closed, or forgotten, it leads nowhere.

    SANE_CONFIG_DIR is a list of folders with `:` between them and no way to write one that holds a `:`: such
    a folder is reached by a link in a private temporary folder (mode 0700). Raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder.resolve()
        self._end: weakref.finalize[..., Detour] | None = None
        if os.pathsep in str(self.path):
            private = tempfile.mkdtemp(prefix="sohoa-sane-")
            self._end = weakref.finalize(self, shutil.rmtree, private, ignore_errors=True)
            link = Path(private) / "sane"
            link.symlink_to(self.path, target_is_directory=True)
            self.path = link

    def close(self) -> None:
        """Takes the link away."""
        if self._end is not None:
            self._end()
