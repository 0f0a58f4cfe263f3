"""Hot folders: only whole files, in order, each once, none lost and none deleted."""

import io
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scanner import Connection, FolderBackend, PageImage, ScanError, ScanFault, ScanRequest, Source, Spool
from scanner.backends.folder.watch import Watch, is_scan, natural_order

ROOT = Path(__file__).resolve().parents[2]
DEVICE = "folder:MFP"
SETTLE = 0.06


@pytest.fixture
def hot(tmp_path: Path) -> Path:
    folder = tmp_path / "hot"
    folder.mkdir()
    return folder


def backend_of(folder: Path, *, settle_s: float = SETTLE, patience_s: float = 0.4) -> FolderBackend:
    return FolderBackend({"MFP": folder}, settle_s=settle_s, patience_s=patience_s)


def scan(backend: FolderBackend, **request) -> Iterator[PageImage]:
    return backend.scan(DEVICE, ScanRequest(**request))


def fault_after(pages: list[PageImage], stream: Iterator[PageImage]) -> ScanError:
    with pytest.raises(ScanError) as error:
        pages.extend(stream)
    return error.value


def present(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file() and path.name != ".lock"}


def tiff(path: Path, *greys: int) -> Path:
    """A file with a page of each of these greys."""
    first, *others = [Image.new("L", (120, 170), grey) for grey in greys]
    first.save(path, "TIFF", save_all=True, append_images=others, dpi=(200, 200))
    return path


def greys(pages: list[PageImage]) -> list[int]:
    return [int(page.pixels.mean()) for page in pages]


def later(seconds: float, happen: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, happen)
    timer.start()
    return timer


def test_a_device_a_folder_whether_it_is_there_or_not(tmp_path):
    first, second = tmp_path / "một" / "in", tmp_path / "hai" / "in"
    devices = FolderBackend([first, second]).devices()
    assert [device.id for device in devices] == ["folder:in", "folder:in (2)"]
    assert {device.connection for device in devices} == {Connection.FOLDER}
    assert devices[1].address == str(second)
    (named,) = FolderBackend({"Tầng 2": first}).devices()
    assert (named.id, named.model) == ("folder:Tầng 2", "Tầng 2")
    with pytest.raises(ScanError) as error:
        next(FolderBackend([first]).scan("folder:in", ScanRequest()))
    assert error.value.fault is ScanFault.NO_DEVICE


def test_files_come_in_natural_order_and_are_put_away(hot, slips):
    for name, slip in (("scan 10.jpg", slips[2]), ("Scan 9.JPG", slips[1]), ("scan 1.jpg", slips[0])):
        shutil.copy(slip, hot / name)
    pages = list(scan(backend_of(hot)))
    assert [page.encoded for page in pages] == [slip.read_bytes() for slip in slips[:3]]
    assert present(hot) == set()
    assert present(hot / "taken") == {"scan 1.jpg", "Scan 9.JPG", "scan 10.jpg"}
    assert (hot / "taken" / "scan 10.jpg").read_bytes() == slips[2].read_bytes()


def test_a_second_file_of_a_name_is_put_beside_the_first(hot, slips):
    backend = backend_of(hot)
    for slip in slips[:3]:
        shutil.copy(slip, hot / "scan.jpg")
        assert len(list(scan(backend))) == 1
    assert present(hot / "taken") == {"scan.jpg", "scan (2).jpg", "scan (3).jpg"}
    assert (hot / "taken" / "scan (3).jpg").read_bytes() == slips[2].read_bytes()


NO_SCANS = [
    "a.part",
    "a.jpg.part",
    "a.tmp",
    "a.jpg~",
    ".a.jpg",
    "~$a.pdf",
    "Thumbs.db",
    "desktop.ini",
    "a.txt",
]


def test_what_is_no_scan_is_left_alone(hot, slips):
    for name in NO_SCANS:
        shutil.copy(slips[0], hot / name)
        assert not is_scan(name)
    (hot / "folder.jpg").mkdir()
    (hot / "link.jpg").symlink_to(slips[0])
    os.mkfifo(hot / "pipe.jpg")
    begun = time.monotonic()
    assert fault_after([], scan(backend_of(hot))).fault is ScanFault.NO_DOCUMENTS
    assert 0.4 <= time.monotonic() - begun < 3
    assert set(NO_SCANS) <= present(hot)


def test_paper_may_come_after_the_scan_was_started(hot, slips):
    timers = [
        later(0.2, lambda: shutil.copy(slips[0], hot / "1.jpg")),
        later(0.25, lambda: shutil.copy(slips[1], hot / "2.jpg")),
    ]
    pages = list(scan(backend_of(hot, settle_s=0.3, patience_s=5)))
    assert [page.encoded for page in pages] == [slip.read_bytes() for slip in slips[:2]]
    for timer in timers:
        timer.join()


def test_a_file_is_taken_only_when_all_of_it_is_there(hot, slips):
    """It is written in pieces, with pauses longer than the time to settle, and again under its own name."""
    data = slips[0].read_bytes()

    def write() -> None:
        with (hot / "1.jpg").open("wb") as file:
            for at in range(0, len(data), len(data) // 4):
                file.write(data[at : at + len(data) // 4])
                file.flush()
                wait.wait(0.1)

    wait = threading.Event()
    timer = later(0, write)
    (page,) = scan(backend_of(hot, settle_s=0.05, patience_s=2))
    timer.join()
    assert page.encoded == data
    assert present(hot / "taken") == {"1.jpg"}


def test_a_file_that_is_still_written_holds_those_behind_it(hot, slips):
    """Rest is measured from the last change: the second file is ready first and still comes second."""
    shutil.copy(slips[1], hot / "2.jpg")
    shutil.copy(slips[0], hot / "1.jpg")
    stop = threading.Event()

    def touch() -> None:
        for count in range(6):
            os.utime(hot / "1.jpg", (count, count))
            stop.wait(0.05)

    thread = threading.Thread(target=touch)
    thread.start()
    pages = list(scan(backend_of(hot, settle_s=0.2, patience_s=5)))
    thread.join()
    assert [page.encoded for page in pages] == [slip.read_bytes() for slip in slips[:2]]


def test_a_file_that_never_becomes_whole_lets_the_others_go_first(hot, slips):
    data = slips[0].read_bytes()
    (hot / "1 của ông A.jpg").write_bytes(data[: len(data) // 2])
    shutil.copy(slips[1], hot / "2.jpg")
    backend = backend_of(hot)
    pages: list[PageImage] = []
    error = fault_after(pages, scan(backend))
    assert len(pages) == 1
    assert (error.fault, error.facts) == (ScanFault.TRUNCATED, {"refused": 1})
    assert present(hot) == {"1 của ông A.jpg"}
    assert [left.path.name for left in backend.refused()] == ["1 của ông A.jpg"]
    # It was told; the next scan is about the next paper.
    shutil.copy(slips[2], hot / "3.jpg")
    assert len(list(scan(backend))) == 1
    # And if the rest of it comes one day, so does the page.
    (hot / "1 của ông A.jpg").write_bytes(data)
    (page,) = scan(backend)
    assert page.encoded == data


def test_a_file_that_never_rests_ends_too(hot, slips):
    shutil.copy(slips[0], hot / "1.jpg")
    shutil.copy(slips[1], hot / "2.jpg")
    stop = threading.Event()

    def touch() -> None:
        count = 0
        while not stop.wait(0.01):
            count += 1
            os.utime(hot / "1.jpg", (count, count))

    thread = threading.Thread(target=touch)
    thread.start()
    pages: list[PageImage] = []
    error = fault_after(pages, scan(backend_of(hot, settle_s=0.3, patience_s=0.6)))
    stop.set()
    thread.join()
    assert error.fault is ScanFault.TRUNCATED
    assert [page.encoded for page in pages] == [slips[1].read_bytes()]
    assert present(hot) == {"1.jpg"}


def test_what_is_wrong_for_good_is_not_waited_for(hot, slips):
    (hot / "1.pdf").write_bytes(b"%PDF-1.4\nnothing\n%%EOF\n")
    (hot / "2.jpg").write_bytes(b"only words")
    shutil.copy(slips[0], hot / "3.jpg")
    pages: list[PageImage] = []
    begun = time.monotonic()
    backend = backend_of(hot, patience_s=30)
    error = fault_after(pages, scan(backend))
    assert time.monotonic() - begun < 10
    assert len(pages) == 1
    assert (error.fault, error.facts["refused"]) == (ScanFault.UNREADABLE_FILE, 2)
    assert [left.error.fault for left in backend.refused()] == [
        ScanFault.UNREADABLE_FILE,
        ScanFault.UNSUPPORTED,
    ]
    assert present(hot) == {"1.pdf", "2.jpg"}


def test_a_file_is_put_away_when_its_last_page_was_taken_over(hot):
    tiff(hot / "1.tif", 10, 20, 30)
    tiff(hot / "2.tif", 40)
    stream = scan(backend_of(hot))
    for _ in range(3):
        next(stream)
        assert present(hot) == {"1.tif", "2.tif"}
    next(stream)
    assert present(hot) == {"2.tif"}
    assert list(stream) == []
    assert present(hot) == set()


def test_a_scan_that_was_left_goes_on_with_the_page_not_taken_over(hot):
    tiff(hot / "1.tif", 10, 20, 30, 40)
    backend = backend_of(hot)
    stream = scan(backend)
    assert greys([next(stream) for _ in range(3)]) == [10, 20, 30]
    stream.close()
    assert present(hot) == {"1.tif"}
    assert greys(list(scan(backend))) == [30, 40]
    assert present(hot / "taken") == {"1.tif"}


def test_a_page_limit_within_a_file_loses_nothing(hot):
    tiff(hot / "1.tif", 10, 20, 30, 40, 50)
    tiff(hot / "2.tif", 60)
    backend = backend_of(hot)
    taken = [greys(list(scan(backend, page_limit=2))) for _ in range(3)]
    assert taken == [[10, 20], [30, 40], [50, 60]]
    assert present(hot) == set()


def test_from_the_glass_comes_one_page_after_the_other(hot):
    tiff(hot / "1.tif", 10, 20)
    backend = backend_of(hot)
    assert [greys(list(scan(backend, source=Source.FLATBED))) for _ in range(2)] == [[10], [20]]


def test_a_program_that_dies_before_it_kept_a_page_gets_it_again(hot, tmp_path):
    """Killed right after each page was handed out, once before and once after it was kept."""
    tiff(hot / "1.tif", 10, 20)
    code = """
import os, signal, sys
from pathlib import Path
from scanner import FolderBackend, ScanRequest, Spool
spool = Spool(Path(sys.argv[2]))
for page in FolderBackend({"MFP": Path(sys.argv[1])}, settle_s=0.05).scan("folder:MFP", ScanRequest()):
    if page.sheet == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    spool.keep(page, "folder:MFP")
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, str(hot), str(tmp_path / "spool")], cwd=ROOT, check=False, timeout=30
    )
    assert ended.returncode < 0
    assert len(Spool(tmp_path / "spool").pages()) == 1
    assert present(hot) == {"1.tif"}
    assert greys(list(scan(backend_of(hot)))) == [10, 20]


def test_two_programs_do_not_take_from_one_folder(hot, slips):
    shutil.copy(slips[0], hot)
    stream = scan(backend_of(hot))
    next(stream)
    assert fault_after([], scan(backend_of(hot))).fault is ScanFault.BUSY
    assert list(stream) == []
    assert fault_after([], scan(backend_of(hot))).fault is ScanFault.NO_DOCUMENTS


def test_a_stream_may_be_left_by_another_thread(hot, slips):
    shutil.copy(slips[0], hot)
    backend = backend_of(hot)
    stream = scan(backend)
    next(stream)
    thread = threading.Thread(target=stream.close)
    thread.start()
    thread.join()
    assert len(list(scan(backend))) == 1


def test_a_folder_where_nothing_can_be_put_away(hot, slips):
    shutil.copy(slips[0], hot / "1.jpg")
    (hot / "taken").write_bytes(b"a file where the folder should be")
    assert fault_after([], scan(backend_of(hot))).fault is ScanFault.IO


def test_a_file_that_cannot_be_put_away_does_not_come_twice(hot, slips, monkeypatch):
    shutil.copy(slips[0], hot / "1.jpg")
    backend = backend_of(hot)
    pages: list[PageImage] = []

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        assert fault_after(pages, scan(backend)).fault is ScanFault.ACCESS_DENIED
    assert len(pages) == 1
    assert fault_after([], scan(backend)).fault is ScanFault.NO_DOCUMENTS
    assert present(hot) == {"1.jpg"}


def test_a_share_that_goes_away_is_an_io_fault(hot, slips):
    shutil.copy(slips[0], hot / "1.jpg")
    stream = scan(backend_of(hot))
    next(stream)
    hot.rename(hot.parent / "gone")
    assert fault_after([], stream).fault is ScanFault.IO


def test_a_file_that_somebody_takes_away_is_none(hot, slips, monkeypatch):
    shutil.copy(slips[0], hot / "1.jpg")
    shutil.copy(slips[1], hot / "2.jpg")
    ready = Watch.look

    def look(self):
        found = ready(self)
        if found and time.monotonic() - found[0].changed_at >= SETTLE:
            (hot / "1.jpg").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Watch, "look", look)
    (page,) = scan(backend_of(hot))
    assert page.encoded == slips[1].read_bytes()


def test_a_file_that_is_written_over_while_its_pages_are_taken_stays(hot):
    tiff(hot / "1.tif", 10, 20)
    backend = backend_of(hot)
    stream = scan(backend)
    assert greys([next(stream), next(stream)]) == [10, 20]
    (hot / "1.tif").unlink()
    tiff(hot / "1.tif", 70)
    assert greys(list(stream)) == [70]
    assert present(hot / "taken") == {"1.tif"}


def test_waiting_is_heard_when_it_is_stopped(hot):
    begun = time.monotonic()
    stream = backend_of(hot, patience_s=60).scan(
        DEVICE, ScanRequest(), lambda: time.monotonic() - begun > 0.2
    )
    assert fault_after([], stream).fault is ScanFault.CANCELLED
    assert time.monotonic() - begun < 3


def test_pdf_and_tiff_come_through_the_folder(hot):
    out = io.BytesIO()
    Image.new("L", (1654, 2339), 128).save(out, "PDF", resolution=200)
    (hot / "b.pdf").write_bytes(out.getvalue())
    tiff(hot / "a.tiff", 10, 20)
    pages = list(scan(backend_of(hot)))
    assert greys(pages) == [10, 20, 128]
    assert [page.sheet for page in pages] == [1, 2, 3]
    assert pages[2].dpi == 200
    assert pages[2].encoded is not None
    assert present(hot / "taken") == {"a.tiff", "b.pdf"}


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_names_have_an_order(names):
    ordered = sorted(names, key=natural_order)
    assert sorted(ordered) == sorted(names)


def test_numbers_in_names_count_as_numbers():
    names = ["trang 10", "trang 2", "trang ٣٠", "trang 11b", "Trang 11", "trang 1"]
    ordered = ["trang 1", "trang 2", "trang 10", "Trang 11", "trang 11b", "trang ٣٠"]
    assert sorted(names, key=natural_order) == ordered
