"""Folders by a path that a configuration of SoftHSM can hold (đường dẫn cho tệp cấu hình SoftHSM).

SoftHSM reads its configuration line by line into 1024 bytes, takes `#` for the beginning of a comment and
`=` for the end of a name, and knows no quotes: a folder may lie where no such line can lead.
"""

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path

_UNTOLD = (b"#", b"=", b"\n", b"\r")
_LONGEST_BYTES = 900
"""What is left of a line for a path, with room for the name of the option and of a folder below."""

_links: dict[Path, Path] = {}
_door = threading.Lock()


def can_be_told(path: Path) -> bool:
    """Whether SoftHSM reads this path as it stands."""
    raw = os.fsencode(path)
    return len(raw) <= _LONGEST_BYTES and not any(mark in raw for mark in _UNTOLD)


def link_to(folder: Path) -> Path:
    """A link to `folder` in a private temporary folder, the same one each time.

    The temporary folder is nobody else's (mode 0700) and goes with this process. Raises OSError.
    """
    with _door:
        link = _links.get(folder)
        if link is None or not link.is_symlink():
            private = tempfile.mkdtemp(prefix="sohoa-token-")
            atexit.register(shutil.rmtree, private, ignore_errors=True)
            link = Path(private) / "home"
            link.symlink_to(folder, target_is_directory=True)
            _links[folder] = link
        return link
