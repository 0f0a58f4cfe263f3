"""Scanning again, inserting, and losing the spool: every page stays, each in its place."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

import scanner
from app.domain.dossier import Dossier
from app.domain.errors import StationError, StationFault
from app.domain.page import Page, PageRole
from app.jobs import Job
from app.settings import Settings
from app.workflow import catalogue
from app.workflow.demo import APPLICANT, PROCEDURE
from app.workflow.happenings import tell_nobody
from app.workflow.process import scan_and_read, sign_and_send
from app.workflow.receive import receive
from app.workflow.training import TrainingRoom, training_room
from resources import specimens
from scanner import Spot

STACK = specimens.demo_stack()
REQUEST = scanner.ScanRequest()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingRoom]:
    with training_room(tmp_path_factory.mktemp("room"), Settings()) as opened:
        yield opened


@pytest.fixture
def dossier(room: TrainingRoom) -> Dossier:
    """A dossier whose first paper (separator, front, blank back) has been scanned."""
    kind = catalogue.procedure(PROCEDURE).component("1.001193.01")
    assert kind is not None
    received = receive(room.station, catalogue.procedure(PROCEDURE), APPLICANT, [kind])
    feed(room, received, STACK[:3])
    return received


def feed(room: TrainingRoom, dossier: Dossier, paper: Any, **how: Any) -> None:
    room.paper.load(paper)
    job: Job[Any] = Job("scan")
    scan_and_read(room.station, dossier.id, REQUEST, job, tell_nobody, **how)


def pages(room: TrainingRoom, dossier: Dossier) -> list[Page]:
    return room.station.store.dossiers.pages(dossier.id)


def test_a_rescan_takes_the_place_and_the_old_image_stays(room: TrainingRoom, dossier: Dossier) -> None:
    before = pages(room, dossier)
    feed(room, dossier, [STACK[4]], more=True, spot=Spot(replaces=2))
    after = pages(room, dossier)
    assert [page.number for page in after] == [1, 4, 3]
    assert [page.place for page in after] == [1, 2, 3]
    assert after[1].component_id == before[1].component_id
    assert after[1].is_read
    history = room.station.store.dossiers.all_pages(dossier.id)
    assert [(page.number, page.place) for page in history] == [(1, 1), (2, None), (3, 3), (4, 2)]
    assert room.station.store.blobs.read(history[1].original)
    job: Job[Any] = Job("send")
    delivery = sign_and_send(room.station, dossier.id, job, tell_nobody)
    assert delivery.receipt.submission_id == delivery.submission_id


def test_an_inserted_page_stands_behind_its_neighbour(room: TrainingRoom, dossier: Dossier) -> None:
    feed(room, dossier, [STACK[4]], more=True, spot=Spot(after=2))
    assert [page.number for page in pages(room, dossier)] == [1, 2, 4, 3]
    papers = [page for page in pages(room, dossier) if page.role is PageRole.PAPER]
    assert len({page.component_id for page in papers}) == 1


def test_a_sheet_fed_twice_is_marked_and_kept(room: TrainingRoom, dossier: Dossier) -> None:
    feed(room, dossier, [STACK[1]], more=True)
    twice = [page.number for page in pages(room, dossier) if "twice" in page.flags]
    assert twice == [4]
    assert len(pages(room, dossier)) == 4


def test_a_lost_spool_costs_nothing_that_was_committed(room: TrainingRoom, dossier: Dossier) -> None:
    shutil.rmtree(room.station.store.folder / "spool" / dossier.id)
    feed(room, dossier, [STACK[4]], more=True)
    assert [(page.number, page.place) for page in pages(room, dossier)] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_what_is_made_for_practice_says_so_on_every_page(room: TrainingRoom, dossier: Dossier) -> None:
    import numpy as np
    import pypdfium2

    job: Job[Any] = Job("send")
    sign_and_send(room.station, dossier.id, job, tell_nobody)
    (component,) = room.station.store.dossiers.components(dossier.id)
    document = pypdfium2.PdfDocument(room.station.store.blobs.path(component.signed or ""))
    back = document[1].render(scale=0.5).to_numpy().astype(int)  # the blank back of the form
    document.close()
    bluish = (back[..., 0] - back[..., 2] > 20) | (back[..., 2] - back[..., 0] > 20)
    assert np.count_nonzero(bluish) > 0.01 * bluish.size


def test_nothing_is_scanned_into_a_signed_dossier(room: TrainingRoom, dossier: Dossier) -> None:
    job: Job[Any] = Job("send")
    sign_and_send(room.station, dossier.id, job, tell_nobody)
    with pytest.raises(StationError) as refused:
        feed(room, dossier, [STACK[4]], more=True)
    assert refused.value.fault is StationFault.SIGNED_ALREADY
