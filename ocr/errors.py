"""What may go wrong between a page and its searchable file (lỗi của khâu nhận dạng)."""

import errno
from enum import StrEnum


class OcrFault(StrEnum):
    """One member a fault; the value is stable and may be stored."""

    NOT_FOUND = "ocr.not-found"
    """The file or folder isn't there."""
    EMPTY_FOLDER = "ocr.empty-folder"
    """The folder holds no image and no PDF."""
    UNREADABLE = "ocr.unreadable"
    """The file is there, but the system refuses to read it."""
    NOT_AN_IMAGE = "ocr.not-an-image"
    """The bytes are no image of a kind that is read here."""
    TRUNCATED = "ocr.truncated"
    """The image breaks off before its end."""
    DAMAGED_IMAGE = "ocr.damaged-image"
    """The image is of a known kind, but its contents contradict themselves."""
    BOMB = "ocr.bomb"
    """More pixels than a page can have; refused before decoding. Facts: width, height."""
    TOO_BIG = "ocr.too-big"
    """More bytes than a page can have; refused before reading. Facts: bytes."""
    PASSWORD = "ocr.password"  # noqa: S105
    """The PDF opens with a password only."""
    DAMAGED_PDF = "ocr.damaged-pdf"
    """The PDF, or one page of it, can't be drawn."""
    SIGNED = "ocr.signed"
    """The PDF carries digital signatures, which no file made of it can keep."""
    OUT_OF_MEMORY = "ocr.out-of-memory"
    """The file makes its decoder ask for more memory than a page can need."""
    DECODER_DIED = "ocr.decoder-died"
    """The file brought its decoder down; it ran in a process of its own."""
    DECODING_TOO_SLOW = "ocr.decoding-too-slow"
    """Decoding a page took longer than any page should. Facts: seconds."""
    LARGER = "ocr.larger"
    """The result would be larger than the PDFs it is made of. Facts: kilobytes,
    source_kilobytes."""
    NO_PAGES = "ocr.no-pages"
    """There is nothing to make a PDF of."""
    NO_ENGINE = "ocr.no-engine"
    """No Tesseract is installed, neither as a library nor as a program."""
    NO_MODEL = "ocr.no-model"
    """The language model isn't installed. Facts: model."""
    ENGINE_FAILED = "ocr.engine-failed"
    """Tesseract gave up on a page."""
    TIMED_OUT = "ocr.timed-out"
    """Tesseract needed longer for a page than any page should need. Facts: seconds."""
    DISK_FULL = "ocr.disk-full"
    """No room left where the result should go."""
    NOT_WRITABLE = "ocr.not-writable"
    """The result can't be written where it should go."""
    SAME_FILE = "ocr.same-file"
    """A result would overwrite a source or another result; originals are never changed. Facts: result."""
    BAD_PROPERTY = "ocr.bad-property"
    """PDF/A doesn't know the XMP property asked for. Facts: property."""
    PDFA_FAILED = "ocr.pdfa-failed"
    """The file doesn't conform to PDF/A. Facts: rule, flavour."""
    NOT_A_CARD = "ocr.not-a-card"
    """A text isn't what a citizen card's QR symbol says. Facts: reason."""
    CANCELLED = "ocr.cancelled"
    """The caller asked to stop."""


class OcrError(Exception):
    """A fault of the world, with its stable code and its facts; no prose, no personal data.

    `fault` is the member, `code` its value, `facts` what is known about it.
    """

    def __init__(self, fault: OcrFault, **facts: str | int | float) -> None:
        super().__init__(fault, facts)
        self.fault = fault
        self.code = str(fault)
        self.facts: dict[str, str | int | float] = facts

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} {told}".rstrip()


def writing_fault(error: OSError) -> OcrError:
    """The coded fault of an operating system's refusal to write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OcrError(OcrFault.DISK_FULL)
    return OcrError(OcrFault.NOT_WRITABLE, errno=error.errno or 0)


def reading_fault(error: OSError) -> OcrError:
    """The coded fault of an operating system's refusal to read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return OcrError(OcrFault.NOT_FOUND)
    return OcrError(OcrFault.UNREADABLE, errno=error.errno or 0)
