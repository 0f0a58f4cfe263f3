"""Long runs of whole readings: memory of ten and of two thousand pages, hostile files of every kind."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr import OcrError, OcrFault, check_pdfa, read_documents
from ocr.image import encode_jpeg
from resources import path as resource

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

PAGES = int(os.environ.get("SOHOA_SOAK_PAGES", "2000"))
SPOILT = int(os.environ.get("SOHOA_SOAK_FILES", "2000"))
MOST_MB = 1024

READ = """
import resource, sys
from pathlib import Path
from ocr import OcrError, read_documents
try:
    made = read_documents([Path(p) for p in sys.argv[2:]], Path(sys.argv[1]), jobs=2, force=True)
    told = f"ok {made.pages}"
except OcrError as error:
    told = error.code
whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
own, child = (resource.getrusage(who).ru_maxrss // 1024 for who in whose)
print(told, own, child)
"""


def read(out: Path, *sources: Path, timeout: float = 3600) -> tuple[str, int, int]:
    """(what came of it, peak MB of the reader, peak MB of its decoder); a crash or a hang fails here."""
    command = [sys.executable, "-c", READ, str(out), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
    *told, own, child = done.stdout.split()
    return " ".join(told), int(own), int(child)


def test_memory_is_flat_from_ten_pages_to_thousands(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    for number in range(PAGES):
        page = np.full((1169, 827), 250, np.uint8)
        cv2.putText(page, f"Trang so {number}", (120, 400), 0, 1.4, 20, 3)
        (inbox / f"{number:05d}.jpg").write_bytes(encode_jpeg(page, 100))
    _, small, _ = read(tmp_path / "a.pdf", *sorted(inbox.iterdir())[:10])
    told, large, _ = read(tmp_path / "b.pdf", inbox)
    assert told == f"ok {PAGES}"
    check_pdfa(tmp_path / "b.pdf")
    assert large - small < 80


def test_every_malformed_file_is_read_or_refused_with_a_code(real_data: Path, tmp_path: Path) -> None:
    for file in sorted((real_data / "robust").iterdir()):
        told, own, child = read(tmp_path / "o.pdf", file, timeout=300)
        assert told.startswith("ok ") or told in list(OcrFault), file.name
        assert max(own, child) < MOST_MB, file.name


def test_spoilt_scans_of_every_kind_are_read_or_refused(tmp_path: Path) -> None:
    seeds = _seeds(tmp_path / "seeds")
    chance = random.Random(20261125)
    inbox = tmp_path / "in"
    for start in range(0, SPOILT, 50):
        shutil.rmtree(inbox, ignore_errors=True)
        inbox.mkdir()
        for number in range(start, min(start + 50, SPOILT)):
            seed = chance.choice(seeds)
            (inbox / f"{number:05d}{seed.suffix}").write_bytes(_spoilt(seed.read_bytes(), chance))
        told, own, child = read(tmp_path / "o.pdf", inbox)
        assert told.startswith("ok ") or told in list(OcrFault)
        assert max(own, child) < MOST_MB


def _seeds(folder: Path) -> list[Path]:
    """A small page as every kind of file."""
    from PIL import Image

    folder.mkdir()
    page = Image.new("RGB", (500, 700), "white")
    page.paste((190, 30, 40), (100, 100, 240, 220))
    for suffix, wish in (
        (".jpg", {}),
        (".png", {}),
        (".webp", {}),
        (".bmp", {}),
        (".tif", {"compression": "jpeg"}),
    ):
        page.save(folder / f"a{suffix}", **wish)
    page.convert("1").save(
        folder / "b.tif", compression="group4", save_all=True, append_images=[page.convert("1")]
    )
    page.save(folder / "c.tif", compression="tiff_lzw")
    read_documents([folder / "a.jpg"], folder / "a.pdf")
    read_documents([folder / "a.jpg", folder / "b.tif"], folder / "b.pdf", profile="compact")
    demo = next((resource("specimens") / "demo").glob("*.jpg"), None)
    if demo is not None:
        shutil.copy(demo, folder / "d.jpg")
    return sorted(folder.iterdir())


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 40))):
        kind, at = chance.random(), chance.randrange(len(changed))
        if kind < 0.6:
            changed[at] = chance.randrange(256)
        elif kind < 0.8:
            del changed[at : at + chance.randrange(1, 200)]
        else:
            changed[at:at] = chance.randbytes(chance.randrange(1, 40))
        if not changed:
            return b""
    return bytes(changed)


def test_one_call_takes_all_of_them(real_data: Path, tmp_path: Path) -> None:
    try:
        made = read_documents([real_data / "robust"], tmp_path / "all.pdf", jobs=2, force=True)
    except OcrError as error:
        pytest.fail(error.code)
    assert made.unreadable > 10
    assert made.pages > made.unreadable
    check_pdfa(made.path)
