"""The resolution of an image that somebody else made (độ phân giải): what it says, where that can be true."""

from __future__ import annotations

from scanner.contract import MM_PER_INCH

A4_MM = (210.0, 297.0)
LONGEST_DOUBTED_PAPER_MM = 450.0
"""Long side of A3 with some margin."""
LEAST_BELIEVED_DPI = 100
MOST_BELIEVED_DPI = 4800


def true_dpi(stated: tuple[float, float] | None, width_px: int, height_px: int) -> tuple[float, float]:
    """Dots per inch across and down: as stated, or such that the image just fits an A4 sheet.

    72 and 96 dpi are what programs write that know nothing of paper: believed only where the paper would be
    no larger than A3, as a camera's picture at 72 dpi would be of a metre and a half.
    """
    if stated is not None and all(
        _is_credible(*side) for side in zip(stated, (width_px, height_px), strict=True)
    ):
        return stated
    short_mm, long_mm = A4_MM
    short_px, long_px = sorted((width_px, height_px))
    dpi = float(max(1, round(max(short_px / short_mm, long_px / long_mm) * MM_PER_INCH)))
    return dpi, dpi


def _is_credible(dpi: float, length_px: int) -> bool:
    # Also False for what is no number.
    if not 1 <= dpi <= MOST_BELIEVED_DPI:
        return False
    return dpi >= LEAST_BELIEVED_DPI or length_px / dpi * MM_PER_INCH <= LONGEST_DOUBTED_PAPER_MM
