"""The canvas and the pictures in it: fitted, zoomed, decoded no larger than shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.page import Page
from app.ui.bridge import Bridge
from app.ui.canvas import LARGEST, MOST_PIXELS, SMALLEST, Canvas
from app.ui.pictures import Pictures, decode
from app.ui.style import Style
from app.ui.thumbnails import EDGE_PX, Thumbnails
from resources import specimens


def page(file: Path, number: int = 1, visible: str | None = None) -> Page:
    return Page(f"P{number}", "D1", number, str(file), 300, 2480, 3508, 1, 1, "", visible=visible)


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    bridge = Bridge()
    made = Pictures(bridge)
    made.bridge = bridge  # type: ignore[attr-defined]  # kept alive
    yield made
    made.close()
    bridge.close()


@pytest.fixture
def canvas(qtbot: QtBot, style: Style, pictures: Pictures) -> Canvas:
    made = Canvas(pictures, style)
    qtbot.addWidget(made)
    made.resize(600, 800)
    made.read_from(lambda shown: Path(shown.visible or shown.original))
    made.show()
    return made


def test_a_page_is_decoded_at_the_size_it_is_shown(qtbot: QtBot, canvas: Canvas) -> None:
    canvas.show_page(page(specimens.demo_stack()[1]))
    qtbot.waitUntil(lambda: not canvas.shown_size.isEmpty(), timeout=5000)
    assert canvas.shown_size.height() <= 800
    canvas.fit_width()
    qtbot.waitUntil(lambda: canvas.shown_size.width() > 540, timeout=5000)
    assert canvas.shown_size.width() <= 600
    canvas.zoom_in()
    canvas.zoom_in()
    expected = round(2480 * canvas.zoom)
    qtbot.waitUntil(lambda: abs(canvas.shown_size.width() - expected) <= 2, timeout=5000)


def test_zoom_has_bounds(qtbot: QtBot, canvas: Canvas) -> None:
    canvas.show_page(page(specimens.demo_stack()[1]))
    for _ in range(40):
        canvas.zoom_in()
    assert canvas.zoom == LARGEST
    for _ in range(60):
        canvas.zoom_out()
    assert canvas.zoom == SMALLEST


def test_the_wheel_zooms_where_it_points(qtbot: QtBot, canvas: Canvas) -> None:
    canvas.show_page(page(specimens.demo_stack()[1]))
    canvas._zoom_to(0.5)
    at = QPointF(200, 300)
    before = _under(canvas, at)
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPointF(0, 0).toPoint(),
        QPointF(0, 120).toPoint(),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    canvas.wheelEvent(event)
    assert canvas.zoom == pytest.approx(0.625)
    after = _under(canvas, at)
    assert (after - before).manhattanLength() < 6


def test_the_mouse_drags_the_page(qtbot: QtBot, canvas: Canvas) -> None:
    canvas.show_page(page(specimens.demo_stack()[1]))
    canvas._zoom_to(1.0)
    before = canvas.verticalScrollBar().value()
    view = canvas.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPointF(300, 400).toPoint())
    qtbot.mouseMove(view, QPointF(300, 350).toPoint())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPointF(300, 350).toPoint())
    assert canvas.verticalScrollBar().value() == before + 50


def test_a_file_that_is_no_image_is_said_to_be_one(qtbot: QtBot, canvas: Canvas, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0" + b"no image" * 50)
    for file in (broken, tmp_path / "missing.jpg"):
        canvas.show_page(page(file))
        qtbot.waitUntil(
            lambda: canvas.accessibleDescription() == "Không mở được ảnh của trang này", timeout=5000
        )
        canvas.grab()
        canvas.show_page(None)
        assert canvas.accessibleDescription() == "Chưa chọn trang nào"


def test_a_straightened_page_takes_the_place_of_the_captured_one(qtbot: QtBot, canvas: Canvas) -> None:
    first, second = specimens.demo_stack()[1], specimens.demo_stack()[4]
    canvas.show_page(page(first))
    qtbot.waitUntil(lambda: not canvas.shown_size.isEmpty(), timeout=5000)
    before = canvas.grab().toImage()
    canvas.show_page(page(first, visible=str(second)))
    qtbot.waitUntil(lambda: canvas.grab().toImage() != before, timeout=5000)


def test_a_very_large_page_is_decoded_scaled(qapp: QApplication, pictures: Pictures, tmp_path: Path) -> None:
    """A3 at 600 dpi has 278 MB as pixels: more than Qt decodes by itself."""
    file = tmp_path / "a3.jpg"
    image = QImage(7016, 9921, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    assert image.save(str(file), quality=30)
    picture = decode(file, QSize(192, 192))
    assert picture.full_size == QSize(7016, 9921)
    assert picture.image.size() == QSize(135, 192)
    assert MOST_PIXELS * 4 < 200_000_000


def test_a_small_image_is_never_blown_up(qapp: QApplication, small_image: Path) -> None:
    assert decode(small_image, QSize(4000, 4000)).image.size() == QSize(248, 351)


def test_thumbnails_are_decoded_once_and_follow_the_page(
    qtbot: QtBot, pictures: Pictures, small_image: Path
) -> None:
    asked: list[str] = []

    def locate(shown: Page) -> Path:
        asked.append(shown.id)
        return small_image

    thumbnails = Thumbnails(pictures, locate)
    captured = page(small_image)
    with qtbot.waitSignal(thumbnails.ready):
        assert thumbnails.get(captured) is None
        assert thumbnails.get(captured) is None
    first = thumbnails.get(captured)
    assert first is not None
    assert max(first.width(), first.height()) <= EDGE_PX
    straightened = page(small_image, visible="v")
    with qtbot.waitSignal(thumbnails.ready):
        assert thumbnails.get(straightened) is first
    assert thumbnails.get(straightened) is not first
    assert asked == ["P1", "P1"]


def _under(canvas: Any, at: QPointF) -> QPointF:
    """The place of the page, in screen px at zoom 1, that lies under `at`."""
    rect = canvas._page_rect()
    return QPointF((at.x() - rect.x()) / canvas.zoom, (at.y() - rect.y()) / canvas.zoom)
