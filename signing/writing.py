"""Appending to a PDF without leaving PDF/A-2 (ghi nối tiếp)."""

from typing import Any, BinaryIO


def appending_to(stream: BinaryIO) -> Any:
    """A pyHanko writer for incremental updates that stays at PDF 1.7.

    pyHanko raises a file to PDF 2.0 for keys on elliptic curves; ISO 19005-2 §6.1.2 admits no version above
    1.7, and readers have checked such signatures in 1.7 files all along.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Writer(IncrementalPdfFileWriter):  # type: ignore[misc,unused-ignore]
        """Leaves out what belongs to PDF 2.0 alone."""

        def ensure_output_version(self, version: tuple[int, int]) -> None:
            super().ensure_output_version(min(version, (1, 7)))  # type: ignore[no-untyped-call,unused-ignore]

        def register_extension(self, ext: Any) -> None:
            if ext.prefix_name != "/ISO_":
                super().register_extension(ext)

    return Writer(stream, strict=False)
