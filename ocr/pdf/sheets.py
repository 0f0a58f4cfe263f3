"""One finished page as a page of a PDF (một trang trong tệp PDF): what is seen, the words over it."""

import itertools
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ocr.pdf.finished import CopiedPage, FinishedPage
from ocr.pdf.glyphless import Characters
from ocr.pdf.layers import Painting
from ocr.pdf.painted import POINTS_PER_INCH, image_objects, number, paint_operators
from ocr.pdf.textlayer import FONT, page_size_pt, word_operators

if TYPE_CHECKING:
    import pikepdf

_BATCH = 8
_AWAITED = "/SohoaAwaited"
LONGEST_SIDE_PT = 14_400
"""ISO 32000-1, annex C."""


def written_batches(
    pages: "Iterable[FinishedPage]", folder: Path, characters: Characters, files: ExitStack
) -> list[BinaryIO]:
    """The pages as PDFs of eight pages each, without the font of their words, in files without a name on the
    disk of `folder`: nothing of them stays when the program is killed. `files` closes them.

    Raises OSError.
    """
    import pikepdf

    iterator = iter(pages)
    batches: list[BinaryIO] = []
    while some := list(itertools.islice(iterator, _BATCH)):
        file = files.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - `files` closes it
        with pikepdf.new() as batch:
            # Streams are read when they are saved: what they come from must live until then.
            _alive = [add_page(batch, page, characters) for page in some]
            batch.save(file)
        batches.append(file)
    return batches


def add_page(pdf: "pikepdf.Pdf", page: FinishedPage, characters: Characters) -> "pikepdf.Pdf | None":
    """Appends `page` to `pdf`; gives back the document its streams are still in.

    Raises ValueError for a page larger than a PDF can have.
    """
    if isinstance(page.shown, CopiedPage):
        return _add_copy(pdf, page, page.shown, characters)
    _add_painting(pdf, page, page.shown, characters)
    return None


def give_font(page: "pikepdf.Page", font: "pikepdf.Object") -> None:
    """Makes the font of the words known to `page`, if it has words that need it."""
    fonts = page.obj.Resources.get("/Font")
    if fonts is not None and FONT in fonts and _AWAITED in fonts[FONT]:
        fonts[FONT] = font


def _await_font(page: "pikepdf.Page") -> None:
    """Marks the page as one whose words need the font, which is made last."""
    import pikepdf

    if "/Font" not in page.obj.Resources:
        page.obj.Resources.Font = pikepdf.Dictionary()
    page.obj.Resources.Font[FONT] = pikepdf.Dictionary({_AWAITED: True})


def _add_painting(pdf: "pikepdf.Pdf", page: FinishedPage, painting: Painting, characters: Characters) -> None:
    from pikepdf import Array, Dictionary, Name, Page

    width, height = page_size_pt(page.read)
    if max(width, height) > LONGEST_SIDE_PT:
        raise ValueError("the dpi is too small for the page's size in px")
    operators = [*paint_operators(painting), *word_operators(page.read, characters)]
    leaf = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 5), round(height, 5)]),
        Resources=Dictionary(XObject=Dictionary(image_objects(pdf, painting))),
        Contents=pdf.make_stream("\n".join(operators).encode("ascii")),
    )
    pdf.pages.append(Page(pdf.make_indirect(leaf)))
    if page.read.words:
        _await_font(pdf.pages[-1])


def _add_copy(
    pdf: "pikepdf.Pdf", page: FinishedPage, copy: CopiedPage, characters: Characters
) -> "pikepdf.Pdf":
    import pikepdf

    alone = pikepdf.open(BytesIO(copy.pdf))
    pdf.pages.append(alone.pages[0])
    own = pdf.pages[-1]
    if not copy.has_text and page.read.words:
        operators = word_operators(page.read, characters)
        own.contents_add(b"q\n", prepend=True)
        shown = "\n".join([f"Q q {_stretched(own, page)} cm", *operators, "Q"])
        own.contents_add(shown.encode("ascii"))
        _await_font(own)
    return alone


def _stretched(own: "pikepdf.Page", page: FinishedPage) -> str:
    """The matrix that lays the page's px over the paper, which no whole number of px fits exactly."""
    box = [float(value) for value in own.mediabox]
    points = POINTS_PER_INCH / page.read.dpi
    across = (box[2] - box[0]) / (page.read.width_px * points)
    down = (box[3] - box[1]) / (page.read.height_px * points)
    return f"{number(across)} 0 0 {number(down)} 0 0"
