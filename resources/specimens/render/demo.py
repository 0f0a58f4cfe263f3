"""The demo paper stack: five pages with their truths, three separator sheets (tập giấy trình diễn)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from resources.specimens.render import dossier, ink, sheets, wear
from resources.specimens.render.dossier import Side
from resources.specimens.render.paper import Page, print_page
from resources.specimens.render.wear import Wear

PROCEDURE = "1.001193 Đăng ký khai sinh"

SKEW_DEG = 1.8
"""How far the first page of the written authority lies askew, clockwise."""


@dataclass(frozen=True)
class Scan:
    """One image of the stack, not yet rendered.

    `name` is the file name without its ending; `side` is None for a separator sheet, whose `separates` is
    then the component's key and name. `behind` is printed on the other side of the leaf.
    """

    name: str
    wear: Wear
    side: Side | None = None
    behind: Side | None = None
    separates: tuple[str, str] | None = None

    @property
    def truth(self) -> str | None:
        """The text that is printed, in reading order; None for a separator sheet."""
        return None if self.side is None else self.side.page.truth


def stack() -> tuple[Scan, ...]:
    """The eight images in feeding order."""
    front = dossier.declaration()
    return (
        Scan("00-phan-tach-to-khai", Wear(seed=100), separates=("1.001193.01", "Tờ khai đăng ký khai sinh")),
        Scan("01-to-khai-truoc", Wear(seed=101, shadow=10), side=front),
        Scan(
            "02-to-khai-sau",
            Wear(seed=102, shadow=22, bleed=0.03, holes_mm=((9.5, 108.5), (9.5, 188.5))),
            side=Side(Page()),
            behind=front,
        ),
        Scan("03-phan-tach-giay-chung-sinh", Wear(seed=103), separates=("1.001193.02", "Giấy chứng sinh")),
        Scan("04-giay-chung-sinh", Wear(seed=104, tint=(253, 249, 238)), side=dossier.birth_certificate()),
        Scan("05-phan-tach-uy-quyen", Wear(seed=105), separates=("1.001193.05", "Văn bản ủy quyền")),
        Scan("06-uy-quyen-trang-1", Wear(seed=106, skew_deg=SKEW_DEG), side=dossier.authority_first()),
        Scan("07-uy-quyen-trang-2", Wear(seed=107, shadow=8), side=dossier.authority_second()),
    )


def render(scan: Scan) -> Image.Image:
    """The scan as an RGB A4 image at 300 dpi, before JPEG."""
    if scan.separates is not None:
        component, name = scan.separates
        return wear.scan(sheets.separator_sheet(component, name, PROCEDURE), scan.wear)
    reverse = _printed(scan.behind) if scan.behind else None
    return wear.scan(_printed(scan.side or Side(Page())), scan.wear, reverse)


def write(folder: Path) -> Iterator[Path]:
    """Render the stack into `folder`, giving each file once it is written, truths beside the papers."""
    folder.mkdir(parents=True, exist_ok=True)
    for scan in stack():
        image = folder / f"{scan.name}.jpg"
        image.write_bytes(wear.jpeg(render(scan), scan.wear.quality))
        yield image
        if scan.truth is not None:
            truth = folder / f"{scan.name}.txt"
            truth.write_text(scan.truth, encoding="utf-8", newline="\n")
            yield truth


def _printed(side: Side) -> Image.Image:
    sheet = print_page(side.page)
    for mark in side.marks:
        sheet = ink.lay(sheet, mark)
    return sheet
