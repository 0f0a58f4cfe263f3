"""kill -9 of the driver and of the program at moments that nobody chose: no page is lost (mất điện)."""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner import (
    SaneBackend,
    ScanError,
    ScanFault,
    ScanRequest,
    Spool,
    VirtualScanner,
    scan_into,
    write_sane_config,
)

COUNTER = "airscan:e0:Quầy một"
SHEETS = 60
REQUEST = ScanRequest(dpi=200, width_mm=40, height_mm=30)
SIZE = (315, 236)
KILLS_OF_THE_DRIVER, KILLS_OF_THE_PROGRAM, KILLS_OF_A_SOAK = 20, 10, 200
SQUARES = 6
LONGEST_S = 0.9
IN_FLIGHT = 1
"""Sheets that had passed and are fed again: the one whose image the driver was reading or sending."""
SHEETS_A_MINUTE = 140
"""As fast as the images of the fastest feeders of offices, both sides counted. sane-airscan fetches ahead as
fast as the device is: the sheets in flight are as few as the time that a page takes to pass through it."""


@pytest.fixture(scope="session")
def numbered(tmp_path_factory) -> tuple[Path, ...]:
    """Sixty small sheets; the squares at the top of each are its number in binary, the left one is 1."""
    folder = tmp_path_factory.mktemp("numbered")
    made = []
    for number in range(1, SHEETS + 1):
        sheet = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
        for bit in range(SQUARES):
            if number >> bit & 1:
                sheet[20:60, 20 + 45 * bit : 55 + 45 * bit] = 0
        sheet[-20:] = (200, 20, 30)
        made.append(folder / f"{number}.png")
        Image.fromarray(sheet).save(made[-1], dpi=(200, 200))
    return tuple(made)


def number_of(pixels) -> int:
    """The number of a sheet, read where it is whole: its last rows are red."""
    assert pixels[-12:-4, :, 0].mean() > 170
    assert pixels[-12:-4, :, 1].mean() < 70
    return sum((pixels[40, 37 + 45 * bit, 1] < 128) << bit for bit in range(SQUARES))


def numbers_in(spool: Spool) -> list[int]:
    assert spool.damaged() == ()
    assert spool.altered() == ()
    return [number_of(np.asarray(Image.open(page.path))) for page in spool.pages()]


def scan_once(backend, spool) -> ScanFault | None:
    try:
        for _ in scan_into(spool, backend, COUNTER, REQUEST):
            pass
    except ScanError as error:
        return error.fault
    return None


def kill_worker(backend) -> None:
    worker = backend._worker
    if worker is not None:
        os.kill(worker.pid, signal.SIGKILL)


def reload(device, numbered, folder) -> int:
    """What is kept is whole and in order; the clerk feeds from the sheet after it. Returns how many are."""
    passed = SHEETS - device.remaining
    kept = numbers_in(Spool(folder))
    assert kept == list(range(1, len(kept) + 1))
    assert 0 <= passed - len(kept) <= IN_FLIGHT
    device.load(numbered[len(kept) :])
    return len(kept)


def kill_drivers(device, backend, numbered, folder, kills) -> None:
    """Scans stack after stack; the driver is killed until it has died so often in the middle of one."""
    chance = random.Random(kills)
    hits = kept = 0
    for stack in itertools.count():
        device.load(numbered)
        kept = 0
        while kept < SHEETS:
            if hits == kills:
                return
            killer = threading.Timer(chance.uniform(0, LONGEST_S), kill_worker, args=(backend,))
            killer.start()
            fault = scan_once(backend, Spool(folder / f"batch {stack}"))
            killer.cancel()
            killer.join()
            assert fault in (None, ScanFault.WORKER_DIED)
            hits += fault is ScanFault.WORKER_DIED
            kept = reload(device, numbered, folder / f"batch {stack}")


PROGRAM = """
import sys
from pathlib import Path
from scanner import SaneBackend, ScanRequest, Spool, scan_into
config, folder, device = sys.argv[1:]
with SaneBackend(Path(config)) as backend:
    request = ScanRequest(dpi=200, width_mm=40, height_mm=30)
    for kept in scan_into(Spool(Path(folder)), backend, device, request):
        print(kept.number, backend._worker.pid, flush=True)
"""


def kill_programs(device, config, numbered, folder, kills, ends) -> None:
    """As `kill_drivers`, but the whole program dies; its driver goes with it."""
    chance = random.Random(kills)
    hits = 0
    for stack in itertools.count():
        device.load(numbered)
        kept = 0
        while kept < SHEETS:
            if hits == kills:
                return
            batch = folder / f"batch {stack}"
            with subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(config), str(batch), COUNTER],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).resolve().parents[2],
            ) as program:
                first = program.stdout.readline()
                killer = threading.Timer(chance.uniform(0, LONGEST_S / 2), program.kill)
                killer.start()
                told = [first, *program.stdout]
                killer.join()
            whole_lines = [line.split() for line in told if line.endswith("\n")]
            assert ends(int(whole_lines[-1][1]), 6)
            hits += program.returncode == -signal.SIGKILL
            kept = reload(device, numbered, batch)
            # What was told to be kept is kept.
            assert kept >= int(whole_lines[-1][0])


@pytest.fixture
def counter_of_sixty(tmp_path, numbered):
    """A scanner with sixty sheets in its feeder, and a configuration for it."""
    pytest.importorskip("sane")
    with VirtualScanner(numbered, pages_per_minute=SHEETS_A_MINUTE) as device:
        yield device, write_sane_config(tmp_path / "sane", {"Quầy một": device.url})


def run_drivers(counter_of_sixty, numbered, folder, kills) -> None:
    device, config = counter_of_sixty
    with SaneBackend(config, patience_s=20) as backend:
        kill_drivers(device, backend, numbered, folder, kills)


def test_the_driver_killed_anywhere(counter_of_sixty, numbered, tmp_path):
    run_drivers(counter_of_sixty, numbered, tmp_path, KILLS_OF_THE_DRIVER)


def test_the_program_killed_anywhere(counter_of_sixty, numbered, tmp_path, ends):
    kill_programs(*counter_of_sixty, numbered, tmp_path, KILLS_OF_THE_PROGRAM, ends)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_driver_killed_often(counter_of_sixty, numbered, tmp_path):
    run_drivers(counter_of_sixty, numbered, tmp_path, KILLS_OF_A_SOAK)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_program_killed_often(counter_of_sixty, numbered, tmp_path, ends):
    kill_programs(*counter_of_sixty, numbered, tmp_path, KILLS_OF_A_SOAK, ends)


def test_a_driver_killed_before_its_first_call_is_replaced(counter_of_sixty, ends):
    _, config = counter_of_sixty
    with SaneBackend(config, patience_s=20) as backend:
        backend.devices()
        os.kill(backend._worker.pid, signal.SIGKILL)
        assert ends(backend._worker.pid, 5)
        assert len(list(backend.scan(COUNTER, ScanRequest(page_limit=1, dpi=200)))) == 1
