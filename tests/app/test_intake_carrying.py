"""A drive brought to the province: an operator, or the station itself, hands it in at a running intake."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

import sync
from app.cli.root import program
from app.workflow.serve import add_account
from sync.server import Choices, IntakeThread

STATION = "Xã Thượng Lâm"


class Province:
    """A running intake with two stations and an operator, and their tokens in files."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._folder = folder
        self.tokens = {
            "station": add_account(self.data, STATION, role="station", agency="H18.19"),
            "other": add_account(self.data, "xa-2", role="station", agency="H18.20"),
            "operator": add_account(self.data, "truc-ban", role="operator"),
        }
        self.url = ""

    def hand_in(self, drive: Path, who: str, *more: str) -> Result:
        token = self._folder / f"{who}.token"
        token.write_text(self.tokens[who] + "\n")
        words = ["intake", "import", str(drive), "--url", self.url, "--token-file", str(token), *more]
        return CliRunner().invoke(program, words)

    def status(self, submission_id: str, who: str) -> tuple[int, str]:
        """What a station is told of a submission: the answer's number, and the dossier's code."""
        answer = requests.get(
            f"{self.url}/submissions/{submission_id}",
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
            timeout=20,
        )
        return answer.status_code, str(answer.json().get("dossier_code", ""))


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    made = Province(tmp_path)
    with IntakeThread(made.data, choices=Choices(agency="H18")) as running:
        made.url = running.url
        yield made


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A drive with one package."""
    folder = tmp_path / "usb"
    folder.mkdir()
    sync.prepare_share(folder)
    sync.FolderConnector(folder).deliver(_package(tmp_path), sync.Errand())
    return folder


def _package(folder: Path) -> sync.Package:
    paper = folder / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7\n" + bytes(2000))
    sha256 = hashlib.sha256(paper.read_bytes()).hexdigest()
    submission_id = sync.new_submission_id()
    return sync.seal_package(
        folder / "package.zip",
        submission_id=submission_id,
        files=[sync.PackageFile(paper, "data/H18.19_TK_000001_V1.pdf", sha256)],
        metadata={"dossier": {"code": "TMP-QUAY1-1"}},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_an_operator_hands_a_drive_in_for_a_station(province: Province, drive: Path) -> None:
    done = province.hand_in(drive, "operator", "--station", STATION)
    assert done.exit_code == 0, done.stderr
    ((submission_id, receipt),) = sync.receipts_on(drive).items()
    assert receipt.dossier_code.startswith("H18.19-")  # numbered by the station's agency
    assert province.status(submission_id, "station") == (200, receipt.dossier_code)
    assert province.status(submission_id, "other")[0] == 404
    again = province.hand_in(drive, "operator", "--station", STATION)
    assert again.exit_code == 0  # nothing is left to hand in
    assert sync.receipts_on(drive) == {submission_id: receipt}


def test_the_station_hands_it_in_itself_with_the_same_receipt(province: Province, drive: Path) -> None:
    assert province.hand_in(drive, "operator", "--station", STATION).exit_code == 0
    ((submission_id, first),) = sync.receipts_on(drive).items()
    (drive / "receipts" / f"{submission_id}.json").unlink()
    assert province.hand_in(drive, "station").exit_code == 0
    assert sync.receipts_on(drive) == {submission_id: first}


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ("operator", ("--station", "xa-khac")),  # no such station
        ("operator", ("--station", "truc-ban")),  # an account, but no station
        ("operator", ()),  # an operator has no packages of his own
    ],
)
def test_who_may_not_is_told_so_and_nothing_is_taken(
    province: Province, drive: Path, who: str, more: tuple[str, ...]
) -> None:
    done = province.hand_in(drive, who, *more)
    assert done.exit_code == 1
    assert "[sync.unauthorised]" in done.stderr
    assert sync.receipts_on(drive) == {}
    assert [path for path in (province.data / "packages").rglob("*") if path.is_file()] == []


def test_a_station_that_names_another_one_hands_in_as_itself(province: Province, drive: Path) -> None:
    assert province.hand_in(drive, "other", "--station", STATION).exit_code == 0
    ((submission_id, receipt),) = sync.receipts_on(drive).items()
    assert receipt.dossier_code.startswith("H18.20-")
    assert province.status(submission_id, "station")[0] == 404


def test_a_workstation_delivers_it_over_its_own_line(
    province: Province, drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sohoa outbox carry DRIVE --url`: the courier is another station, under its own token."""
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "admin.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(
        "app.workflow.outbox.Secrets.get", lambda _, name: {"token": province.tokens["other"]}[name]
    )
    (tmp_path / "settings.toml").write_text(f'[station]\ndata_folder = "{tmp_path}/courier"\n')
    done = CliRunner().invoke(program, ["outbox", "carry", str(drive), "--url", province.url])
    assert done.exit_code == 0, done.stderr
    ((submission_id, _),) = sync.receipts_on(drive).items()
    assert province.status(submission_id, "other")[0] == 200
