"""Paper in, receipt out: the main job on real parts, judged by outside programs."""

import json
import shutil
import sqlite3
import subprocess
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pikepdf.pdfa
import pytest

import sync
from app.store import Store, verify_chain
from resources import specimens
from signing.pdfa import require_pdfa

Demo = Callable[..., Any]
Result = Mapping[str, Any]


@pytest.fixture(scope="module")
def runs(sohoa_of_module: Demo, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, Result]:
    """The demo twice in one folder; its folder and what both runs printed."""
    folder = tmp_path_factory.mktemp("demo")
    ended = [sohoa_of_module("demo", "--out", folder, "--json") for _ in range(2)]
    for run in ended:
        assert run.code == 0, run.err
    return folder, ended[0].json, ended[1].json


@pytest.fixture
def components(runs: tuple[Path, Result, Result]) -> list[Result]:
    return [component for run in runs[1:] for component in run["components"]]


def outside_judge(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def test_a_second_run_adds_a_second_dossier(runs: tuple[Path, Result, Result]) -> None:
    _, first, second = runs
    assert first["submission_id"] != second["submission_id"]
    assert [c["pages"] for c in first["components"]] == [2, 1, 2]
    assert [c["name"] for c in first["components"]] == [paper.name for paper in specimens.demo_papers()]
    codes = [c["code"] for run in (first, second) for c in run["components"]]
    assert codes == [
        "H18.19_TK_000001_V1",
        "H18.19_GCS_000001_V1",
        "H18.19_UQ_000001_V1",
        "H18.19_TK_000002_V1",
        "H18.19_GCS_000002_V1",
        "H18.19_UQ_000002_V1",
    ]
    assert all(c["ocr_confidence"] > 90 for run in (first, second) for c in run["components"])


def test_every_file_is_pdf_a_after_signing(components: list[Result]) -> None:
    """pikepdf leaves a signature's form unjudged and judges everything else."""
    for component in components:
        report = pikepdf.pdfa.validate_written(component["pdf"], "2b")
        open_points = [f for f in report.findings if not f.where.endswith("/AcroForm")]
        assert report.verdict != "fail"
        assert not open_points
        require_pdfa(Path(component["pdf"]), "after")


def test_every_file_was_pdf_a_before_signing(runs: tuple[Path, Result, Result]) -> None:
    with Store(runs[0]) as store:
        components = [c for d in _dossiers(store) for c in store.dossiers.components(d)]
        assert len(components) == 6
        for component in components:
            for made in (component.built, component.coded):
                assert made is not None
                assert pikepdf.pdfa.validate_written(store.blobs.path(made), "2b").passed


def test_an_outside_judge_calls_every_signature_valid(components: list[Result]) -> None:
    pdfsig = outside_judge("pdfsig")
    for component in components:
        told = subprocess.run(
            [pdfsig, "-nocert", component["pdf"]], capture_output=True, text=True, check=False
        ).stdout
        assert "Signature is Valid" in told
        assert told.count("Signature #") == 1
        assert "Total document signed" in told


def test_the_text_comes_back(runs: tuple[Path, Result, Result]) -> None:
    pdftotext = outside_judge("pdftotext")
    for component, paper in zip(runs[1]["components"], specimens.demo_papers(), strict=True):
        for number, truth_file in enumerate(paper.truths, start=1):
            page = ["-f", str(number), "-l", str(number)]
            found = subprocess.run(
                [pdftotext, *page, component["pdf"], "-"], capture_output=True, text=True, check=True
            ).stdout
            lines = [line for line in found.splitlines() if not _printed_by_us(line, component["code"])]
            truth = _flat(truth_file.read_text(encoding="utf-8"))
            if truth:
                assert character_error_rate(truth, _flat("\n".join(lines))) <= 0.01, truth_file.name
            else:
                assert not _flat("\n".join(lines))


def test_server_and_station_hold_the_same_bytes(runs: tuple[Path, Result, Result]) -> None:
    folder, *results = runs
    for result in results:
        assert result["server_sha256"] == result["package_sha256"]
        receipt = sync.Receipt.from_json(Path(result["receipt"]).read_text(encoding="utf-8"))
        with Store(folder) as store:
            key = store.receipt_key(receipt.server)
        assert key is not None
        sync.verify_receipt(receipt, key.encode())
        assert receipt.submission_id == result["submission_id"]


def test_the_audit_chain_is_whole(runs: tuple[Path, Result, Result]) -> None:
    with Store(runs[0]) as store:
        rows = store.audit.rows()
        verify_chain(rows, store.audit.head())
    actions = [row.action for row in rows]
    assert actions.count("page") == 16
    assert actions.count("signed") == 6
    assert actions.count("delivered") == 2


def test_the_blank_back_is_marked_and_kept(runs: tuple[Path, Result, Result]) -> None:
    database = sqlite3.connect(runs[0] / "sohoa.db")
    rows = database.execute("SELECT number, role, flags FROM page ORDER BY dossier_id, number").fetchall()
    database.close()
    blank = [number for number, role, flags in rows if role == "paper" and "blank" in flags]
    assert blank == [3, 3]
    assert [number for number, role, _ in rows if role == "separator"] == [1, 4, 6, 1, 4, 6]


def test_the_scanner_is_in_the_list_with_its_pages(runs: tuple[Path, Result, Result]) -> None:
    with Store(runs[0]) as store:
        (device,) = store.devices.known()
    assert (device.model, device.pages_scanned) == ("Sohoa Virtual", 16)
    assert "khay nạp" in device.capabilities


def test_names_and_logs_carry_no_personal_data(runs: tuple[Path, Result, Result]) -> None:
    for path in runs[0].rglob("*"):
        assert "011301001234" not in path.name
        assert path.name.isascii()
        if path.suffix in (".log", ".jsonl"):
            assert "011301001234" not in path.read_text(encoding="utf-8", errors="replace")


def test_the_files_of_a_dossier_are_described(runs: tuple[Path, Result, Result]) -> None:
    place = Path(runs[1]["folder"])
    described = json.loads((place / "metadata.json").read_text(encoding="utf-8"))
    assert described["dossier"]["training"] is True
    for component, row in zip(runs[1]["components"], described["components"], strict=True):
        assert row["sha256"] == component["sha256"]
        assert len(row["originals"]) == component["pages"]
        with pikepdf.open(component["pdf"]) as pdf, pdf.open_metadata() as metadata:
            assert component["code"] in str(metadata)


def character_error_rate(truth: str, found: str) -> float:
    """Edits that make `found` of `truth`, per character of `truth`."""
    previous = list(range(len(found) + 1))
    for row, expected in enumerate(truth, start=1):
        current = [row]
        for column, seen in enumerate(found, start=1):
            change = previous[column - 1] + (expected != seen)
            current.append(min(previous[column] + 1, current[column - 1] + 1, change))
        previous = current
    return previous[-1] / max(1, len(truth))


def _dossiers(store: Store) -> list[str]:
    return [entry.dossier_id for entry in store.outbox.entries()]


def _printed_by_us(line: str, code: str) -> bool:
    return line.startswith(("Người sao chụp:", "Thời gian: ")) or code in line


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
