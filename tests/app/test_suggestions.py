"""What was read is suggested, what the clerk says is kept beside it, and nothing decided is overwritten."""

from dataclasses import replace
from datetime import datetime

import pytest

from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError, StationFault
from app.domain.page import Page
from app.domain.states import Digitisation
from app.domain.suggestion import Band, FieldSpot, Suggestion, band_of
from app.settings import Settings
from app.store import Store
from app.workflow import suggest
from app.workflow.station import Desk
from ocr import ReadPage, Word
from ocr.page import text_of


def desk(store: Store, at: datetime) -> Desk:
    def no_line() -> object:
        raise AssertionError("nothing is sent here")

    return Desk(store=store, settings=Settings(), intake=no_line, clock=lambda: at)  # type: ignore[arg-type]


def read(rows: list[tuple[int, int, str, float]]) -> ReadPage:
    words = []
    for number, (y, x, text, sure) in enumerate(rows):
        left = x
        for part in text.split():
            box = (left, y - 38, left + 28 * len(part), y)
            words.append(Word(part, box, (box[0], y, box[2], y), sure, number, number))
            left = box[2] + 16
    return ReadPage(
        "0" * 64, "0" * 64, 2480, 3508, 300, tuple(words), text_of(words), 95.0, 0, 0.0, (), (), "none"
    )


ROWS = [
    (354, 378, "ỦY BAN NHÂN DÂN", 95.0),
    (425, 378, "XÃ MƯỜNG VÍ DỤ", 95.0),
    (354, 1130, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 95.0),
    (425, 1230, "Độc lập - Tự do - Hạnh phúc", 95.0),
    (500, 400, "Số: 27/QĐ-UBND", 95.0),
    (500, 1180, "Mường Ví Dụ, ngày 18 tháng 11 năm 2026", 95.0),
    (690, 1080, "QUYẾT ĐỊNH", 95.0),
]


@pytest.fixture
def dossier_with_a_paper(
    store: Store, dossier: Dossier, component: Component, monkeypatch: pytest.MonkeyPatch
) -> Component:
    monkeypatch.setattr("ocr.fields.pen.Print.typed", lambda *_, **__: True)  # there is no picture
    store.dossiers.save(replace(dossier, digitisation=Digitisation.CAPTURED))
    store.dossiers.save_component(component)
    store.dossiers.save_page(
        Page(
            "P1",
            dossier.id,
            1,
            "0" * 64,
            300,
            2480,
            3508,
            1,
            1,
            "",
            component_id=component.id,
            visible=store.blobs.put(b"no picture"),
            reading=store.blobs.put(read(ROWS).to_json().encode()),
            place=1,
        )
    )
    return component


def found(store: Store, component: Component, name: str) -> Suggestion:
    return next(one for one in store.suggestions.of(component.id) if one.name == name)


@pytest.mark.parametrize(
    ("confidence", "band"),
    [
        (100, Band.ACCEPT),
        (90, Band.ACCEPT),
        (89.9, Band.NOTICE),
        (70, Band.NOTICE),
        (40, Band.CONFIRM),
        (39.9, Band.BLANK),
        (0, Band.BLANK),
    ],
)
def test_bands(confidence: float, band: Band) -> None:
    assert band_of(confidence) is band


def test_fields_are_suggested_with_their_places(
    store: Store, dossier_with_a_paper: Component, dossier: Dossier, noon: datetime
) -> None:
    suggest.suggest(desk(store, noon), dossier.id)
    number = found(store, dossier_with_a_paper, "number")
    assert (number.suggested, number.band, number.decided) == ("27", Band.ACCEPT, False)
    (spot,) = number.spots
    assert spot.page_id == "P1"
    assert spot.box[1] < 500 <= spot.box[3]
    assert found(store, dossier_with_a_paper, "date").suggested == "18/11/2026"


def test_the_clerk_s_word_and_what_stood_before(
    store: Store, dossier_with_a_paper: Component, dossier: Dossier, noon: datetime
) -> None:
    station, component = desk(store, noon), dossier_with_a_paper
    suggest.suggest(station, dossier.id)
    suggest.confirm(station, dossier.id, component.id, name="number", value="27", by="Cà Thị Thử")
    changed = suggest.confirm(
        station, dossier.id, component.id, name="agency", value="UBND xa\u0303 Mẫu ", by="Cà Thị Thử"
    )
    assert (changed.value, changed.suggested) == ("UBND xã Mẫu", "ỦY BAN NHÂN DÂN XÃ MƯỜNG VÍ DỤ")
    suggest.confirm(station, dossier.id, component.id, name="agency", value="UBND xã Thử", by="Vàng A Mẫu")
    assert [
        (one.name, one.before, one.after, one.decided_by) for one in store.suggestions.decisions(component.id)
    ] == [
        ("number", "27", "27", "Cà Thị Thử"),
        ("agency", "ỦY BAN NHÂN DÂN XÃ MƯỜNG VÍ DỤ", "UBND xã Mẫu", "Cà Thị Thử"),
        ("agency", "UBND xã Mẫu", "UBND xã Thử", "Vàng A Mẫu"),
    ]
    rows = store.audit.rows(dossier.id)
    assert [row.action for row in rows[-3:]] == ["field-confirmed", "field-corrected", "field-corrected"]
    assert not any("Thử" in row.details or "27" in row.details for row in rows)


def test_reading_anew_leaves_what_was_decided(
    store: Store, dossier_with_a_paper: Component, dossier: Dossier, noon: datetime
) -> None:
    station, component = desk(store, noon), dossier_with_a_paper
    suggest.suggest(station, dossier.id)
    suggest.confirm(station, dossier.id, component.id, name="number", value="28", by="Cà Thị Thử")
    page = store.dossiers.page("P1")
    other = read(
        [
            (y, x, text.replace("27/", "99/").replace("18 tháng", "19 tháng"), sure)
            for y, x, text, sure in ROWS
        ]
    )
    store.dossiers.save_page(replace(page, reading=store.blobs.put(other.to_json().encode())))
    suggest.suggest(station, dossier.id)
    assert found(store, component, "number").shown == "28"
    assert found(store, component, "date").suggested == "19/11/2026"


def test_a_sealed_package_keeps_its_data(
    store: Store, dossier_with_a_paper: Component, dossier: Dossier, noon: datetime
) -> None:
    station = desk(store, noon)
    suggest.suggest(station, dossier.id)
    store.dossiers.save(replace(dossier, digitisation=Digitisation.SEALED))
    with pytest.raises(StationError) as refused:
        suggest.confirm(station, dossier.id, dossier_with_a_paper.id, name="number", value="28", by="x")
    assert refused.value.fault is StationFault.SEALED_ALREADY
    store.dossiers.save(replace(dossier, digitisation=Digitisation.READ))
    with pytest.raises(KeyError):
        suggest.confirm(station, dossier.id, dossier_with_a_paper.id, name="khong-co", value="28", by="x")


def test_what_goes_into_the_package_says_whether_somebody_confirmed_it(
    store: Store, dossier_with_a_paper: Component, dossier: Dossier, noon: datetime
) -> None:
    station = desk(store, noon)
    suggest.suggest(station, dossier.id)
    suggest.confirm(station, dossier.id, dossier_with_a_paper.id, name="number", value="28", by="x")
    told = suggest.as_metadata(store.suggestions.of(dossier_with_a_paper.id))
    assert told["number"] == {
        "value": "28",
        "confidence": 95.0,
        "confirmed": True,
        "confirmed_at": noon.isoformat(),
    }
    assert told["date"]["confirmed"] is False  # type: ignore[index]


def test_a_suggestion_that_needs_a_person() -> None:
    unsure = Suggestion(
        "C", 1, "number", None, 12.0, doubt="handwritten", spots=(FieldSpot("P1", (0, 0, 9, 9)),)
    )
    assert unsure.open
    assert unsure.shown == ""
    assert not replace(unsure, value="12", decided_at="now").open
    assert not replace(unsure, suggested="x", confidence=95.0).open
