"""The fields of one paper, by the template that fits it (tìm trường thông tin)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ocr.fields.administrative import administrative_fields
from ocr.fields.closing import closing_of
from ocr.fields.forms import form_fields
from ocr.fields.found import Field, PaperFields, Spot
from ocr.fields.pen import Print
from ocr.image import decode
from ocr.page import CleanedPage, ReadPage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Look = Callable[[], NDArray[np.uint8]]

ADMINISTRATIVE = "administrative"
NO_FORM = ""


_FIRST_PAGES = 3


class FieldGathering:
    """Finds the fields of one paper while its pages pass by: only those that can bear fields are kept.

    Those are the first three, and the first one that ends in a signature or recipients.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[int, ReadPage, Look | None]] = []
        self._pages = 0
        self._closed = False

    def add(self, page: ReadPage, look: "Look | None") -> None:
        """The next page of the paper; `look` gives its visible image when asked, None where there is none."""
        self._pages += 1
        closes = not self._closed and closing_of(page) is not None
        if self._pages <= _FIRST_PAGES or closes:
            self._kept.append((self._pages, page, look))
        self._closed = self._closed or closes

    def found(self) -> PaperFields:
        """The fields of the pages so far. Raises OcrError when a visible image can't be decoded."""
        fields = find_read_fields([page for _, page, _ in self._kept], [look for _, _, look in self._kept])
        numbers = [number for number, _, _ in self._kept]
        return replace(fields, fields=tuple(_placed(field, numbers) for field in fields.fields))


def _placed(field: Field, numbers: Sequence[int]) -> Field:
    """The field with the numbers that its pages have in the whole paper."""
    return replace(field, spots=tuple(Spot(numbers[spot.page - 1], spot.box) for spot in field.spots))


def find_fields(pages: Sequence[CleanedPage]) -> PaperFields:
    """The fields of one paper from its pages in order, the first page first.

    Numbers that may be written by hand are looked at in the visible image; one that isn't print has no value.
    Raises OcrError when a visible image can't be decoded.
    """
    return find_read_fields([page.read for page in pages], [look_at(page.visible) for page in pages])


def find_read_fields(
    pages: Sequence[ReadPage], pictures: "Sequence[Look | None] | None" = None
) -> PaperFields:
    """As `find_fields`, from what was read; each of `pictures` gives a page's visible image when asked.

    Without its picture, a page's handwriting is told from print by the words' sizes and confidences alone.
    """
    if not pages:
        return PaperFields(NO_FORM, ())
    prints = [Print(picture) if picture else None for picture in pictures or [None] * len(pages)]
    name, special = form_fields(pages, prints)
    general = administrative_fields(pages, prints)
    form = name or (ADMINISTRATIVE if general else NO_FORM)
    return PaperFields(form, tuple(_merged(special, general)))


def _merged(special: Sequence[Field], general: Sequence[Field]) -> list[Field]:
    """A form's own fields come first and stand for those of the same name."""
    own = {field.name for field in special}
    return [*special, *(field for field in general if field.name not in own)]


def look_at(jpeg: bytes) -> "Look":
    """A visible image that is decoded when somebody looks at it."""
    return lambda: decode(jpeg).pixels
