"""Bad input: a three-part message, exit code 1, nothing lost, and the next run goes on."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

from app.messages import messages
from resources import specimens

Program = Any

STACK = 8  # images in the demo's stack, separator sheets included


def told(ended: Any, code: str) -> None:
    """The run ended with exit code 1 and the three parts of this code's message, and no traceback."""
    assert ended.code == 1, (ended.out, ended.err)
    assert f"[{code}]" in ended.err, ended.err
    assert "Traceback" not in ended.err
    parts = messages("vi")[code]
    flat = " ".join(ended.err.split())
    for part in ("happened", "safe", "next"):
        first_words = " ".join(parts[part].split("{")[0].split())
        assert first_words[:60] in flat, part


def kept(folder: Path) -> int:
    """How many pages the store in `folder` holds of its unfinished dossier."""
    from app.store import Store

    with Store(folder) as store:
        (dossier,) = store.dossiers.unfinished()
        pages = store.dossiers.pages(dossier.id)
        for page in pages:
            store.blobs.read(page.original)
        return len(pages)


def goes_on(sohoa: Program, folder: Path) -> None:
    """The next run finishes the dossier that was left, and no other."""
    done = sohoa("demo", "--out", folder, "--json")
    assert done.code == 0, done.err
    assert [c["pages"] for c in done.json["components"]] == [2, 1, 2]
    listed = sohoa("--data", folder.parent, "outbox", "list", "--json") if folder.name == "training" else None
    if listed is not None:
        assert [row["state"] for row in listed.json] == ["delivered"]


@pytest.fixture
def demo_folder(tmp_path: Path) -> Path:
    return tmp_path / "training"


def test_a_truncated_image(sohoa: Program, tmp_path: Path) -> None:
    whole = specimens.demo_stack()[1].read_bytes()
    (tmp_path / "torn.jpg").write_bytes(whole[: len(whole) // 3])
    told(sohoa("read", "torn.jpg", "-o", "out.pdf"), "ocr.truncated")
    assert not (tmp_path / "out.pdf").exists()


def test_a_bomb(sohoa: Program, tmp_path: Path) -> None:
    Image.new("1", (40_000, 40_000)).save(tmp_path / "bomb.png")
    told(sohoa("read", "bomb.png", "-o", "out.pdf"), "ocr.bomb")


def test_a_pdf_with_a_password(sohoa: Program, tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="owner"))
    told(sohoa("read", "locked.pdf", "-o", "out.pdf"), "ocr.password")
    told(sohoa("sign", "locked.pdf", "-o", "out.pdf", SOHOA_PIN="123456"), "sign.pdf-encrypted")


def test_an_empty_folder(sohoa: Program, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told(sohoa("read", "empty", "-o", "out.pdf"), "ocr.empty-folder")
    told(sohoa("scan", "pages", "--virtual", "empty", "-o", "pages"), "scan.no-documents")


def test_one_bad_page_does_not_end_the_job(sohoa: Program, tmp_path: Path) -> None:
    good = specimens.demo_stack()[1]
    (tmp_path / "torn.jpg").write_bytes(good.read_bytes()[:50_000])
    done = sohoa("read", good, "torn.jpg", "-o", "out.pdf", "--json", "out.json")
    assert done.code == 0, done.err
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert len(pdf.pages) == 2


def test_no_scanner(sohoa: Program, tmp_path: Path) -> None:
    (tmp_path / "sane").mkdir()
    (tmp_path / "sane" / "dll.conf").write_text("# no driver at all\n")
    told(sohoa("scan", "pages", "-o", "pages", SANE_CONFIG_DIR=str(tmp_path / "sane")), "scan.no-device")


def test_the_feeder_jams_at_page_three(sohoa: Program, demo_folder: Path) -> None:
    told(sohoa("demo", "--out", demo_folder, "--fault", "jam:3"), "scan.jammed")
    assert kept(demo_folder) == 2
    goes_on(sohoa, demo_folder)


def test_a_wrong_pin(sohoa: Program, demo_folder: Path) -> None:
    told(sohoa("demo", "--out", demo_folder, SOHOA_PIN="000000"), "sign.pin-wrong")
    assert kept(demo_folder) == STACK
    goes_on(sohoa, demo_folder)


def test_the_server_is_away(sohoa: Program, demo_folder: Path) -> None:
    told(sohoa("demo", "--out", demo_folder, "--fault", "offline"), "sync.offline")
    listed = sohoa("--data", demo_folder.parent, "outbox", "list", "--json").json
    assert [(row["state"], row["last_error"]) for row in listed] == [("queued", "sync.offline")]
    sent = sohoa("--data", demo_folder.parent, "outbox", "send", "--all", "--json")
    assert sent.code == 0, sent.err
    assert [row["state"] for row in sent.json] == ["delivered"]
    assert sent.json[0]["receipt"]["package_sha256"] == sent.json[0]["package_sha256"]


def test_another_program_works_in_the_folder(sohoa: Program, demo_folder: Path) -> None:
    from app.store import Store

    with Store(demo_folder) as store, store.work_lock():
        told(sohoa("demo", "--out", demo_folder), "station.in-use")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB; the test is skipped where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this account may not mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(sohoa: Program, small_disk: Path) -> None:
    folder = small_disk / "training"
    ended = sohoa("demo", "--out", folder)
    assert ended.code == 1
    assert "disk-full]" in ended.err, ended.err
    assert "Traceback" not in ended.err
    before = kept(folder)
    assert before >= 1
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    goes_on(sohoa, folder)


def test_wrong_usage_is_told_apart(sohoa: Program) -> None:
    assert sohoa("read").code == 2
    assert sohoa("demo", "--fault", "nonsense").code == 2
    assert sohoa("scan", "pages", "-o", "x", "--dpi", "100").code == 2
    assert sohoa("verify", "x.pdf", "--at", "yesterday").code == 2


def test_files_that_are_not_there(sohoa: Program) -> None:
    told(sohoa("read", "nowhere.jpg", "-o", "out.pdf"), "ocr.not-found")
    told(sohoa("sign", "nowhere.pdf", "-o", "out.pdf", SOHOA_PIN="1"), "sign.pdf-missing")
    verdict = sohoa("verify", "nowhere.pdf", "--json")
    assert verdict.code == 1
    assert verdict.json[0]["error"] == "sign.pdf-missing"


def test_settings_that_say_nonsense(sohoa: Program, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[scanner]\ndpi = 'much'\n")
    told(sohoa("outbox", "list"), "station.settings-bad")


def test_an_intake_port_that_is_taken(sohoa: Program, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told(
            sohoa("intake", "serve", "--data", tmp_path / "intake", "--port", port),
            "sync.intake-address-taken",
        )


def test_a_noisy_picture_is_no_paper_but_no_crash(sohoa: Program, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (600, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    done = sohoa("read", "noise.png", "-o", "out.pdf", "--text", "out.txt")
    assert done.code == 0, done.err
    assert (tmp_path / "out.pdf").stat().st_size > 0
