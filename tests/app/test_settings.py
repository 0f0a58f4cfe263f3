"""Settings: layers, locks, and files that say nonsense."""

from pathlib import Path

import pytest

from app import settings
from app.domain.errors import StationError, StationFault


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    user, admin = tmp_path / "user" / "settings.toml", tmp_path / "admin.toml"
    monkeypatch.setenv("SOHOA_SETTINGS", str(user))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(admin))
    monkeypatch.delenv("SOHOA_LANGUAGE", raising=False)
    return user, admin


def test_defaults_stand_without_any_file() -> None:
    found = settings.load()
    assert found == settings.Settings()
    assert found.training
    assert found.work_folder() == found.folder() / "training"


def test_a_change_is_written_and_read_back(files: tuple[Path, Path]) -> None:
    settings.change("station.clerk", "Lò Thị Ví Dụ")
    settings.change("reading.threads", 4)
    found = settings.load()
    assert (found.clerk, found.readers) == ("Lò Thị Ví Dụ", 4)
    assert "Lò Thị Ví Dụ" in files[0].read_text(encoding="utf-8")


def test_the_administrator_wins_and_locks(files: tuple[Path, Path]) -> None:
    settings.change("intake.url", "https://mine.invalid")
    files[1].write_text('[intake]\nurl = "https://tinh.invalid"\n')
    found = settings.load()
    assert found.intake_url == "https://tinh.invalid"
    assert found.locked == {"intake.url"}
    assert not found.training
    assert found.work_folder() == found.folder()
    with pytest.raises(StationError) as locked:
        settings.change("intake.url", "https://mine.invalid")
    assert locked.value.fault is StationFault.SETTING_LOCKED


@pytest.mark.parametrize(
    "text",
    [
        "scanner = 1",
        "[reading]\nthreads = '4'",
        "[scanner]\ncolour = 1",
        "[scanner",
        "\x00",
        "[reading]\nthreads = true",
    ],
)
def test_nonsense_is_told_with_its_file(files: tuple[Path, Path], text: str) -> None:
    files[1].write_text(text)
    with pytest.raises(StationError) as bad:
        settings.load()
    assert bad.value.fault is StationFault.SETTINGS_BAD
    assert bad.value.facts["file"] == "admin.toml"


def test_an_unknown_option_is_not_written(files: tuple[Path, Path]) -> None:
    with pytest.raises(StationError):
        settings.change("station.pin", "1234")
    assert not files[0].exists()


def test_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_LANGUAGE", "en")
    assert settings.load().language == "en"


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("[reading]\nthreads = -1", "reading.threads"),
        ('[station]\nagency_code = "Xã A"', "station.agency_code"),
        ('[station]\nid = "../../Quầy 1"', "station.id"),
        ('[interface]\nlanguage = "fr"', "interface.language"),
        ('[station]\ndata_folder = "here"', "station.data_folder"),
        ("[reading]\nthreads = = 2", "dòng 2"),
    ],
)
def test_values_that_nothing_could_be_done_with(files: tuple[Path, Path], text: str, option: str) -> None:
    files[0].parent.mkdir()
    files[0].write_text(text, encoding="utf-8")
    with pytest.raises(StationError) as bad:
        settings.load()
    assert bad.value.facts == {"file": "settings.toml", "option": option}
