"""Pages of a program that was killed: kept by its driver, each once, in their place (cứu trang)."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import numpy as np
import pytest
from PIL import Image

from scanner import PageImage, ScanError, ScanFault, Spool, spool, write_sane_config
from scanner.contract import Rescue
from scanner.rescue import Held, Untaken, keep_the_rest
from scanner.spool import RESCUE_LOCK_NAME

SIZE = (24, 32)


def page(sheet, side=1):
    return PageImage(np.full(SIZE, 8 * sheet, np.uint8), 200, sheet, side)


def rescue_of(folder, **fields):
    return Rescue(folder=str(folder), known=len(Spool(folder).history()), device="d", **fields)


def levels(folder):
    """Which sheets are in a spool, told by their pixels."""
    pages = Spool(folder).pages()
    return [round(float(np.asarray(Image.open(page.path)).mean()) / 8) for page in pages]


def hold(untaken, *sheets):
    for sheet in sheets:
        untaken.add(Held(page(sheet).pixels.tobytes(), SIZE, 200, (sheet, 1)))


def test_what_the_program_had_kept_is_not_kept_twice(tmp_path):
    Spool(tmp_path).keep(page(9), "d")
    rescue = rescue_of(tmp_path, profile="a4")
    Spool(tmp_path).keep(page(1), "d")
    assert keep_the_rest(rescue, 0, [page(1), page(2), page(3)]) == 2
    assert levels(tmp_path) == [9, 1, 2, 3]
    assert [(kept.device, kept.profile) for kept in Spool(tmp_path).pages()[-2:]] == [("d", "a4")] * 2


def test_pages_taken_are_held_no_longer(tmp_path):
    rescue = rescue_of(tmp_path)
    untaken = Untaken()
    untaken.begin(rescue)
    hold(untaken, 1, 2, 3)
    for sheet in (1, 2):
        Spool(tmp_path).keep(page(sheet), "d")
    untaken.taken(2)
    assert untaken.claim()
    untaken.save()
    untaken.save()
    assert levels(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize("kept_before", [0, 1])
def test_a_rescan_goes_on_in_its_place(tmp_path, kept_before):
    """The first page replaces, the others come behind it, whoever keeps them."""
    spool = Spool(tmp_path)
    first, _ = spool.keep(page(7), "d"), spool.keep(page(8), "d")
    rescue = rescue_of(tmp_path, replaces=first.number)
    if kept_before:
        spool.keep(page(1), "d", replaces=first.number)
    keep_the_rest(rescue, 0, [page(1), page(2)])
    assert levels(tmp_path) == [1, 2, 8]


def test_without_a_claim_nothing_is_kept(tmp_path):
    """The program is there, and keeps its pages itself."""
    untaken = Untaken()
    untaken.begin(rescue_of(tmp_path))
    hold(untaken, 1)
    untaken.save()
    assert levels(tmp_path) == []


def test_a_scan_without_a_spool_holds_nothing(tmp_path):
    untaken = Untaken()
    untaken.begin(None)
    hold(untaken, 1)
    assert not untaken.claim()
    untaken.begin(Rescue(folder=str(tmp_path / "gone"), known=0, device="d"))
    assert not untaken.claim()


def test_opening_waits_for_a_rescue(tmp_path):
    Spool(tmp_path)
    opened = threading.Event()

    def open_again():
        Spool(tmp_path)
        opened.set()

    with filelock.FileLock(tmp_path / RESCUE_LOCK_NAME):
        opening = threading.Thread(target=open_again)
        opening.start()
        assert not opened.wait(0.2)
        keep_the_rest(Rescue(folder=str(tmp_path), known=0, device="d"), 0, [page(1)])
    opening.join(10)
    assert opened.is_set()
    assert not (tmp_path / RESCUE_LOCK_NAME).exists()
    assert levels(tmp_path) == [1]


def test_a_rescue_that_hangs_keeps_nobody_out(tmp_path, monkeypatch):
    Spool(tmp_path)
    monkeypatch.setattr(spool, "MOST_SECONDS_OF_A_RESCUE", 0.1)
    with filelock.FileLock(tmp_path / RESCUE_LOCK_NAME):
        opening = threading.Thread(target=Spool, args=(tmp_path,))
        opening.start()
        opening.join(10)
        assert not opening.is_alive()


def test_a_full_disk_ends_a_rescue_and_harms_nothing(tmp_path, monkeypatch):
    untaken = Untaken()
    untaken.begin(rescue_of(tmp_path))
    hold(untaken, 1)
    assert untaken.claim()

    def full(*_, **__):
        raise ScanError(ScanFault.DISK_FULL)

    monkeypatch.setattr(Spool, "keep", full)
    untaken.save()
    monkeypatch.undo()
    assert levels(tmp_path) == []


PROGRAM = """
import sys
from pathlib import Path
from scanner import ColorMode, SaneBackend, ScanRequest, Spool, scan_into
request = ScanRequest(mode=ColorMode.GREY, dpi=200, width_mm=100, height_mm=60)
with SaneBackend(Path(sys.argv[1])) as backend:
    for kept in scan_into(Spool(Path(sys.argv[2])), backend, "test:0", request):
        print(kept.number, backend._worker.pid, flush=True)
        if kept.number == 3:
            sys.stdin.read()
"""


def test_nothing_that_left_the_feeder_of_a_killed_program_is_fed_again(tmp_path, ends):
    """A driver that draws a sheet in only when told: all that left the feeder is kept, none is fed again."""
    pytest.importorskip("sane")
    config = write_sane_config(tmp_path / "sane", test_backend=True)
    batch = tmp_path / "batch"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(config), str(batch)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as program:
        lines = [program.stdout.readline().split() for _ in range(3)]
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        worker = int(lines[-1][1])
        assert ends(worker, 20)
    pages = Spool(batch).pages()
    # The third was kept and not acknowledged; those that were read ahead meanwhile are kept by the driver.
    assert [kept.sheet for kept in pages] == list(range(1, len(pages) + 1))
    assert len(pages) > 3
    assert Spool(batch).altered() == ()
