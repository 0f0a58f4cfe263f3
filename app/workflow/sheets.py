"""Separator sheets for a procedure's papers, to be printed once and used again (in tờ phân tách)."""

from pathlib import Path

import signing
from app.domain.codes import separator_text
from app.domain.procedure import Decision, Procedure


def print_separators(procedure: Procedure, keys: tuple[str, ...], out: Path) -> int:
    """Writes a PDF with one sheet a component, all that are scanned for no keys; tells how many.

    Raises SigningError when the file cannot be written.
    """
    kinds = [
        kind
        for kind in procedure.components
        if (kind.key in keys if keys else kind.decision is Decision.SCAN)
    ]
    items = [
        signing.SheetItem(
            key=separator_text(kind.key),
            title=kind.name,
            note=f"Thủ tục: {procedure.code} {procedure.name}",
        )
        for kind in kinds
    ]
    if items:
        signing.separator_sheets(items, out)
    return len(items)
