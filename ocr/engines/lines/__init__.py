"""A recogniser of whole lines (bộ đọc dòng): Tesseract finds the lines, its net reads them in batches."""

from ocr.engines.lines.net import LineNet, line_net
from ocr.engines.lines.reader import LineReader

__all__ = ["LineNet", "LineReader", "line_net"]
