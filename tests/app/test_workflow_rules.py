"""Rules that hold whatever the engines do: practice apart from real work, clocks put right, signed papers."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sync
from app.domain.dossier import Component, Dossier
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.domain.page import Page, PageRole
from app.domain.states import Digitisation, Synchronisation
from app.settings import Settings
from app.store import Store
from app.workflow import account, capture, deliver
from app.workflow.happenings import tell_nobody
from app.workflow.station import Desk
from app.workflow.training import training_room


def desk(store: Store, at: datetime, *, training: bool) -> Desk:
    def no_line() -> sync.IntakeClient:
        raise AssertionError("nothing may be sent")

    return Desk(store=store, settings=Settings(), intake=no_line, training=training, clock=lambda: at)


def queue(store: Store, dossier: Dossier, at: datetime, **changes: Any) -> OutboxEntry:
    queued = replace(
        dossier,
        digitisation=Digitisation.SEALED,
        synchronisation=Synchronisation.QUEUED,
        submission_id="S1",
    )
    store.dossiers.save(queued)
    entry = OutboxEntry("S1", dossier.id, dossier.code, "a" * 64, 10, Synchronisation.QUEUED, at)
    store.outbox.add(entry)
    store.outbox.save(replace(entry, **changes))
    return entry


@pytest.mark.parametrize("training", [True, False])
def test_practice_and_real_dossiers_never_take_each_others_way(
    store: Store, dossier: Dossier, noon: datetime, training: bool
) -> None:
    queue(store, replace(dossier, training=not training), noon)
    with pytest.raises(StationError) as refused:
        deliver.deliver(desk(store, noon, training=training), "S1", stopped=lambda: False, tell=tell_nobody)
    assert refused.value.fault is StationFault.TRAINING_ONLY
    assert store.outbox.get("S1").receipt is None


def test_the_training_room_keeps_away_from_real_dossiers(tmp_path: Path, dossier: Dossier) -> None:
    with Store(tmp_path) as store:
        store.dossiers.save(dossier)
    with pytest.raises(StationError) as refused, training_room(tmp_path, Settings()):
        pass
    assert refused.value.fault is StationFault.REAL_DOSSIERS
    assert not (tmp_path / "pki").exists()


def test_a_next_try_set_by_a_wrong_clock_does_not_hold_a_dossier_for_years(
    store: Store, dossier: Dossier, noon: datetime
) -> None:
    queue(store, dossier, noon, next_try_at=noon + timedelta(days=5 * 365))
    assert [entry.submission_id for entry in deliver.due(desk(store, noon, training=False))] == ["S1"]
    store.outbox.save(replace(store.outbox.get("S1"), next_try_at=noon + timedelta(minutes=10)))
    assert deliver.due(desk(store, noon, training=False)) == []


def test_no_page_is_added_once_a_paper_is_signed(
    store: Store, dossier: Dossier, component: Component, noon: datetime
) -> None:
    store.dossiers.save(replace(dossier, digitisation=Digitisation.BUILT))
    store.dossiers.save_component(replace(component, built="a", coded="b", signed="c"))
    with pytest.raises(StationError) as refused:
        capture.open_for_pages(desk(store, noon, training=False), dossier.id)  # type: ignore[arg-type]
    assert refused.value.fault is StationFault.SIGNED_ALREADY
    assert store.dossiers.get(dossier.id).digitisation is Digitisation.BUILT


def test_documents_built_without_a_new_page_are_made_anew_under_the_same_code(
    store: Store, dossier: Dossier, component: Component, noon: datetime
) -> None:
    store.dossiers.save(replace(dossier, digitisation=Digitisation.BUILT))
    store.dossiers.save_component(replace(component, code="H18.19_TK_000001_V1", built="a", coded="b"))
    capture.open_for_pages(desk(store, noon, training=False), dossier.id)  # type: ignore[arg-type]
    (again,) = store.dossiers.components(dossier.id)
    assert (again.code, again.built, again.coded) == ("H18.19_TK_000001_V1", None, None)


def fed(*places: tuple[int, int, int | None]) -> list[Page]:
    """Pages by (sheet, side, place), in the order of scanning."""
    return [
        Page(f"P{n}", "D1", n, "0" * 64, 300, 1, 1, sheet, side, "", place=place)
        for n, (sheet, side, place) in enumerate(places, start=1)
    ]


def test_a_feed_begins_where_sheet_numbers_begin_again() -> None:
    pages = fed((1, 1, 1), (1, 2, 2), (2, 1, 3), (2, 2, 4), (1, 1, 5), (1, 1, 6))
    assert [page.feed for page in account.captured(pages)] == [1, 1, 1, 1, 2, 3]


def test_a_rescanned_page_leaves_no_gap(store: Store, dossier: Dossier, noon: datetime) -> None:
    store.dossiers.save(dossier)
    for page in fed((1, 1, 1), (2, 1, None), (3, 1, 3), (1, 1, 2)):
        store.dossiers.save_page(page)
    account.require_balance(desk(store, noon, training=False), dossier.id)  # type: ignore[arg-type]


def test_a_lost_sheet_and_a_wrong_count_are_noticed(
    store: Store, dossier: Dossier, component: Component, noon: datetime
) -> None:
    store.dossiers.save(dossier)
    station = desk(store, noon, training=False)
    for page in fed((1, 1, 1), (3, 1, 2)):
        store.dossiers.save_page(page)
    with pytest.raises(StationError) as gap:
        account.require_balance(station, dossier.id)  # type: ignore[arg-type]
    assert gap.value.fault is StationFault.SHEET_MISSING
    assert gap.value.facts == {"sheet": 1}
    store.dossiers.save_page(replace(fed((1, 1, 1), (2, 1, 2))[1], role=PageRole.PAPER))
    store.dossiers.save_component(replace(component, expected_pages=3))
    with pytest.raises(StationError) as count:
        account.require_balance(station, dossier.id)  # type: ignore[arg-type]
    assert (count.value.facts["expected"], count.value.facts["found"]) == (3, 2)


def test_profiles_of_clerk_and_administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import scanner
    from app.workflow import profiles

    monkeypatch.setenv("SOHOA_ADMIN_PROFILES", str(tmp_path / "admin.toml"))
    settings = Settings(data_folder=str(tmp_path / "data"))
    assert profiles.profile_for(settings).name == profiles.USUAL
    fine = replace(scanner.shipped_profiles()[0], name="net", title="Nét", dpi=400)
    profiles.save_profiles(settings, (fine,))
    assert profiles.profile_for(replace(settings, profile="net")) == fine
    assert profiles.export_to(settings, tmp_path / "all.toml") == len(profiles.profiles(settings))
    assert "net" in profiles.import_file(settings, tmp_path / "all.toml")
    (tmp_path / "admin.toml").write_text(scanner.export_profiles([replace(fine, dpi=300)]), encoding="utf-8")
    locked = profiles.profile_for(replace(settings, profile="net"))
    assert (locked.dpi, locked.locked) == (300, True)
    with pytest.raises(scanner.ScanError) as refused:
        profiles.save_profiles(settings, (fine,))
    assert refused.value.fault is scanner.ScanFault.PROFILE_LOCKED


def test_a_procedure_can_imply_a_profile(tmp_path: Path) -> None:
    from app.domain.procedure import Procedure
    from app.workflow import profiles

    settings = Settings(data_folder=str(tmp_path))
    map_work = Procedure("1.009999", "Đo đạc", "Đất đai", (), profile="anh-ban-do")
    assert profiles.profile_for(settings, map_work).dpi >= 300
    assert profiles.profile_for(settings, map_work).name == "anh-ban-do"


def test_the_list_of_scanners(store: Store) -> None:
    from app.domain.device import KnownDevice

    device = KnownDevice("sane|x", "Maker", "Model", "S1", "usb", "khay nạp")
    store.devices.meet(device)
    store.devices.count_page("sane|x")
    store.devices.note_test("sane|x", "2026-05-20T12:00:00+07:00", "good")
    store.devices.meet(replace(device, capabilities="", model="Model 2"))
    (known,) = store.devices.known()
    assert (known.model, known.capabilities, known.pages_scanned, known.test_result) == (
        "Model 2",
        "khay nạp",
        1,
        "good",
    )
