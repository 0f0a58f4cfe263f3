"""A page turned, straightened or unmarked by hand is made and read anew from the captured image."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import ocr
import scanner
from app.domain.dossier import Dossier
from app.domain.page import Page
from app.settings import Settings
from app.workflow import catalogue
from app.workflow.capture import capture, finish_capture
from app.workflow.demo import APPLICANT, PROCEDURE
from app.workflow.read import read_page
from app.workflow.receive import receive
from app.workflow.redo import redo_page
from app.workflow.training import TrainingRoom, training_room
from resources.specimens.render.sparse import sparse_sheet
from resources.specimens.render.suite import clean_page

DPI = 200
REQUEST = scanner.ScanRequest(dpi=DPI)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingRoom]:
    with training_room(tmp_path_factory.mktemp("room"), Settings()) as opened:
        yield opened


@pytest.fixture(scope="module")
def dossier(room: TrainingRoom, tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """Two pages, read: a paper and an empty sheet."""
    folder = tmp_path_factory.mktemp("paper")
    paper = np.asarray(clean_page(3, DPI).image)
    for name, pixels in (("1", paper), ("2", sparse_sheet("empty", 10, DPI))):
        Image.fromarray(pixels).save(folder / f"{name}.jpg", quality=92, dpi=(DPI, DPI))
    kind = catalogue.procedure(PROCEDURE).component("1.001193.01")
    assert kind is not None
    made = receive(room.station, catalogue.procedure(PROCEDURE), APPLICANT, [kind])
    room.paper.load(sorted(folder.iterdir()))
    for page in list(capture(room.station, made.id, REQUEST, stopped=lambda: False)):
        read_page(room.station, page)
    finish_capture(room.station, made.id)
    return made


def pages(room: TrainingRoom, dossier: Dossier) -> list[Page]:
    return room.station.store.dossiers.pages(dossier.id)


def reading(room: TrainingRoom, page: Page) -> ocr.ReadPage:
    return ocr.ReadPage.from_json(room.station.store.blobs.read(page.reading or "").decode())


def shape(room: TrainingRoom, page: Page) -> tuple[int, ...]:
    data = np.frombuffer(room.station.store.blobs.read(page.visible or ""), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR).shape


def test_a_page_is_turned_and_turned_back(room: TrainingRoom, dossier: Dossier) -> None:
    before = pages(room, dossier)[0]
    turned = redo_page(room.station, dossier.id, before.number, turn=90)
    assert reading(room, turned).turned == 90
    assert shape(room, turned)[:2] == shape(room, before)[1::-1]
    assert turned.original == before.original
    back = redo_page(room.station, dossier.id, before.number, turn=270)
    assert reading(room, back).text == reading(room, before).text
    row = [one for one in room.station.store.audit.rows(dossier.id) if one.action == "page-redone"][-1]
    assert json.loads(row.details)["number"] == before.number


def test_a_page_is_straightened_further(room: TrainingRoom, dossier: Dossier) -> None:
    before = pages(room, dossier)[0]
    was = reading(room, before).skew_deg
    askew = redo_page(room.station, dossier.id, before.number, straighten_deg=1.5)
    assert reading(room, askew).skew_deg == pytest.approx(was + 1.5, abs=0.001)
    skew = next(stage for stage in reading(room, askew).stages if stage.stage == "skew")
    usual = next(stage for stage in reading(room, before).stages if stage.stage == "skew")
    assert skew.parameters_sha256 != usual.parameters_sha256
    assert skew.input_sha256 == usual.input_sha256


def test_the_clerk_says_what_is_blank(room: TrainingRoom, dossier: Dossier) -> None:
    empty = pages(room, dossier)[1]
    assert "blank" in empty.flags
    kept = redo_page(room.station, dossier.id, empty.number, blank=False)
    assert "blank" not in kept.flags
    assert "blank" in redo_page(room.station, dossier.id, empty.number, blank=True).flags


def test_what_cannot_be_is_refused(room: TrainingRoom, dossier: Dossier) -> None:
    number = pages(room, dossier)[0].number
    with pytest.raises(KeyError):
        redo_page(room.station, dossier.id, 99, turn=90)
    for wrong in ({"turn": 45}, {"straighten_deg": 60.0}):
        with pytest.raises(ValueError, match="page is not"):
            redo_page(room.station, dossier.id, number, **wrong)  # type: ignore[arg-type]
    assert Path(room.station.store.blobs.path(pages(room, dossier)[0].original)).exists()
