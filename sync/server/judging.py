"""What others find out about a package's PDFs: the intake asks, and believes (thẩm định tệp trong gói).

Whether a PDF opens and its signatures are sound is not this room's knowledge. Whoever puts the intake
together hands in a callable; without one, a PDF only has to begin like one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync.package_reading import PackageContents, first_bytes

_PDF_HEADER = b"%PDF-"
NOT_A_PDF = "not-a-pdf"


@dataclass(frozen=True)
class Objection:
    """Why a payload file is refused: its name in the package, a stable code, the detail."""

    component: str
    code: str
    detail: str = ""


Judge = Callable[[PackageContents], Sequence[Objection]]
"""Returns what there is to object to in a package whose hashes are already checked; nothing is well."""


def begins_like_pdf(contents: PackageContents) -> list[Objection]:
    """Object to files that are called PDF and do not begin like one."""
    return [
        Objection(file.name, NOT_A_PDF)
        for file in contents.files
        if file.name.lower().endswith(".pdf")
        and first_bytes(contents, file.name, len(_PDF_HEADER)) != _PDF_HEADER
    ]
