"""Page image → clean image, words, searchable PDF/A (nhận dạng văn bản). Usable alone from a Python prompt.

>>> from ocr import read_documents
>>> read_documents([Path("scans")], Path("dossier.pdf"), text=None, json=None, jobs=2)
"""

from ocr.barcodes import find_barcodes
from ocr.documents import read_documents
from ocr.errors import OcrError, OcrFault
from ocr.fields import (
    CitizenCard,
    Field,
    FieldGathering,
    PaperFields,
    field_titles,
    find_fields,
    find_read_fields,
    look_at,
    parse_citizen_card,
)
from ocr.page import Barcode, CleanedPage, Flag, ReadPage, Word
from ocr.pdf.conformance import check_pdfa
from ocr.pdf.writer import PdfResult, write_pdf
from ocr.reader import Reader
from ocr.settled import Settled
from ocr.sources import SourceImage, open_sources

__all__ = [
    "Barcode",
    "CitizenCard",
    "CleanedPage",
    "Field",
    "FieldGathering",
    "Flag",
    "OcrError",
    "OcrFault",
    "PaperFields",
    "PdfResult",
    "ReadPage",
    "Reader",
    "Settled",
    "SourceImage",
    "Word",
    "check_pdfa",
    "field_titles",
    "find_barcodes",
    "find_fields",
    "find_read_fields",
    "look_at",
    "open_sources",
    "parse_citizen_card",
    "read_documents",
    "write_pdf",
]
