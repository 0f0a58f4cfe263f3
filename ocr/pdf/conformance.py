"""PDF/A as ISO 19005 demands it, proved on the bytes that were written (kiểm tra PDF/A)."""

from pathlib import Path

from ocr.errors import OcrError, OcrFault, reading_fault

FLAVOURS = ("1b", "2b", "3b")


def check_pdfa(path: Path, flavour: str = "2b") -> None:
    """Raises OcrError ocr.pdfa-failed, with the facts flavour and rule (the first one broken), unless the
    file conforms to PDF/A `flavour` ("1b", "2b" or "3b")."""
    from pikepdf import pdfa

    require_flavour(flavour)
    try:
        path.stat()
    except OSError as error:
        raise reading_fault(error) from error
    report = pdfa.validate_written(path, flavour)
    if not report.passed:
        rule = report.findings[0].rule if report.findings else "not-checked"
        raise OcrError(OcrFault.PDFA_FAILED, flavour=flavour, rule=rule)


def require_flavour(flavour: str) -> None:
    """Raises ValueError for a flavour that isn't offered."""
    if flavour not in FLAVOURS:
        raise ValueError(f"no PDF/A flavour {flavour!r}, one of {FLAVOURS} is")
