"""The shipped icons are of one family and draw something."""

import re
from pathlib import Path

import pytest
from defusedxml import ElementTree

from resources import path

NAMES = [
    "scan",
    "stop",
    "sign-send",
    "new",
    "search",
    "rotate-left",
    "rotate-right",
    "undo",
    "redo",
    "delete",
    "page",
    "blank",
    "warning",
    "ok",
    "outbox",
    "token",
    "line-online",
    "line-offline",
    "settings",
    "separator",
]
SVG = "{http://www.w3.org/2000/svg}"


def test_all_icons_are_there_and_no_others() -> None:
    assert sorted(file.stem for file in path("icons").iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_is_drawn_in_strokes_on_the_common_grid(name: str) -> None:
    root = ElementTree.fromstring(path("icons", f"{name}.svg").read_bytes())
    assert root.tag == f"{SVG}svg"
    assert (root.get("viewBox"), root.get("fill"), root.get("stroke")) == ("0 0 24 24", "none", "#1f2937")
    assert {child.tag for child in root} <= {f"{SVG}path", f"{SVG}rect", f"{SVG}circle"}
    assert len(root)
    for child in root:
        for number in re.findall(r"-?\d+\.?\d*", child.get("d", "")):
            assert abs(float(number)) <= 24


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_draws_well_inside_its_box(name: str) -> None:
    svg = pytest.importorskip("PySide6.QtSvg")
    gui = pytest.importorskip("PySide6.QtGui")
    file: Path = path("icons", f"{name}.svg")
    renderer = svg.QSvgRenderer(str(file))
    assert renderer.isValid()
    image = gui.QImage(96, 96, gui.QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = gui.QPainter(image)
    renderer.render(painter)
    painter.end()
    inked = [(x, y) for x in range(96) for y in range(96) if image.pixelColor(x, y).value() < 128]
    assert 0.02 < len(inked) / 96**2 < 0.5
    assert max(max(point) for point in inked) < 96 - 2
    assert min(min(point) for point in inked) >= 2
