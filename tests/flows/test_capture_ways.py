"""Ways into a dossier beside the feeder's: backs after turning the stack, files, a page with a note on it."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

import scanner
from app.domain.dossier import Dossier
from app.domain.errors import StationError, StationFault
from app.domain.page import Page
from app.jobs import Jobs
from app.settings import Settings
from app.workflow import account, catalogue, turned
from app.workflow.capture import capture
from app.workflow.counter import Counter
from app.workflow.demo import APPLICANT, PROCEDURE
from app.workflow.importing import fed_with, import_into, import_request
from app.workflow.receive import receive
from app.workflow.training import TrainingRoom, training_room

REQUEST = scanner.ScanRequest(dpi=200, width_mm=100, height_mm=60)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingRoom]:
    with training_room(tmp_path_factory.mktemp("room"), Settings()) as opened:
        yield opened


@pytest.fixture
def dossier(room: TrainingRoom) -> Dossier:
    kind = catalogue.procedure(PROCEDURE).component("1.001193.01")
    assert kind is not None
    return receive(room.station, catalogue.procedure(PROCEDURE), APPLICANT, [kind])


@pytest.fixture
def slips(tmp_path: Path) -> list[Path]:
    """Six slips of different writing; each tells its number by squares at its right edge."""
    made = []
    for number in range(1, 7):
        image = Image.new("RGB", (787, 472), "white")
        pen = ImageDraw.Draw(image)
        chance = random.Random(number)
        for _ in range(60):
            left, top = chance.randrange(40, 600), chance.randrange(20, 430)
            pen.rectangle((left, top, left + chance.randrange(10, 60), top + 8), fill="black")
        for square in range(number):
            pen.rectangle((720, 40 + 60 * square, 750, 60 + 60 * square), fill="black")
        made.append(tmp_path / f"slip {number}.jpg")
        image.save(made[-1], quality=92, dpi=(200, 200))
    return made


def feed(room: TrainingRoom, dossier: Dossier, paper: list[Path]) -> None:
    room.paper.load(paper)
    list(capture(room.station, dossier.id, REQUEST, stopped=lambda: False))


def feed_backs(room: TrainingRoom, dossier: Dossier, paper: list[Path]) -> list[Page]:
    room.paper.load(paper)
    return list(turned.scan_backs(room.station, dossier.id, REQUEST, stopped=lambda: False))


def pages(room: TrainingRoom, dossier: Dossier) -> list[Page]:
    return room.station.store.dossiers.pages(dossier.id)


def places(room: TrainingRoom, dossier: Dossier) -> list[tuple[int, int]]:
    return [(page.sheet, page.side) for page in pages(room, dossier)]


def number_on(room: TrainingRoom, page: Page) -> int:
    with Image.open(room.station.store.blobs.path(page.original)) as image:
        column = [image.getpixel((735, y)) for y in range(50, 472, 60)]
    return sum(sum(pixel) < 300 for pixel in column)  # type: ignore[misc, arg-type]


def test_backs_stand_behind_their_fronts_in_the_order_of_the_paper(
    room: TrainingRoom, dossier: Dossier, slips: list[Path]
) -> None:
    feed(room, dossier, slips[:3])
    assert turned.waits_for_backs(room.station, dossier.id)
    feed_backs(room, dossier, slips[:2:-1])
    assert places(room, dossier) == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]
    assert [number_on(room, page) for page in pages(room, dossier)] == [1, 4, 2, 5, 3, 6]
    assert not turned.waits_for_backs(room.station, dossier.id)
    account.require_balance(room.station, dossier.id)
    assert account.account(room.station, dossier.id).sheets == 3
    with pytest.raises(StationError) as error:
        feed_backs(room, dossier, slips[:3])
    assert error.value.fault is StationFault.NO_FRONTS


def test_backs_that_do_not_match_wait_apart_until_they_are_fed_again(
    room: TrainingRoom, dossier: Dossier, slips: list[Path]
) -> None:
    feed(room, dossier, slips[:3])
    for wrong, fault in (
        (slips[3:5], StationFault.BACKS_UNEQUAL),
        (slips[:3], StationFault.BACKS_ARE_FRONTS),
    ):
        with pytest.raises(StationError) as error:
            feed_backs(room, dossier, wrong)
        assert error.value.fault is fault
        assert places(room, dossier) == [(1, 1), (2, 1), (3, 1)]
    feed_backs(room, dossier, slips[:2:-1])
    assert places(room, dossier)[:4] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_laying_the_backs_goes_on_where_it_was_cut_off(
    room: TrainingRoom, dossier: Dossier, slips: list[Path]
) -> None:
    feed(room, dossier, slips[:3])
    room.paper.load(slips[:2:-1])
    laying = turned.scan_backs(room.station, dossier.id, REQUEST, stopped=lambda: False)
    next(laying)
    laying.close()  # type: ignore[attr-defined]
    room.paper.load([])
    assert len(list(turned.scan_backs(room.station, dossier.id, REQUEST, stopped=lambda: False))) == 2
    assert [number_on(room, page) for page in pages(room, dossier)] == [1, 4, 2, 5, 3, 6]


def test_files_come_in_as_if_they_were_fed(room: TrainingRoom, dossier: Dossier, slips: list[Path]) -> None:
    feed(room, dossier, slips[:1])
    station = fed_with(room.station, slips[1:3])
    list(capture(station, dossier.id, import_request(), stopped=lambda: False, profile="import"))
    assert [number_on(room, page) for page in pages(room, dossier)] == [1, 2, 3]
    kept = room.station.store.blobs.read(pages(room, dossier)[1].original)
    assert kept == slips[1].read_bytes()


def test_files_into_a_folder_good_pages_first(tmp_path: Path, slips: list[Path]) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    kept: list[Any] = []
    with pytest.raises(scanner.ScanError) as error:
        kept.extend(import_into(tmp_path / "out", [tmp_path / "bad.pdf", *slips[:2]], lambda: False))
    assert error.value.fault is scanner.ScanFault.TRUNCATED
    assert [page.number for page in scanner.Spool(tmp_path / "out").pages()] == [1, 2]


def test_a_page_with_a_note_and_the_same_without_it_count_as_one(
    room: TrainingRoom, dossier: Dossier, slips: list[Path]
) -> None:
    feed(room, dossier, slips[:2])
    noted = pages(room, dossier)[0]
    room.paper.load(slips[2:3])
    spot = scanner.Spot(after=noted.number)
    list(capture(room.station, dossier.id, REQUEST, stopped=lambda: False, spot=spot))
    account.mark_note(room.station, noted)
    assert [number_on(room, page) for page in pages(room, dossier)] == [1, 3, 2]
    (component,) = room.station.store.dossiers.components(dossier.id)
    room.station.store.dossiers.save_component(replace(component, expected_pages=2))
    told = account.account(room.station, dossier.id)
    assert (told.images, told.notes, told.difference) == (2, 1, 0)
    account.require_balance(room.station, dossier.id)


def test_sheets_counted_at_the_counter_are_held_against_those_fed(
    room: TrainingRoom, dossier: Dossier, slips: list[Path]
) -> None:
    feed(room, dossier, slips[:2])
    account.count_sheets(room.station, dossier.id, 3)
    with pytest.raises(StationError) as error:
        account.require_balance(room.station, dossier.id)
    assert (error.value.fault, error.value.facts) == (
        StationFault.COUNT_DIFFERS,
        {"expected": 3, "found": 2},
    )
    account.count_sheets(room.station, dossier.id, 2)
    account.require_balance(room.station, dossier.id)
    with pytest.raises(ValueError, match="no sheets"):
        account.count_sheets(room.station, dossier.id, 0)


def test_the_counter_offers_every_way(room: TrainingRoom, dossier: Dossier, slips: list[Path]) -> None:
    """Files, a page without its note, a wait that the device can't serve: through the jobs of the window."""
    jobs = Jobs(1)
    counter = Counter(room.station, jobs)
    told: list[Any] = []
    try:
        counter.import_files(dossier.id, slips[:2], told.append).result(120)
        first = pages(room, dossier)[0]
        room.paper.load(slips[2:3])
        counter.scan_without_note(dossier.id, first, told.append).result(120)
        assert [page.number for page in pages(room, dossier)] == [1, 3, 2]
        assert account.NOTE in pages(room, dossier)[0].flags
        assert all(page.is_read for page in pages(room, dossier))
        counter.count_sheets(dossier.id, 2)
        assert account.account(room.station, dossier.id).difference == 0
        with pytest.raises(scanner.ScanError) as error:
            counter.scan(dossier.id, told.append, when_asked=True).result(120)
        assert error.value.fault is scanner.ScanFault.NO_SENSOR
    finally:
        jobs.close()
