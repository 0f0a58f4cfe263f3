"""How fast pages reach the disk, and how much memory that takes, beside `scanimage` on the same device.

    .venv/bin/python benchmarks/capture.py [--sheets N] [--rounds N] [--pages-per-minute N] [--long N]

A4 in colour at 300 dpi from the virtual scanner into a spool that syncs every page and makes its thumbnail:
over eSCL, as the program reaches such a device, then through SANE with sane-airscan, as it reaches all
others; then `scanimage --batch --format=jpeg` from the same scanner, in turn. `scanimage` neither syncs nor
makes thumbnails, and its JPEG is coded anew at quality 75 with halved chroma; over eSCL the device's own is
kept, through SANE it is coded at quality 90 and 4:4:4, by the driver's process while the next page is read.
The rates are taken from a device that is as fast as its client lets it be, or as fast as it is told. Memory
is taken over a stack of 500 sheets from one that gives 600 images a minute, half as many again as the fastest
office scanner: sane-airscan fetches ahead all that it can get, SANE has no call against it, and of a device
without a pace it would hold all that the program has not read yet.
Prints machine, versions, images a minute and milliseconds of processor an image of all three, the ratios of
both, and resident memory (MB) of the program and of the driver's process: at the 5th sheet, at the most, at
the end.
"""

import argparse
import itertools
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from scanner import Backend, EsclBackend, SaneBackend, ScanRequest, Spool, scan_into, write_sane_config

ROOT = Path(__file__).resolve().parent.parent
NAME = "Bench"
DEVICE = f"airscan:e0:{NAME}"
PACKAGES = ("numpy", "opencv-python-headless", "pillow", "python-sane")
GOAL_RATIO, GOAL_MB = 0.9, 300
LONG_SHEETS, LONG_PACE = 500, "600"
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
def scanner_with(stack: Path, pace: str | None) -> Iterator[str]:
    """The virtual scanner in a process of its own, its feeder full; yields its address."""
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "scanner.backends.virtual", str(stack), "--port", "0"),
            *(("--pages-per-minute", pace) if pace else ()),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@dataclass(frozen=True)
class Run:
    """What one way of scanning did: images, seconds, seconds of processor, memory in MB by process."""

    images: int
    seconds: float
    cpu_s: float
    memory: dict[str, list[float]] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Images a minute."""
        return self.images / self.seconds * 60

    def told(self, name: str) -> str:
        """The run in words."""
        cpu_ms = self.cpu_s / self.images * 1000
        lines = [f"{name}: {self.rate:.0f} images/min, {cpu_ms:.0f} ms of processor an image"]
        for process, sizes in self.memory.items():
            start = sizes[min(WARM_AT, len(sizes)) - 1]
            lines.append(f"    {process}: start {start:.0f} MB, most {max(sizes):.0f}, end {sizes[-1]:.0f}")
        return "\n".join(lines)


def into_spool(
    backend: Backend, device: str, folder: Path, processes: dict[str, psutil.Process], sheets: int
) -> Run:
    """Scans the whole stack, every page durable before the next is asked for."""
    memory: dict[str, list[float]] = {name: [] for name in processes}
    spool = Spool(folder)
    before = sum(map(cpu_of, processes.values()))
    began = time.monotonic()
    for _ in scan_into(spool, backend, device, ScanRequest()):
        for name, process in processes.items():
            memory[name].append(process.memory_info().rss / 1e6)
    seconds = time.monotonic() - began
    cpu_s = sum(map(cpu_of, processes.values())) - before
    assert len(spool.pages()) == sheets
    assert spool.altered() == ()
    return Run(sheets, seconds, cpu_s, memory)


def cpu_of(process: psutil.Process) -> float:
    """Seconds of processor that it has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def over_escl(url: str, folder: Path, sheets: int) -> Run:
    """The program alone: there is no driver."""
    backend = EsclBackend({NAME: url}, discover=False)
    (device,) = backend.devices()
    return into_spool(backend, device.id, folder, {"program": psutil.Process()}, sheets)


def through_sane(config: Path, folder: Path, sheets: int) -> Run:
    """The program and the process of the driver."""
    with SaneBackend(config) as backend:
        backend.devices()
        processes = {"program": psutil.Process(), "driver": worker_of(psutil.Process())}
        return into_spool(backend, DEVICE, folder, processes, sheets)


def worker_of(program: psutil.Process) -> psutil.Process:
    """The process of the driver."""
    return next(child for child in program.children() if "scanner.backends.sane.worker" in child.cmdline())


def scanimage(config: Path, folder: Path, sheets: int) -> Run:
    """SANE's own program; it ends when the feeder is empty."""
    folder.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
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
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(list(folder.iterdir())) == sheets
    return Run(sheets, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def measure(stack: Path, folder: Path, sheets: int, number: int, pace: str | None) -> tuple[float, float]:
    """One round of all three; prints it and returns the ratios over eSCL and through SANE."""
    with scanner_with(stack, pace) as url:
        direct = over_escl(url, folder / f"escl {number}", sheets)
    with scanner_with(stack, pace) as url:
        config = write_sane_config(folder / f"config {number}", {NAME: url})
        driven = through_sane(config, folder / f"sane {number}", sheets)
    with scanner_with(stack, pace) as url:
        config = write_sane_config(folder / f"config {number}", {NAME: url})
        other = scanimage(config, folder / f"theirs {number}", sheets)
    print(f"round {number}")
    for name, run in (("eSCL", direct), ("SANE", driven), ("scanimage", other)):
        print(run.told(name))
    ratios = direct.rate / other.rate, driven.rate / other.rate
    print(f"ratio to scanimage: eSCL {ratios[0]:.2f}, SANE {ratios[1]:.2f}")
    return ratios


def at_length(stack: Path, folder: Path, sheets: int) -> None:
    """One long stack both ways; prints the memory and whether it is within the goal."""
    print(f"{sheets} sheets at {LONG_PACE} images a minute")
    with scanner_with(stack, LONG_PACE) as url:
        direct = over_escl(url, folder / "escl long", sheets)
    with scanner_with(stack, LONG_PACE) as url:
        config = write_sane_config(folder / "config long", {NAME: url})
        driven = through_sane(config, folder / "sane long", sheets)
    for name, run in (("eSCL", direct), ("SANE", driven)):
        most = max(itertools.chain.from_iterable(run.memory.values()))
        print(run.told(name))
        verdict = "met" if most <= GOAL_MB else "MISSED"
        print(f"{name}: most {most:.0f} MB a process, goal <= {GOAL_MB}, {verdict}")


def main() -> None:
    """Measures round by round and prints the best and the middle ratios, then the memory of a long stack."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--sheets", type=int, default=60)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--pages-per-minute", metavar="N", help="the device's own pace; unlimited without")
    arguments.add_argument(
        "--long", type=int, default=LONG_SHEETS, metavar="N", help="sheets of the long stack"
    )
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
            measure(stack, folder, given.sheets, number, given.pages_per_minute)
            for number in range(1, given.rounds + 1)
        ]
        for way, of_way in zip(("eSCL", "SANE"), zip(*ratios, strict=True), strict=True):
            middle = sorted(of_way)[len(of_way) // 2]
            verdict = "met" if middle >= GOAL_RATIO else "MISSED"
            print(
                f"{way}: ratio middle {middle:.2f}, best {max(of_way):.2f}, goal >= {GOAL_RATIO}, {verdict}"
            )
        if given.long:
            long_stack = folder / "long stack"
            long_stack.mkdir()
            draw_stack(long_stack, given.long)
            at_length(long_stack, folder, given.long)


if __name__ == "__main__":
    main()
