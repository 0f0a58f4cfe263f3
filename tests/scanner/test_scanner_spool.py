"""The spool loses nothing: crash, full disk and a failing disk at every single call."""

import errno
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import PageImage, ScanError, ScanFault, Spool


def page(value: int = 200, sheet: int = 1, side: int = 1, shape=(60, 40, 3), dpi: int = 300) -> PageImage:
    return PageImage(np.full(shape, value, np.uint8), dpi, sheet, side)


def is_whole(kept) -> bool:
    data = kept.path.read_bytes()
    return len(data) == kept.bytes and hashlib.sha256(data).hexdigest() == kept.sha256


def test_a_kept_page_tells_the_truth_about_its_file(tmp_path):
    spool = Spool(tmp_path / "lô" / "một")
    noisy = np.random.default_rng(7).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    kept = spool.keep(PageImage(noisy, 300, 4, 2), "máy quét")
    assert (kept.number, kept.sheet, kept.side, kept.device) == (1, 4, 2, "máy quét")
    assert is_whole(kept)
    assert datetime.fromisoformat(kept.scanned_at).utcoffset() is not None
    with Image.open(kept.path) as image:
        assert image.format == "JPEG"
        assert image.size == (kept.width_px, kept.height_px) == (70, 90)
        assert image.info["dpi"] == (300, 300)
        assert image.info["jfif_unit"] == 1
        # 4:4:4: every component is sampled alike.
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}


def test_a_grey_page_stays_grey(tmp_path):
    kept = Spool(tmp_path).keep(page(shape=(50, 30)), "d")
    with Image.open(kept.path) as image:
        assert image.mode == "L"


def test_reopening_gives_the_same_pages_and_goes_on_counting(tmp_path):
    first = Spool(tmp_path)
    kept = [first.keep(page(n), "d") for n in (10, 120, 240)]
    again = Spool(tmp_path)
    assert list(again.pages()) == kept == list(first.pages())
    assert again.keep(page(), "d").number == 4
    assert first.keep(page(), "d").number == 5
    assert [p.number for p in Spool(tmp_path).pages()] == [1, 2, 3, 4, 5]
    assert all(map(is_whole, first.pages()))


def test_what_is_no_page_image_is_refused_and_leaves_nothing(tmp_path):
    spool = Spool(tmp_path)
    for shape in ((0, 10, 3), (10, 10, 4), (10,)):
        with pytest.raises(ValueError, match="page image"):
            spool.keep(page(shape=shape), "d")
    assert [file.name for file in tmp_path.iterdir()] == ["journal.jsonl"]


def test_threads_share_one_spool(tmp_path):
    spool = Spool(tmp_path)

    def keep(sheet: int) -> None:
        for _ in range(5):
            spool.keep(page(sheet=sheet), "d")

    threads = [threading.Thread(target=keep, args=(sheet,)) for sheet in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.number for p in spool.pages()] == list(range(1, 21))
    assert Spool(tmp_path).pages() == spool.pages()


def test_the_files_are_for_their_owner_only(tmp_path):
    kept = Spool(tmp_path / "batch").keep(page(), "d")
    assert {oct(path.stat().st_mode & 0o077) for path in (kept.path, kept.path.parent)} == {"0o0"}


@given(cut=st.integers(min_value=1, max_value=400), junk=st.binary(max_size=20))
@settings(max_examples=40, deadline=None)
def test_a_torn_end_of_the_journal_is_dropped(tmp_path_factory, cut, junk):
    folder = tmp_path_factory.mktemp("torn")
    spool = Spool(folder)
    kept = [spool.keep(page(n), "d") for n in range(3)]
    journal = folder / "journal.jsonl"
    raw = journal.read_bytes()
    last = len(raw.splitlines(keepends=True)[-1])
    cut = min(cut, last)
    journal.write_bytes(raw[:-cut] + junk.replace(b"\n", b""))
    again = Spool(folder)
    assert list(again.pages()) == kept[:2]
    added = again.keep(page(), "d")
    # The third page's file still lies there and is not written over.
    assert added.number == 4
    assert list(Spool(folder).pages()) == [*kept[:2], added]


def test_a_journal_damaged_inside_is_reported_and_left_alone(tmp_path):
    spool = Spool(tmp_path)
    for n in range(3):
        spool.keep(page(n), "d")
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    for broken in (b"\0" * len(lines[1]), b"{}\n", b"\n", lines[0], lines[2], b"\xff\n"):
        damaged = lines[0] + broken + lines[2]
        journal.write_bytes(damaged)
        with pytest.raises(ScanError) as error:
            Spool(tmp_path)
        assert error.value.fault is ScanFault.SPOOL_DAMAGED
        assert error.value.facts["line"] in (2, 3)
        assert journal.read_bytes() == damaged
    journal.write_bytes(b"".join(lines))
    assert len(Spool(tmp_path).pages()) == 3


def test_a_journal_cannot_name_a_file_elsewhere(tmp_path):
    spool = Spool(tmp_path)
    spool.keep(page(), "d")
    journal = tmp_path / "journal.jsonl"
    record = json.loads(journal.read_bytes())
    for change in ({"path": "/etc/passwd"}, {"number": "../1"}, {"number": 0}, {"number": True}):
        journal.write_bytes(json.dumps({**record, **change}).encode() + b"\n")
        with pytest.raises(ScanError) as error:
            Spool(tmp_path)
        assert error.value.fault is ScanFault.SPOOL_DAMAGED


def test_missing_and_short_pages_are_told_apart_from_whole_ones(tmp_path):
    spool = Spool(tmp_path)
    kept = [spool.keep(page(n), "d") for n in range(4)]
    kept[0].path.unlink()
    kept[2].path.write_bytes(b"short")
    again = Spool(tmp_path)
    assert list(again.pages()) == [kept[1], kept[3]]
    assert list(again.damaged()) == [kept[0], kept[2]]
    assert again.altered() == ()
    flipped = bytearray(kept[3].path.read_bytes())
    flipped[-3] ^= 1
    kept[3].path.write_bytes(flipped)
    assert list(again.altered()) == [kept[3]]


def test_stray_temporary_files_are_removed(tmp_path):
    Spool(tmp_path)
    (tmp_path / "page-00001.jpg.part").write_bytes(b"half")
    (tmp_path / "other.part").write_bytes(b"half")
    Spool(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["journal.jsonl"]


class Calls:
    """Counts the calls that change the disk, and lets one of them go wrong."""

    NAMES = ("open", "write", "fsync", "rename", "ftruncate", "unlink")

    def __init__(self, fail_at: int, happen) -> None:
        self.made = 0
        self.fail_at = fail_at
        self.happen = happen
        self.real = {name: getattr(os, name) for name in self.NAMES}

    def install(self, setattr_) -> None:
        for name in self.NAMES:
            setattr_(os, name, self._wrapped(name))

    def _wrapped(self, name):
        def call(*arguments, **keywords):
            self.made += 1
            if self.made == self.fail_at:
                if name == "write":
                    # The worst that a write can do: half of it arrives.
                    self.real["write"](arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                self.happen()
            return self.real[name](*arguments, **keywords)

        return call


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_crash_at_every_call_loses_no_page_that_was_promised(tmp_path):
    """Call after call the process is killed there; page 1 had been promised, page 2 may have been."""
    finished = False
    fail_at = 0
    recovered = set()
    while not finished:
        fail_at += 1
        folder = tmp_path / str(fail_at)
        Spool(folder).keep(page(1), "d")
        child = os.fork()
        if child == 0:
            Calls(fail_at, crash).install(setattr)
            Spool(folder).keep(page(2, sheet=2), "d")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        finished = os.WIFEXITED(status)
        assert finished or os.WTERMSIG(status) == signal.SIGKILL
        spool = Spool(folder)
        sheets = [p.sheet for p in spool.pages()]
        assert sheets == [1, 2] if finished else sheets in ([1], [1, 2])
        assert all(map(is_whole, spool.pages()))
        assert spool.damaged() == ()
        assert {file.name for file in folder.iterdir()} == {
            "journal.jsonl",
            *(p.path.name for p in spool.pages()),
        }
        recovered.add(len(sheets))
    assert fail_at > 10
    assert recovered == {1, 2}


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, ScanFault.DISK_FULL), (errno.EIO, ScanFault.DISK_FAILED)]
)
def test_a_disk_fault_at_every_call_leaves_nothing_half(tmp_path, monkeypatch, number, expected):
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    finished = False
    fail_at = 0
    while not finished:
        fail_at += 1
        folder = tmp_path / str(fail_at)
        spool = Spool(folder)
        first = spool.keep(page(1), "d")
        with monkeypatch.context() as patch:
            calls = Calls(fail_at, fail)
            calls.install(patch.setattr)
            told = None
            try:
                spool.keep(page(2), "d")
            except ScanError as error:
                told = (error.fault, error.facts["errno"])
            finished = calls.made < fail_at
        assert told == (None if finished else (expected, number))
        kept = 2 if finished else 1
        assert len(spool.pages()) == kept
        assert [p.path.name for p in Spool(folder).pages()] == [f"page-{n + 1:05d}.jpg" for n in range(kept)]
        assert {file.name for file in folder.iterdir()} == {
            "journal.jsonl",
            *(p.path.name for p in spool.pages()),
        }
        assert is_whole(first)
        assert spool.keep(page(3), "d").number == kept + 1
    assert fail_at > 6


def test_a_really_full_file_system(tmp_path):
    """A file may not grow beyond 20 kB here; the system's own refusal, not a pretended one."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
        spool = Spool(tmp_path)
        spool.keep(page(), "d")
        try:
            spool.keep(PageImage(noise, 300, 2, 1), "d")
        except ScanError as error:
            spool.keep(page(), "d")
            os._exit(0 if error.fault is ScanFault.DISK_FULL else 1)
        os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert [p.number for p in Spool(tmp_path).pages()] == [1, 2]
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_cannot_be_is_a_fault_of_the_disk(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ScanError) as error:
        Spool(tmp_path / "file" / "batch")
    assert error.value.fault is ScanFault.DISK_FAILED


KEEPER = """
import sys
from pathlib import Path
import numpy as np
from scanner import PageImage, Spool
spool = Spool(Path(sys.argv[1]))
pixels = np.random.default_rng(3).integers(0, 256, (700, 500, 3), dtype=np.uint8)
sheet = len(spool.pages())
while True:
    sheet += 1
    print(spool.keep(PageImage(pixels, 300, sheet, 1), "d").number, flush=True)
"""


def test_kill_at_random_moments_over_and_over(tmp_path):
    """One batch, four programs, each killed at its own moment; every number that was printed is there."""
    root = Path(__file__).resolve().parents[2]
    promised = 0
    for pages_before_the_kill in (1, 4, 7, 2):
        with subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(tmp_path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root)},
        ) as keeper:
            for _ in range(pages_before_the_kill):
                promised = int(keeper.stdout.readline())
            keeper.kill()
            promised = max([promised, *map(int, keeper.stdout.read().split())])
        spool = Spool(tmp_path)
        numbers = [p.number for p in spool.pages()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) in (promised, promised + 1)
        assert all(map(is_whole, spool.pages()))
        assert [p.sheet for p in spool.pages()] == numbers
    assert promised >= 14
