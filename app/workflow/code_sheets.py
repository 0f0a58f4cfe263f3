"""Codes on sheets of labels, and code sheets to lay on top of dossiers (in nhãn, tờ mã)."""

from collections.abc import Sequence
from pathlib import Path

import signing


def print_code_labels(codes: Sequence[str], out: Path, kind: str, *, note: str = "", skip: int = 0) -> int:
    """Writes a label a code; tells how many sheets. Raises SigningError, KeyError for an unknown kind."""
    sheet = signing.label_sheets()[kind]
    items = [signing.LabelItem(text=code, code=code, note=note) for code in codes]
    return signing.print_labels(items, out, sheet, skip=skip)


def print_code_sheets(codes: Sequence[str], out: Path, *, note: str = "") -> int:
    """Writes an A4 sheet a code, with its symbol twice; tells how many sheets. Raises SigningError."""
    signing.code_sheets([signing.SheetItem(key=code, title=code, note=note) for code in codes], out)
    return len(codes)


def label_kinds() -> dict[str, str]:
    """The kinds of label sheets by name, with their titles."""
    return {name: sheet.title for name, sheet in signing.label_sheets().items()}
