"""The test page of a scanner (trang kiểm tra máy quét): drawn, printed, scanned, measured.

>>> from scanner.testpage import measure, write_target
>>> write_target(Path("trang-kiem-tra.pdf"))          # print at 100 %, scan, then
>>> measure(pixels, dpi=300).verdict
"""

from scanner.testpage.drawing import target, write_target
from scanner.testpage.measuring import measure
from scanner.testpage.result import Limits, Quality, Streak, TestResult, Weakness

__all__ = [
    "Limits",
    "Quality",
    "Streak",
    "TestResult",
    "Weakness",
    "measure",
    "target",
    "write_target",
]
