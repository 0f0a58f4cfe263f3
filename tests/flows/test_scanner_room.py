"""The scanners' sheet over a real station: found, tested with a printed page, exported; profiles kept."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

import scanner
from app.jobs import Jobs
from app.settings import Settings
from app.workflow.counter import Counter
from app.workflow.scanner_room import ScannerRoom
from app.workflow.training import TrainingRoom, training_room


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingRoom]:
    with training_room(tmp_path_factory.mktemp("room"), Settings()) as opened:
        yield opened


@pytest.fixture
def room(training: TrainingRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScannerRoom]:
    monkeypatch.setenv("SOHOA_ADMIN_PROFILES", str(tmp_path / "admin.toml"))
    settings = replace(training.station.settings, data_folder=str(tmp_path / "data"))
    jobs = Jobs(1)
    yield Counter(replace(training.station, settings=settings), jobs).scanner_room
    jobs.close()


def test_a_scanner_is_found_tested_and_put_on_the_list(
    room: ScannerRoom, training: TrainingRoom, tmp_path: Path
) -> None:
    found = room.look().result(60)
    (device,) = found.devices
    assert "màu" in device.capabilities
    room.write_test_page(tmp_path / "page.pdf")
    page = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    page[0].render(scale=300 / 72).to_pil().convert("RGB").save(tmp_path / "page.jpg", dpi=(300, 300))
    page.close()
    training.paper.load([tmp_path / "page.jpg"])
    figures = room.test(device.id).result(60)
    assert figures.good
    assert dict(figures.figures)["Bậc xám phân biệt được"].endswith("/10")
    (tested,) = room.view().devices
    assert tested.test_result == "good"
    assert tested.last_test_at is not None
    room.export_inventory(tmp_path / "list.csv")
    assert device.model in (tmp_path / "list.csv").read_text(encoding="utf-8-sig")


def test_profiles_are_changed_copied_and_locked(room: ScannerRoom, tmp_path: Path) -> None:
    usual = next(one for one in room.view().profiles if one.usual)
    room.save_profile(replace(usual, dpi=400, source="duplex", title="Giấy tờ của phòng"))
    changed = next(one for one in room.view().profiles if one.name == usual.name)
    assert (changed.dpi, changed.source, changed.title) == (400, "duplex", "Giấy tờ của phòng")
    room.export_profiles(tmp_path / "all.toml")
    copy = room.copy_profile(usual.name)
    assert copy == f"{usual.name}-2"
    (tmp_path / "admin.toml").write_text(
        (tmp_path / "all.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    locked = next(one for one in room.view().profiles if one.name == usual.name)
    assert locked.locked
    with pytest.raises(scanner.ScanError) as refused:
        room.save_profile(replace(locked, dpi=300))
    assert refused.value.fault is scanner.ScanFault.PROFILE_LOCKED
    with pytest.raises(scanner.ScanError):
        room.save_profile(replace(locked, name=copy, title=" "))
    (tmp_path / "own.toml").write_text('[[profile]]\nname = "rieng"\ntitle = "Riêng"\n', encoding="utf-8")
    assert room.import_profiles(tmp_path / "own.toml") == ("rieng",)
    assert "rieng" in {one.name for one in room.view().profiles}
