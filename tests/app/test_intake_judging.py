"""What the province's side finds wrong with PDFs and signatures, and that a bad file harms nobody else."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from pikepdf import pdfa

import signing
import signing.training
import sync
import sync.server
from app.cli.root import program
from app.workflow.intake import local_intake
from app.workflow.judging import PdfJudge
from app.workflow.serve import IntakeOptions, add_account, import_drive
from sync.server import Objection


def _pdf(path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdfa.save(pdf, path, "2b")
    return path


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> signing.training.TrainingPki:
    return signing.training.TrainingPki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def signed(pki: signing.training.TrainingPki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF with one whole signature of a training clerk."""
    folder = tmp_path_factory.mktemp("signed")
    pin = signing.training.TRAINING_PIN
    token = signing.training.TrainingToken.prepare(folder / "token", pki, holder="Lò Thị Ví Dụ", pin=pin)
    with token.open(pin) as session:
        out = folder / "signed.pdf"
        signing.sign_pdf(_pdf(folder / "plain.pdf"), out, session, appearance=None, timestamp=None)
    return out


def _package(folder: Path, *files: Path) -> sync.Package:
    submission_id = sync.new_submission_id()
    return sync.seal_package(
        folder / f"{submission_id}.zip",
        submission_id=submission_id,
        files=[
            sync.PackageFile(path, f"data/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest())
            for path in files
        ],
        metadata={},
        events=[],
        sealed_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def _contents(folder: Path, *files: Path) -> sync.PackageContents:
    return sync.open_package(_package(folder, *files).path)


@pytest.fixture(scope="module")
def judges(pki: signing.training.TrainingPki) -> Iterator[dict[str, PdfJudge]]:
    """A judge for each policy; "stranger" asks for trust and knows no training root."""
    made = {
        "trusted": PdfJudge("trusted", [pki.trust]),
        "stranger": PdfJudge("trusted"),
        "whole": PdfJudge("whole"),
        "none": PdfJudge("none"),
    }
    yield made
    for judge in made.values():
        judge.close()


def _codes(found: list[Objection]) -> list[str]:
    return [one.code for one in found]


def test_each_policy_asks_for_what_it_says(judges: dict[str, PdfJudge], signed: Path, tmp_path: Path) -> None:
    contents = _contents(tmp_path, signed)
    assert {name: _codes(judge(contents)) for name, judge in judges.items()} == {
        "trusted": [],
        "stranger": ["signer-untrusted"],
        "whole": [],
        "none": [],
    }
    unsigned = _contents(tmp_path, _pdf(tmp_path / "unsigned.pdf"))
    assert _codes(judges["whole"](unsigned)) == ["unsigned"]
    assert _codes(judges["none"](unsigned)) == []


def test_bad_files_are_named_one_by_one(judges: dict[str, PdfJudge], signed: Path, tmp_path: Path) -> None:
    body = signed.read_bytes()
    changed = bytearray(body)
    place = body.index(b"/MediaBox")
    changed[place : place + 9] = b"/mediaBox"
    (tmp_path / "a-changed.pdf").write_bytes(bytes(changed))
    (tmp_path / "b-half.pdf").write_bytes(body[: len(body) // 2])
    (tmp_path / "c-words.pdf").write_bytes(b"%PDF-1.7\nno more than words")
    with pikepdf.open(_pdf(tmp_path / "p.pdf")) as pdf:
        pdf.save(tmp_path / "d-locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    files = [tmp_path / name for name in ("a-changed.pdf", "b-half.pdf", "c-words.pdf", "d-locked.pdf")]
    found = judges["whole"](_contents(tmp_path, *files, signed))
    assert {one.component: one.code for one in found} == {
        "data/a-changed.pdf": "signature-broken",
        "data/b-half.pdf": "pdf-broken",
        "data/c-words.pdf": "pdf-broken",
        "data/d-locked.pdf": "pdf-encrypted",
    }


def test_a_judging_process_that_dies_or_hangs_is_an_objection_and_the_next_package_is_judged(
    signed: Path, tmp_path: Path
) -> None:
    contents = _contents(tmp_path, signed)
    with PdfJudge("none", patience_s=0.01) as hasty:
        assert _codes(hasty(contents)) == ["pdf-too-heavy"]
        hasty._patience_s = 60
        assert _codes(hasty(contents)) == []


def test_a_drive_is_imported_with_the_server_down_and_its_packages_are_judged(
    pki: signing.training.TrainingPki, signed: Path, tmp_path: Path
) -> None:
    drive, data = tmp_path / "drive", tmp_path / "data"
    drive.mkdir()
    sync.prepare_share(drive)
    good, bad = _package(tmp_path, signed), _package(tmp_path, _pdf(tmp_path / "unsigned.pdf"))
    for package in (good, bad):
        sync.FolderConnector(drive).deliver(package, sync.Errand())
    add_account(data, "Xã Thượng Lâm", role="station", agency="H18.19")
    options = IntakeOptions(data, trust=[pki.trust])
    carried = {
        one.submission_id: one for one in import_drive(options, drive, "Xã Thượng Lâm", stopped=lambda: False)
    }
    receipt = carried[good.submission_id].receipt
    assert receipt is not None
    assert receipt.dossier_code.startswith("H18.19-")
    error = carried[bad.submission_id].error
    assert error is not None
    assert (error.fault, error.facts["detail"]) == (sync.Fault.REJECTED, "unsigned")
    assert sync.receipts_on(drive) == {good.submission_id: receipt}


def test_the_training_rooms_intake_judges_and_numbers_as_a_provinces_does(
    signed: Path, tmp_path: Path
) -> None:
    with local_intake(tmp_path / "intake", "H18.19") as url, sync.IntakeClient(url) as client:
        with pytest.raises(sync.SyncError) as caught:
            client.deliver(_package(tmp_path, _pdf(tmp_path / "unsigned.pdf")))
        assert (caught.value.fault, caught.value.facts["detail"]) == (sync.Fault.REJECTED, "unsigned")
        assert client.deliver(_package(tmp_path, signed)).dossier_code.startswith("H18.19-")
    assert (tmp_path / "intake" / "intake.log").read_text() == ""


def test_a_judge_that_was_started_ahead_is_the_one_that_judges(signed: Path, tmp_path: Path) -> None:
    with PdfJudge("whole") as judge:
        judge.start()
        ahead = judge._free.queue[-1]
        assert _codes(judge(_contents(tmp_path, signed))) == []
        assert judge._free.queue[-1] is ahead is not None


def test_the_operators_commands(tmp_path: Path) -> None:
    data = str(tmp_path / "data")

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(program, ["intake", *words])
        return result.exit_code, result.stdout

    code, token = run("account", "add", "--data", data, "xa-1", "--agency", "H18.19")
    assert (code, len(token.strip())) == (0, 43)
    assert run("account", "add", "--data", data, "a:b")[0] == 2
    assert run("account", "add", "--data", data, "x", "--agency", "../")[0] == 2
    assert run("account", "list", "--data", data)[1].startswith("xa-1\tstation\tH18.19\t")
    assert run("account", "close", "--data", data, "xa-1")[0] == 0
    assert run("account", "close", "--data", data, "nobody")[0] == 2
    assert sync.server.read_accounts(tmp_path / "data")["xa-1"].closed
    assert run("check", "--data", data)[0] == 0
    assert run("import", str(tmp_path))[0] == 2
