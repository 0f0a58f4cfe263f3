"""QR symbols (ISO/IEC 18004, TCVN 7322) as rectangles of a page (mã QR)."""

from dataclasses import dataclass

from signing.appearance.frame import POINTS_PER_MM
from signing.errors import SigningError, SigningFault

QUIET_MODULES = 4
_SMALLEST_MM = ((18, 12.0), (75, 16.0))
_LARGE_MM = 20.0
_MODULE_MM = 2.3 * 25.4 / 200
"""2.3 px a module at 200 dpi: below that blurred and skewed scans stop reading."""


@dataclass(frozen=True)
class Symbol:
    """A QR symbol: rows of modules (True is dark), and its side in mm without the quiet zone."""

    rows: tuple[tuple[bool, ...], ...]
    side_mm: float

    @property
    def module_mm(self) -> float:
        """The side of one module."""
        return self.side_mm / len(self.rows)

    @property
    def outer_mm(self) -> float:
        """The side with the quiet zone of four modules all round."""
        return self.side_mm + 2 * QUIET_MODULES * self.module_mm

    def drawn(self, left: float, bottom: float) -> bytes:
        """Content operators for the dark modules, the lower left corner at (left, bottom) pt."""
        module = self.module_mm * POINTS_PER_MM
        count = len(self.rows)
        lines = ["0 g"]
        for number, row in enumerate(self.rows):
            y = bottom + (count - 1 - number) * module
            for start, length in _runs(row):
                lines.append(f"{left + start * module:.3f} {y:.3f} {length * module:.3f} {module:.3f} re")
        lines.append("f")
        return "\n".join(lines).encode()


def symbol_for(text: str) -> Symbol:
    """The symbol of `text`, at least 12 mm for 18 characters, 16 mm for 75, 20 mm for more.

    Raises `sign.code-too-long` when no QR version holds it.
    """
    import segno

    try:
        made = segno.make_qr(text, error="m", boost_error=True)
    except segno.DataOverflowError as error:
        raise SigningError(SigningFault.CODE_TOO_LONG, characters=len(text)) from error
    rows = tuple(tuple(bool(module) for module in row) for row in made.matrix)
    smallest = next((side for most, side in _SMALLEST_MM if len(text) <= most), _LARGE_MM)
    return Symbol(rows, max(smallest, len(rows) * _MODULE_MM))


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Start and length of every run of dark modules."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs
