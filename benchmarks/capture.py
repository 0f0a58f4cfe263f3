"""How fast pages reach the disk, and how much memory that takes, beside `scanimage` on the same device.

    .venv/bin/python benchmarks/capture.py [--sheets N] [--rounds N]

A4 in colour at 300 dpi from the virtual scanner through sane-airscan, into a spool that syncs every page;
then `scanimage --batch --format=jpeg` from the same scanner, in turn. `scanimage` neither syncs nor makes
thumbnails, and its JPEG is of quality 75 with halved chroma; the spool's is of quality 90 and 4:4:4.
Prints machine, versions, images a minute of both, their ratio, and resident memory (MB) of the program and of
the driver's process: at the 5th sheet, at the most, at the end.
"""

import argparse
import itertools
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from scanner import SaneBackend, ScanRequest, Spool, write_sane_config
from scanner.pipeline import scan_ahead

ROOT = Path(__file__).resolve().parent.parent
NAME = "Bench"
DEVICE = f"airscan:e0:{NAME}"
PACKAGES = ("numpy", "opencv-python-headless", "pillow", "python-sane")
GOAL_RATIO, GOAL_MB = 0.9, 300
WARM_AT = 5


def draw_stack(folder: Path, sheets: int) -> None:
    """A stack of one page that is as hard to code as a real one: grainy paper, much writing, a seal."""
    chance = np.random.default_rng(7)
    page = np.clip(chance.normal(244, 2, (3508, 2480, 3)), 0, 255).astype(np.uint8)
    for top in range(300, 3200, 60):
        for left in range(250, 2200, 26):
            width, height = chance.integers(4, 20, 2)
            page[top : top + height + 12, left : left + width] = 40
    page[2700:3100, 1500:1900] = (200, 40, 50)
    first = folder / "page 1.jpg"
    Image.fromarray(page).save(first, quality=75, dpi=(300, 300))
    for number in range(2, sheets + 1):
        os.link(first, folder / f"page {number}.jpg")


@contextmanager
def scanner_with(stack: Path) -> Iterator[str]:
    """The virtual scanner in a process of its own, its feeder full; yields its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "scanner.backends.virtual", str(stack)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def ours(config: Path, folder: Path) -> tuple[int, float, list[float], list[float]]:
    """Images, seconds, and the memory of program and driver's process sheet by sheet."""
    program, driver = [], []
    with SaneBackend(config) as backend:
        backend.devices()
        processes = psutil.Process(), worker_of(psutil.Process())
        spool = Spool(folder)
        began = time.monotonic()
        for page in scan_ahead(backend, DEVICE, ScanRequest()):
            spool.keep(page, DEVICE)
            for sizes, process in zip((program, driver), processes, strict=True):
                sizes.append(process.memory_info().rss / 1e6)
        seconds = time.monotonic() - began
    return len(spool.pages()), seconds, program, driver


def worker_of(program: psutil.Process) -> psutil.Process:
    """The process of the driver."""
    return next(child for child in program.children() if "scanner.backends.sane.worker" in child.cmdline())


def scanimage(config: Path, folder: Path) -> tuple[int, float]:
    """Images and seconds of SANE's own program; it ends when the feeder is empty."""
    folder.mkdir()
    began = time.monotonic()
    subprocess.run(
        [
            *("scanimage", "-d", DEVICE, "--source", "ADF", "--mode", "Color", "--resolution", "300"),
            *("-x", "210", "-y", "297", "--format=jpeg", f"--batch={folder}/%d.jpg"),
        ],
        env={**os.environ, "SANE_CONFIG_DIR": str(config)},
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return len(list(folder.iterdir())), time.monotonic() - began


def measure(stack: Path, folder: Path, sheets: int, number: int) -> float:
    """One round of both; prints it and returns the ratio."""
    with scanner_with(stack) as url:
        config = write_sane_config(folder / f"config {number}", {NAME: url})
        count, seconds, program, driver = ours(config, folder / f"ours {number}")
    with scanner_with(stack) as url:
        config = write_sane_config(folder / f"config {number}", {NAME: url})
        other_count, other_seconds = scanimage(config, folder / f"theirs {number}")
    assert count == other_count == sheets, (count, other_count)
    mine, theirs = count / seconds * 60, other_count / other_seconds * 60
    print(f"round {number}: spool {mine:.0f} images/min, scanimage {theirs:.0f}, ratio {mine / theirs:.2f}")
    for name, sizes in (("program", program), ("driver", driver)):
        start = sizes[min(WARM_AT, len(sizes)) - 1]
        print(f"    {name}: start {start:.0f} MB, most {max(sizes):.0f}, end {sizes[-1]:.0f}")
    return mine / theirs


def main() -> None:
    """Measures round by round and prints the best and the middle ratio."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--sheets", type=int, default=60)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    # The first page of a day may wait for the encoder to be loaded; the measure is of those after it.
    import cv2

    load = os.getloadavg()[0]
    told = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(
        platform.platform(),
        platform.python_version(),
        f"{psutil.cpu_count()} cores, load {load:.1f}",
    )
    print(told, f"(OpenCV {cv2.__version__})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stack = folder / "stack"
        stack.mkdir()
        draw_stack(stack, given.sheets)
        print(f"{given.sheets} sheets of {next(stack.iterdir()).stat().st_size / 1e6:.1f} MB")
        ratios = [
            measure(stack, folder, given.sheets, number)
            for number in itertools.islice(itertools.count(1), given.rounds)
        ]
    middle = sorted(ratios)[len(ratios) // 2]
    print(f"ratio: middle {middle:.2f}, best {max(ratios):.2f} (goal {GOAL_RATIO}; memory goal {GOAL_MB} MB)")


if __name__ == "__main__":
    main()
