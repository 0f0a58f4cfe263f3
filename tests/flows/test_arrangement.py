"""Pages moved, left out and put back; what the device counted; sealing asks for the reason."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import scanner
from app.domain.arrangement import FeedCount, LeftOut, Rearranged
from app.domain.dossier import Dossier
from app.domain.errors import StationError, StationFault
from app.domain.page import Page
from app.domain.states import Digitisation
from app.jobs import Job
from app.settings import Settings
from app.workflow import account, arrange, catalogue
from app.workflow.capture import capture
from app.workflow.demo import APPLICANT, PROCEDURE
from app.workflow.happenings import FedAgain, Happening
from app.workflow.process import scan_and_read, sign_and_send
from app.workflow.receive import receive
from app.workflow.training import TrainingRoom, training_room
from resources import specimens
from scanner import Spot

REQUEST = scanner.ScanRequest(dpi=200, width_mm=100, height_mm=60)
STACK = specimens.demo_stack()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingRoom]:
    with training_room(tmp_path_factory.mktemp("room"), Settings()) as opened:
        yield opened


@pytest.fixture(scope="module")
def slips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("slips")
    for number in range(1, 6):
        Image.new("RGB", (787, 472), (40 * number, 200, 90)).save(folder / f"{number}.jpg", dpi=(200, 200))
    return sorted(folder.iterdir())


@pytest.fixture
def dossier(room: TrainingRoom) -> Dossier:
    kind = catalogue.procedure(PROCEDURE).component("1.001193.01")
    assert kind is not None
    return receive(room.station, catalogue.procedure(PROCEDURE), APPLICANT, [kind])


@pytest.fixture
def fed(room: TrainingRoom, dossier: Dossier, slips: list[Path]) -> Dossier:
    """A dossier of five pages."""
    feed(room, dossier, slips)
    return dossier


def feed(room: TrainingRoom, dossier: Dossier, paper: list[Path], spot: Spot = scanner.AT_THE_END) -> None:
    room.paper.load(paper)
    list(capture(room.station, dossier.id, REQUEST, stopped=lambda: False, spot=spot))


def numbers(room: TrainingRoom, dossier: Dossier) -> list[int]:
    return [page.number for page in room.station.store.dossiers.pages(dossier.id)]


def pages(room: TrainingRoom, dossier: Dossier) -> list[Page]:
    return room.station.store.dossiers.pages(dossier.id)


def notes(room: TrainingRoom, dossier: Dossier, action: str) -> list[dict[str, Any]]:
    rows = room.station.store.audit.rows(dossier.id)
    return [json.loads(row.details) for row in rows if row.action == action]


def fault_of_arrangement(room: TrainingRoom, dossier: Dossier) -> StationFault | None:
    try:
        arrange.require_arrangement(room.station, dossier.id)
    except StationError as error:
        return error.fault
    return None


def test_an_order_that_was_changed_asks_for_its_reason(room: TrainingRoom, fed: Dossier) -> None:
    assert fault_of_arrangement(room, fed) is None
    arrange.move_page(room.station, fed.id, 4, 2)
    assert numbers(room, fed) == [1, 4, 2, 3, 5]
    assert [page.place for page in pages(room, fed)] == [1, 2, 3, 4, 5]
    assert fault_of_arrangement(room, fed) is StationFault.ORDER_CHANGED
    arrange.confirm_arrangement(room.station, fed.id, Rearranged.PAPERS_MIXED, "A Thử")
    assert fault_of_arrangement(room, fed) is None
    assert notes(room, fed, "moved") == [{"number": 4, "place": 2}]
    assert notes(room, fed, "arrangement-confirmed") == [{"reason": "papers-mixed", "by": "A Thử"}]
    arrange.move_page(room.station, fed.id, 5, 1)
    assert fault_of_arrangement(room, fed) is StationFault.ORDER_CHANGED


def test_back_in_its_place_nothing_is_asked(room: TrainingRoom, fed: Dossier) -> None:
    arrange.move_page(room.station, fed.id, 1, 9)
    assert numbers(room, fed) == [2, 3, 4, 5, 1]
    arrange.move_page(room.station, fed.id, 1, 1)
    assert fault_of_arrangement(room, fed) is None


def test_pages_scanned_again_or_put_in_are_no_change_of_order(
    room: TrainingRoom, fed: Dossier, slips: list[Path]
) -> None:
    feed(room, fed, slips[:1], Spot(replaces=2))
    feed(room, fed, slips[:1], Spot(after=2))
    feed(room, fed, slips[:1], Spot(after=0))
    assert numbers(room, fed) == [8, 1, 6, 7, 3, 4, 5]
    assert fault_of_arrangement(room, fed) is None


def test_a_moved_page_stays_where_it_is_when_others_come(
    room: TrainingRoom, fed: Dossier, slips: list[Path]
) -> None:
    arrange.move_page(room.station, fed.id, 5, 1)
    feed(room, fed, slips[:1], Spot(replaces=5))
    feed(room, fed, slips[:1], Spot(after=1))
    assert numbers(room, fed) == [6, 1, 7, 2, 3, 4]


def test_a_page_left_out_keeps_its_image_and_its_reason_and_comes_back(
    room: TrainingRoom, fed: Dossier
) -> None:
    arrange.leave_out(room.station, fed.id, [2, 3], LeftOut.FED_TWICE)
    assert numbers(room, fed) == [1, 4, 5]
    assert [page.number for page in arrange.left_out(room.station, fed.id)] == [2, 3]
    found = account.account(room.station, fed.id)
    assert (found.images, found.left_out) == (3, 2)
    assert scanner.FindingCode.NO_REASON not in {finding.code for finding in found.findings}
    assert fault_of_arrangement(room, fed) is None
    account.require_balance(room.station, fed.id)
    arrange.leave_out(room.station, fed.id, [1], LeftOut.BLANK)
    assert [page.number for page in arrange.left_out(room.station, fed.id)] == [2, 3, 1]
    arrange.put_back(room.station, fed.id, [1])
    arrange.put_back(room.station, fed.id, [3, 2])
    assert numbers(room, fed) == [1, 2, 3, 4, 5]
    assert arrange.left_out(room.station, fed.id) == []
    assert [note["reason"] for note in notes(room, fed, "left-out")] == ["fed-twice", "fed-twice", "blank"]


def test_a_dossier_that_is_not_scanned_to_its_end_stays_open(room: TrainingRoom, fed: Dossier) -> None:
    assert room.station.store.dossiers.get(fed.id).digitisation is Digitisation.CAPTURING
    arrange.move_page(room.station, fed.id, 2, 1)
    assert room.station.store.dossiers.get(fed.id).digitisation is Digitisation.CAPTURING


def test_the_last_page_cannot_be_left_out(room: TrainingRoom, fed: Dossier) -> None:
    with pytest.raises(StationError) as refused:
        arrange.leave_out(room.station, fed.id, [1, 2, 3, 4, 5], LeftOut.NOT_OF_DOSSIER)
    assert refused.value.fault is StationFault.NO_PAGES
    assert numbers(room, fed) == [1, 2, 3, 4, 5]


class Counting:
    """A scanner that counts one image more than it gives."""

    def __init__(self, backend: Any, more: int) -> None:
        self._backend, self._more, self._images = backend, more, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def scan(self, *given: Any) -> Iterator[Any]:
        self._images = 0
        for page in self._backend.scan(*given):
            self._images += 1
            yield page

    def fed(self, device_id: str) -> scanner.Fed:
        return scanner.Fed(self._images + self._more, sheets=False)


@pytest.mark.parametrize(("more", "fault"), [(0, None), (1, StationFault.FED_NOT_KEPT)])
def test_what_the_device_counted_is_held_against_what_is_kept(
    room: TrainingRoom, dossier: Dossier, slips: list[Path], more: int, fault: StationFault | None
) -> None:
    room.paper.load(slips[:3])
    station = replace(room.station, scanner=Counting(room.station.scanner, more))
    list(capture(station, dossier.id, REQUEST, stopped=lambda: False))
    assert room.station.store.dossiers.feed_counts(dossier.id) == [
        FeedCount(dossier.id, 1, "pages", 3 + more, 3)
    ]
    assert fault_of_arrangement(room, dossier) is fault
    arrange.confirm_arrangement(room.station, dossier.id, Rearranged.COUNTED_BY_HAND, "A Thử")
    assert fault_of_arrangement(room, dossier) is None


def test_sheets_fed_again_after_a_jam_are_told_and_a_changed_order_keeps_the_pen_away(
    room: TrainingRoom, dossier: Dossier
) -> None:
    """The clerk puts back one sheet too many, leaves it out, then swaps two pages and tries to sign."""
    told: list[Happening] = []
    job: Job[Any] = Job("scan")
    request = scanner.ScanRequest(dpi=200)
    room.paper.load(STACK[1:2])
    scan_and_read(room.station, dossier.id, request, job, told.append)
    room.paper.load(STACK[1:3])
    scan_and_read(room.station, dossier.id, request, job, told.append, more=True)
    again = [one for one in told if isinstance(one, FedAgain)]
    assert again == [FedAgain(dossier.id, (2,))]
    arrange.leave_out(room.station, dossier.id, again[0].numbers, LeftOut.FED_TWICE)
    assert numbers(room, dossier) == [1, 3]
    arrange.move_page(room.station, dossier.id, 3, 1)
    with pytest.raises(StationError) as refused:
        sign_and_send(room.station, dossier.id, Job("send"), told.append)
    assert refused.value.fault is StationFault.ORDER_CHANGED
    assert all(one.signed is None for one in room.station.store.dossiers.components(dossier.id))
    arrange.confirm_arrangement(room.station, dossier.id, Rearranged.AS_CHECKLIST, "A Thử")
    assert fault_of_arrangement(room, dossier) is None
