"""What a file says of itself (siêu dữ liệu XMP): title, language, dates, and what the caller adds."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ocr.errors import OcrError, OcrFault
from ocr.page import nfc

if TYPE_CHECKING:
    import pikepdf

_PRODUCER = "Sohoa"
_LISTS = frozenset({"dc:creator", "dc:date"})
_BAGS = frozenset(
    {
        "dc:subject",
        "dc:contributor",
        "dc:language",
        "dc:publisher",
        "dc:relation",
        "dc:type",
        "xmp:Identifier",
    }
)


def describe(
    pdf: "pikepdf.Pdf", *, title: str, language: str, created: datetime, xmp: Mapping[str, str]
) -> None:
    """Writes title, language, creation date and the properties `xmp` ("prefix:name" → text) into `pdf`.

    Times are those of `created`, which must know its time zone.
    """
    moment = created.isoformat(timespec="seconds")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as record:
        record["dc:title"] = nfc(title)
        record["dc:language"] = {language}
        record["xmp:CreatorTool"] = _PRODUCER
        record["xmp:CreateDate"] = moment
        record["xmp:ModifyDate"] = moment
        record["pdf:Producer"] = _PRODUCER
        for name, value in xmp.items():
            record[name] = _shaped(name, nfc(value))


def settle(pdf: "pikepdf.Pdf", *, created: datetime, xmp: Mapping[str, str]) -> None:
    """After PDF/A's own repairs: the time of the last change is `created` again, so that equal input gives
    equal bytes, and every property asked for is still there.

    Raises OcrError ocr.bad-property with the first one that PDF/A doesn't permit.
    """
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as record:
        record["xmp:MetadataDate"] = created.isoformat(timespec="seconds")
        for name in xmp:
            if name not in record:
                raise OcrError(OcrFault.BAD_PROPERTY, property=name)


def _shaped(name: str, value: str) -> str | list[str] | set[str]:
    if name in _LISTS:
        return [value]
    return {value} if name in _BAGS else value
