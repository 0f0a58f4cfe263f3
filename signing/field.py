"""Which field a signature goes into (trường chữ ký): a new one, or an empty one of the document."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.errors import SigningError, SigningFault
from signing.verify.reading import field_names, reader_of, unreadable

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_STEM = "ChuKy"


def field_for(pdf: Path, wanted: str | None) -> tuple[str, bool]:
    """The field's name and whether it has to be made.

    Raises `sign.field-taken` for a name that is signed already or belongs to another kind of field, and
    `sign.changes-forbidden` for a document whose certification admits no further signature.
    """
    from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
    from pyhanko.sign.validation.pdf_embedded import read_certification_data

    with pdf.open("rb") as stream:
        reader = reader_of(stream)
        try:
            certified = _certification_of(reader, read_certification_data)
            taken = {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}
            names = set(field_names(reader))
        except unreadable() as error:
            raise SigningError(SigningFault.PDF_BROKEN, reason="form fields") from error
    if certified is MDPPerm.NO_CHANGES:
        raise SigningError(SigningFault.CHANGES_FORBIDDEN)
    if wanted is None:
        number = next(n for n in range(1, len(names) + 2) if f"{_STEM}{n}" not in names)
        return f"{_STEM}{number}", True
    if taken.get(wanted, wanted in names):
        raise SigningError(SigningFault.FIELD_TAKEN, field=wanted)
    return wanted, wanted not in names


def _certification_of(reader: "PdfFileReader", read: Any) -> Any:
    """The permission of the document's certification, None for an uncertified one."""
    found = read(reader)
    return found.permission if found else None
