"""Wall and CPU time of `sohoa read` as a whole process beside OCRmyPDF, and memory of few and many pages.

Clean 200 dpi pages and stamped, skewed 300 dpi pages, a dossier of 24 of each, two cores, start-up and
writing included; both programs in turn, twice, and the better run of each. Where others run, CPU time is
the figure to trust.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.image import encode_jpeg
from reading_sections import peer
from reading_sections.figures import Figure, at_least, at_most
from resources.specimens.render.suite import clean_page, worn_page

PAGES, RUNS, FEW_PAGES, MANY_PAGES = 24, 2, 10, 500
GOALS = {"clean 200 dpi": 4.0, "stamped, skewed 300 dpi": 8.0}
MOST_GROWTH_MB = 60.0


@dataclass(frozen=True)
class Run:
    """What one call of `sohoa read` needed."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(*, few: bool) -> Iterator[Figure]:
    """Both kinds of pages, ours and the peer's in turn; then ten pages against five hundred."""
    pages = 4 if few else PAGES
    with tempfile.TemporaryDirectory() as name:
        for kind, goal in GOALS.items():
            folder = Path(name) / kind.split()[0].strip(",")
            images = _images(folder, kind, pages)
            lacking = peer.missing()
            mine, theirs = [], []
            for _ in range(1 if few else RUNS):
                mine.append(read(images, folder / "ours.pdf"))
                theirs += [] if lacking else [peer.read(images, folder)]
            ours = min(mine, key=lambda run: run.wall_s)
            yield Figure(f"{kind}, ours", ours.wall_s / pages, "s a page", note=_told(ours, pages))
            if lacking:
                print(f"   {kind}, OCRmyPDF: not run, missing {lacking}")
                continue
            run = min(theirs, key=lambda run: run.wall_s)
            note = f"{run.cpu_s / pages:.2f} CPU s a page"
            yield Figure(f"{kind}, OCRmyPDF", run.wall_s / pages, "s a page", note=note)
            note = f"in CPU time {run.cpu_s / ours.cpu_s:.2f} times"
            yield at_least(f"{kind}, times as fast", run.wall_s / ours.wall_s, goal, note=note)
        yield _memory(Path(name), 60 if few else MANY_PAGES)


def read(sources: Sequence[Path], out: Path, *options: str, jobs: int = 2) -> Run:
    """`sohoa read` of `sources` in a process of its own."""
    program = Path(sys.executable).parent / "sohoa"
    command = [program, "read", *sources, "-o", out, "--jobs", str(jobs), "--force", *options]
    settings = {"SOHOA_SETTINGS": str(out.with_suffix(".toml")), "XDG_DATA_HOME": str(out.parent / "data")}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, **settings})
    _, status, used = os.wait4(process.pid, 0)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, [str(part) for part in command])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, used.ru_maxrss / 1024)


def _images(folder: Path, kind: str, pages: int) -> list[Path]:
    folder.mkdir()
    make, dpi = (clean_page, 200) if kind.startswith("clean") else (worn_page, 300)
    files = []
    for seed in range(pages):
        file = folder / f"{seed:03d}.jpg"
        file.write_bytes(make(seed, dpi).jpeg())
        files.append(file)
    return files


def _memory(folder: Path, many: int) -> Figure:
    """How much higher the peak of many pages is: short pages, so that the count is what grows."""
    inbox = folder / "many"
    inbox.mkdir()
    page = np.full((1169, 827), 250, np.uint8)
    for number in range(many):
        own = page.copy()
        cv2.putText(own, f"Trang so {number} cua ho so", (120, 400), 0, 1.4, 20, 3)
        (inbox / f"{number:04d}.jpg").write_bytes(encode_jpeg(own, 100))
    files = sorted(inbox.iterdir())
    small, large = read(files[:FEW_PAGES], folder / "few.pdf"), read([inbox], folder / "many.pdf")
    note = f"{small.peak_mb:.0f} MB at {FEW_PAGES} pages, {large.peak_mb:.0f} MB at {many}"
    return at_most("memory growth", large.peak_mb - small.peak_mb, MOST_GROWTH_MB, "MB", note)


def _told(run: Run, pages: int) -> str:
    return f"{pages} pages, {run.cpu_s / pages:.2f} CPU s a page, peak {run.peak_mb:.0f} MB"
