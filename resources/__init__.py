"""Data that the program ships: fonts, icons, styles, catalogues, trust anchors, specimens (tài nguyên)."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """The file or folder `parts` below the resources folder.

    Raises FileNotFoundError when the program was installed without it.
    """
    found = _ROOT.joinpath(*parts)
    if not found.exists():
        raise FileNotFoundError(found)
    return found
