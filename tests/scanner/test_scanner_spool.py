"""The spool loses nothing: crash, full disk and a failing disk at every single call."""

import errno
import hashlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner import (
    ImportBackend,
    PageImage,
    ScanError,
    ScanFault,
    ScanRequest,
    Spool,
    SpooledPage,
    journal,
    jpeg,
)


def page(value: int = 200, sheet: int = 1, side: int = 1, shape=(60, 40, 3), dpi: int = 300) -> PageImage:
    return PageImage(np.full(shape, value, np.uint8), dpi, sheet, side)


def lies_in(folder: Path) -> set[str]:
    """The files of a batch but for the lock and the thumbnails; nothing half, wherever it may lie."""
    assert not list(folder.rglob("*.part"))
    return {file.name for file in folder.iterdir()} - {".journal.lock", ".thumbnails"}


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
    assert lies_in(tmp_path) == {"journal.jsonl"}


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
    assert lies_in(tmp_path) == {"journal.jsonl"}


class Calls:
    """Counts the calls that change the disk, and lets one of them go wrong."""

    NAMES = ("open", "write", "fsync", "rename", "replace", "ftruncate", "unlink")

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


@pytest.mark.parametrize("replaces", [None, 1])
def test_a_crash_at_every_call_loses_no_page_that_was_promised(tmp_path, replaces):
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
            Spool(folder).keep(page(2, sheet=2), "d", replaces=replaces)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        finished = os.WIFEXITED(status)
        assert finished or os.WTERMSIG(status) == signal.SIGKILL
        spool = Spool(folder)
        kept = [p.sheet for p in spool.history()]
        assert kept == [1, 2] if finished else kept in ([1], [1, 2])
        assert [p.sheet for p in spool.pages()] == (kept[-1:] if replaces else kept)
        assert all(map(is_whole, spool.history()))
        assert spool.damaged() == ()
        assert lies_in(folder) == {"journal.jsonl", *(p.path.name for p in spool.history())}
        assert all(is_thumbnail(spool.thumbnail(p)) for p in spool.history())
        recovered.add(len(kept))
    assert fail_at > 10
    assert recovered == {1, 2}


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, ScanFault.DISK_FULL), (errno.EIO, ScanFault.DISK_FAILED)]
)
def test_a_disk_fault_at_every_call_leaves_nothing_half(tmp_path, monkeypatch, number, expected):
    """Until the page is safe the fault is told and nothing is left; later only its thumbnail is missing."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    finished = False
    fail_at = 0
    told_of = []
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
        assert told in (None, (expected, number))
        kept = 1 if told else 2
        told_of.append(told)
        assert len(spool.pages()) == kept
        assert [p.path.name for p in Spool(folder).pages()] == [f"page-{n + 1:05d}.jpg" for n in range(kept)]
        assert lies_in(folder) == {"journal.jsonl", *(p.path.name for p in spool.pages())}
        assert is_whole(first)
        assert all(is_thumbnail(spool.thumbnail(p)) for p in spool.pages())
        assert spool.keep(page(3), "d").number == kept + 1
    safe_from = told_of.index(None)
    assert safe_from > 6
    assert told_of[safe_from:] == [None] * (len(told_of) - safe_from)


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
import io
import sys
from pathlib import Path
import numpy as np
from PIL import Image
from scanner import PageImage, Spool
spool = Spool(Path(sys.argv[1]))
pixels = np.random.default_rng(3).integers(0, 256, (700, 500, 3), dtype=np.uint8)
out = io.BytesIO()
Image.fromarray(pixels).save(out, "JPEG", dpi=(72, 72))
while True:
    kept = len(spool.history())
    place = {1: {"replaces": kept}, 2: {"after": max(kept - 1, 0)}}.get(kept % 3, {}) if kept else {}
    encoded = out.getvalue() if kept % 2 else None
    page = spool.keep(PageImage(pixels, 300, kept + 1, 1, encoded), "d", profile="p", **place)
    print(page.number, flush=True)
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
        numbers = [p.number for p in spool.history()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) in (promised, promised + 1)
        assert all(map(is_whole, spool.history()))
        assert [p.sheet for p in spool.history()] == numbers
        replaced = {p.replaces for p in spool.history()} - {None}
        assert sorted(p.number for p in spool.pages()) == [n for n in numbers if n not in replaced]
        assert all(is_thumbnail(spool.thumbnail(p)) for p in spool.history())
    assert promised >= 14


def test_programs_share_one_batch(tmp_path):
    """Three programs keep pages in one folder at once; no number is given twice and no page lost."""
    root = Path(__file__).resolve().parents[2]
    keepers = [
        subprocess.Popen(
            [sys.executable, "-c", KEEPER.replace("while True", "for _ in range(6)"), str(tmp_path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for _ in range(3)
    ]
    told = [int(number) for keeper in keepers for number in keeper.communicate()[0].split()]
    assert [keeper.returncode for keeper in keepers] == [0, 0, 0]
    assert sorted(told) == list(range(1, 19))
    spool = Spool(tmp_path)
    assert [p.number for p in spool.history()] == sorted(told)
    assert all(map(is_whole, spool.history()))


def jpeg_of(pixels, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **options)
    return out.getvalue()


NOISE = np.random.default_rng(5).integers(0, 256, (90, 70, 3), dtype=np.uint8)


def entropy_of(data: bytes) -> bytes:
    return data[data.index(b"\xff\xda") :]


def test_a_jpeg_that_tells_the_truth_is_kept_byte_for_byte(tmp_path):
    given = jpeg_of(NOISE, dpi=(300, 300), quality=40, comment=b"of the device")
    kept = Spool(tmp_path).keep(PageImage(NOISE, 300, 1, 1, given), "d")
    assert kept.path.read_bytes() == given
    assert is_whole(kept)


@pytest.mark.parametrize("options", [{}, {"dpi": (72, 72)}, {"dpi": (300, 200)}, {"progressive": True}])
def test_a_lying_density_is_set_right_and_nothing_else(tmp_path, options):
    given = jpeg_of(NOISE, **options)
    kept = Spool(tmp_path).keep(PageImage(NOISE, 300, 1, 1, given), "d")
    data = kept.path.read_bytes()
    assert data != given
    assert len(data) == len(given)
    assert entropy_of(data) == entropy_of(given)
    with Image.open(kept.path) as image:
        assert (image.info["dpi"], image.info["jfif_unit"]) == ((300, 300), 1)


def without_jfif(data: bytes) -> bytes:
    assert data[2:4] == b"\xff\xe0"
    return data[:2] + data[4 + int.from_bytes(data[4:6], "big") :]


def test_a_jpeg_without_jfif_is_given_one(tmp_path):
    given = without_jfif(jpeg_of(NOISE))
    kept = Spool(tmp_path).keep(PageImage(NOISE, 300, 1, 1, given), "d")
    data = kept.path.read_bytes()
    assert data[20:] == given[2:]
    with Image.open(kept.path) as image, Image.open(io.BytesIO(given)) as before:
        assert image.info["dpi"] == (300, 300)
        assert image.tobytes() == before.tobytes()


ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="no jpeg"),
        pytest.param(jpeg_of(NOISE)[:-900], id="no end"),
        pytest.param(jpeg_of(NOISE)[:150], id="torn header"),
        pytest.param(jpeg_of(NOISE[:-1]), id="another size"),
        pytest.param(jpeg_of(NOISE[..., 0]), id="another number of colours"),
        pytest.param(b"\xff\xd8" + ADOBE_RGB + without_jfif(jpeg_of(NOISE))[2:], id="stored as RGB"),
    ],
)
def test_what_cannot_stand_for_the_pixels_is_encoded_anew(tmp_path, given):
    kept = Spool(tmp_path, quality=95).keep(PageImage(NOISE, 300, 1, 1, given), "d")
    with Image.open(kept.path) as image:
        assert image.info["dpi"] == (300, 300)
        assert image.size == (70, 90)
        assert np.abs(np.asarray(image, np.int16) - NOISE).mean() < 4


@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"\xff\xd8", jpeg_of(NOISE)[:180]]))
@settings(max_examples=150, deadline=None)
def test_no_bytes_upset_the_reader_of_headers(data, start):
    header = jpeg.header_of(start + data)
    assert header is None or (header.width_px > 0 and header.height_px > 0)
    kept = jpeg.as_kept(start + data, (90, 70, 3), 300)
    assert kept is None or entropy_of(kept) in start + data


def test_a_page_scanned_again_stands_in_its_place(tmp_path):
    spool = Spool(tmp_path)
    for sheet in (1, 2, 3):
        spool.keep(page(sheet=sheet), "d")
    spool.keep(page(sheet=20), "d", replaces=2)
    assert [p.number for p in spool.pages()] == [1, 4, 3]
    spool.keep(page(sheet=21), "d", replaces=2)
    spool.keep(page(sheet=22), "d", replaces=4)
    for again in (spool, Spool(tmp_path)):
        assert [p.number for p in again.pages()] == [1, 6, 3]
        assert [p.number for p in again.history()] == [1, 2, 3, 4, 5, 6]
        assert [p.replaces for p in again.history()] == [None, None, None, 2, 2, 4]
        assert all(map(is_whole, again.history()))


def test_pages_put_in_stand_where_they_belong(tmp_path):
    spool = Spool(tmp_path)
    for sheet in (1, 2):
        spool.keep(page(sheet=sheet), "d")
    spool.keep(page(), "d", after=1)
    spool.keep(page(), "d", after=3)
    spool.keep(page(), "d", after=0)
    spool.keep(page(), "d")
    spool.keep(page(), "d", replaces=1)
    spool.keep(page(), "d", after=1)
    for again in (spool, Spool(tmp_path)):
        assert [p.number for p in again.pages()] == [5, 7, 8, 3, 4, 2, 6]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"replaces": 2}, "replaces"),
        ({"replaces": 0}, "replaces"),
        ({"after": 2}, "after"),
        ({"after": -1}, "after"),
        ({"replaces": 1, "after": 1}, "replaces"),
    ],
)
def test_a_place_that_there_is_not_is_refused(tmp_path, place, field):
    spool = Spool(tmp_path)
    spool.keep(page(), "d")
    with pytest.raises(ScanError) as error:
        spool.keep(page(), "d", **place)
    assert error.value.fault is ScanFault.BAD_REQUEST
    assert error.value.facts == {"field": field, "value": str(place[field])}
    assert lies_in(tmp_path) == {"journal.jsonl", "page-00001.jpg"}


places = st.lists(st.tuples(st.sampled_from(["last", "replaces", "after"]), st.integers(0, 30)), max_size=25)


@given(places)
@settings(max_examples=200, deadline=None)
def test_the_order_of_now_is_that_of_a_pile_of_paper(steps):
    """Against the plainest model there is: a list that every step changes."""
    pile: list[set[int]] = []
    history = []
    for number, (kind, which) in enumerate(steps, start=1):
        replaces = after = None
        if kind == "replaces" and number > 1:
            replaces = which % (number - 1) + 1
            (slot,) = [slot for slot in pile if replaces in slot]
            slot.add(number)
        elif kind == "after":
            after = which % number
            pile.insert(next((n + 1 for n, slot in enumerate(pile) if after in slot), 0), {number})
        else:
            pile.append({number})
        history.append(spooled(number, replaces=replaces, after=after))
    assert [p.number for p in journal.in_order(history)] == [max(slot) for slot in pile]
    raw = b"".join(map(journal.line_of, history))
    assert journal.read(raw, Path("batch")) == (history, len(raw))


def spooled(number: int, **fields) -> SpooledPage:
    path = Path("batch") / journal.file_name(number)
    return SpooledPage(number, path, "0", 1, 300, 1, 1, 1, 1, "d", "2026-01-01T00:00:00+07:00", **fields)


def test_a_journal_of_an_older_program_is_read(tmp_path):
    spool = Spool(tmp_path)
    kept = [spool.keep(page(n), "d") for n in range(2)]
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_bytes().splitlines()]
    old = [{k: v for k, v in line.items() if k not in ("profile", "replaces", "after")} for line in lines]
    (tmp_path / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in old))
    again = Spool(tmp_path)
    assert list(again.pages()) == kept
    assert again.keep(page(), "d", profile="thẻ", replaces=1).profile == "thẻ"
    assert [p.number for p in Spool(tmp_path).pages()] == [3, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"replaces": 3},
        {"after": 9},
        {"replaces": True},
        {"after": "1"},
        {"replaces": 1, "after": 1},
        {"x": 1},
    ],
)
def test_a_journal_with_a_place_that_there_is_not_is_damaged(tmp_path, change):
    spool = Spool(tmp_path)
    for _ in range(2):
        spool.keep(page(), "d")
    journal_file = tmp_path / "journal.jsonl"
    first, second = journal_file.read_bytes().splitlines(keepends=True)
    journal_file.write_bytes(first + json.dumps({**json.loads(second), **change}).encode() + b"\n")
    with pytest.raises(ScanError) as error:
        Spool(tmp_path)
    assert (error.value.fault, error.value.facts["line"]) == (ScanFault.SPOOL_DAMAGED, 2)


def test_a_damaged_replacement_leaves_its_place_empty(tmp_path):
    spool = Spool(tmp_path)
    kept = [spool.keep(page(), "d"), spool.keep(page(), "d"), spool.keep(page(), "d", replaces=1)]
    kept[2].path.unlink()
    again = Spool(tmp_path)
    assert list(again.pages()) == [kept[1]]
    assert list(again.damaged()) == [kept[2]]
    assert list(again.history()) == kept
    better = again.keep(page(), "d", replaces=3)
    assert list(again.pages()) == [better, kept[1]]


def is_thumbnail(path: Path) -> bool:
    with Image.open(path) as image:
        image.load()
        return image.format == "JPEG" and max(image.size) <= 256


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((3508, 2480, 3), (181, 256)),
        ((2480, 3508), (256, 181)),
        ((60, 40, 3), (40, 60)),
        ((9000, 20), (1, 256)),
    ],
)
def test_every_page_has_a_thumbnail(tmp_path, shape, size):
    pixels = np.full(shape, 255, np.uint8)
    pixels[: shape[0] // 2] = 0
    kept = Spool(tmp_path).keep(PageImage(pixels, 300, 1, 1), "d")
    (made,) = (tmp_path / ".thumbnails").iterdir()
    assert made == Spool(tmp_path).thumbnail(kept)
    assert is_thumbnail(made)
    with Image.open(made) as image:
        assert abs(image.width - size[0]) <= 1
        assert abs(image.height - size[1]) <= 1
        grey = np.asarray(image.convert("L"))
    assert grey[: len(grey) // 2 - 2].mean() < 20
    assert grey[len(grey) // 2 + 2 :].mean() > 235


@pytest.mark.parametrize("left", [None, b"", b"\xff\xd8\xff half"])
def test_a_missing_thumbnail_is_made_again(tmp_path, left):
    spool = Spool(tmp_path)
    kept = spool.keep(page(shape=(900, 600, 3)), "d")
    made = spool.thumbnail(kept)
    made.unlink()
    if left is not None:
        made.write_bytes(left)
    assert spool.thumbnail(kept) == made
    assert is_thumbnail(made)


def test_no_thumbnail_without_its_page(tmp_path):
    spool = Spool(tmp_path)
    kept = spool.keep(page(), "d")
    spool.thumbnail(kept).unlink()
    for spoil in (lambda: kept.path.write_bytes(b"no image"), kept.path.unlink):
        spoil()
        with pytest.raises(ScanError) as error:
            spool.thumbnail(kept)
        assert error.value.fault is ScanFault.DISK_FAILED


def test_a_page_is_kept_within_its_time(tmp_path, sheets):
    """Reading, keeping and thumbnail of an A4 page in colour at 300 dpi; a feeder gives one every 429 ms."""
    spool = Spool(tmp_path)
    begun = time.process_time()
    for image in ImportBackend(sheets).scan("import:files", ScanRequest()):
        spool.keep(image, "import:files")
    assert (time.process_time() - begun) / len(spool.pages()) < 0.15
    assert [p.path.read_bytes() for p in spool.pages()] == [sheet.read_bytes() for sheet in sheets]
