"""`sohoa scan`: profiles and their notes, waiting, both sides by hand, files, certificates."""

import json
import random
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw

import scanner
from app.cli.root import program
from scanner import PinStore, Spool, VirtualScanner


@pytest.fixture(autouse=True)
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "admin.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A folder of four slips, each with writing of its own."""
    folder = tmp_path / "paper"
    folder.mkdir()
    for number in range(1, 5):
        image = Image.new("RGB", (787, 472), "white")
        pen, chance = ImageDraw.Draw(image), random.Random(number)
        for _ in range(60):
            left, top = chance.randrange(40, 600), chance.randrange(20, 430)
            pen.rectangle((left, top, left + chance.randrange(10, 60), top + 8), fill="black")
        image.save(folder / f"{number}.jpg", quality=92, dpi=(200, 200))
    return folder


def sohoa(*words: str | Path) -> Result:
    return CliRunner().invoke(program, [str(word) for word in ("scan", *words)])


def test_a_profile_says_what_the_scanner_does_otherwise(paper: Path, tmp_path: Path) -> None:
    done = sohoa("pages", "--virtual", paper, "--profile", "giay-to-a4", "--pages", "1", "-o", tmp_path / "o")
    assert done.exit_code == 0, done.output
    assert "hai tờ" in done.output
    (page,) = Spool(tmp_path / "o").pages()
    assert (page.profile, page.dpi) == ("giay-to-a4", 300)


def test_a_profile_that_is_not_there_is_a_fault_of_the_world(paper: Path, tmp_path: Path) -> None:
    done = sohoa("pages", "--virtual", paper, "--profile", "nothing", "-o", tmp_path / "o")
    assert (done.exit_code, "[scan.profile-bad]" in done.output) == (1, True)


def test_a_scanner_without_sensors_is_not_waited_for(paper: Path, tmp_path: Path) -> None:
    done = sohoa("pages", "--virtual", paper, "--wait", "-o", tmp_path / "o")
    assert (done.exit_code, "[scan.no-sensor]" in done.output) == (1, True)


@pytest.fixture
def turned(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is put into the feeder while the command waits for the stack to be turned."""
    opened: list[VirtualScanner] = []
    backs: list[Path] = []

    class Seen(VirtualScanner):
        def start(self) -> None:
            opened.append(self)
            super().start()

    monkeypatch.setattr(scanner, "VirtualScanner", Seen, raising=False)
    monkeypatch.setattr(click, "pause", lambda *_, **__: opened[-1].load(backs))
    return backs


def both_sides(paper: Path, out: Path) -> Result:
    for extra in sorted(paper.iterdir())[2:]:
        extra.rename(out.parent / extra.name)
    return sohoa("pages", "--virtual", paper, "--dpi", "200", "--by-hand", "-o", out)


def test_both_sides_by_hand(paper: Path, tmp_path: Path, turned: list[Path]) -> None:
    """The stack turned over as it lies gives the last back first."""
    turned += [tmp_path / "4.jpg", tmp_path / "3.jpg"]
    done = both_sides(paper, tmp_path / "o")
    assert done.exit_code == 0, done.output
    pages = Spool(tmp_path / "o").pages()
    assert [(page.sheet, page.side) for page in pages] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    scanned = [page.sha256 for page in Spool(tmp_path / "o" / "backs-1").pages()]
    assert [pages[1].sha256, pages[3].sha256] == scanned[::-1]


def test_backs_that_do_not_match_stay_apart(paper: Path, tmp_path: Path, turned: list[Path]) -> None:
    turned += [tmp_path / "4.jpg"]
    done = both_sides(paper, tmp_path / "o")
    assert done.exit_code == 1
    assert "1 mặt sau" in done.output
    assert [page.side for page in Spool(tmp_path / "o").pages()] == [1, 1]
    assert len(Spool(tmp_path / "o" / "backs-1").pages()) == 1


def test_files_become_pages_as_they_are(paper: Path, tmp_path: Path) -> None:
    done = sohoa("import", paper / "2.jpg", paper / "1.jpg", "-o", tmp_path / "o", "--duplex", "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [(row["sheet"], row["side"]) for row in rows] == [(1, 1), (1, 2)]
    assert Path(rows[0]["path"]).read_bytes() == (paper / "2.jpg").read_bytes()


def test_options_are_told_in_plain_words(paper: Path) -> None:
    told = sohoa("capabilities", "--virtual", paper)
    assert told.exit_code == 0
    assert "Độ sáng" in told.output


def test_a_certificate_can_be_forgotten(tmp_path: Path) -> None:
    pins = PinStore(tmp_path / "sohoa" / "certificates.json")
    pins.check("printer", "0" * 64)
    assert sohoa("certificates").stdout.split() == ["printer"]
    assert sohoa("certificates", "--forget", "printer").exit_code == 0
    assert sohoa("certificates").stdout == ""
    assert sohoa("certificates", "--forget", "printer").exit_code == 2
