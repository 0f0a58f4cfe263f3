"""Two programs at one data folder: one works, the other looks, and neither harms the other."""

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path

from app.store import Blobs, Store

SPAWN = multiprocessing.get_context("spawn")


def _open(folder: Path, barrier: Event, done: "multiprocessing.SimpleQueue[str]") -> None:
    barrier.wait(20)
    try:
        Store(folder).close()
    except Exception as error:
        done.put(repr(error))
    else:
        done.put("ok")


def test_two_first_starts_at_once(tmp_path: Path) -> None:
    for attempt in range(4):
        barrier, done = SPAWN.Event(), SPAWN.SimpleQueue()
        folder = tmp_path / str(attempt)
        both = [SPAWN.Process(target=_open, args=(folder, barrier, done)) for _ in range(3)]
        for one in both:
            one.start()
        barrier.set()
        assert [done.get() for _ in both] == ["ok"] * 3
        for one in both:
            one.join(10)


def _look(folder: Path, stop: Event) -> None:
    while not stop.is_set():
        Store(folder).close()


def test_looking_takes_nothing_from_one_who_writes(tmp_path: Path) -> None:
    Store(tmp_path).close()
    stop = SPAWN.Event()
    looker = SPAWN.Process(target=_look, args=(tmp_path, stop))
    looker.start()
    blobs = Blobs(tmp_path / "blobs")
    names = [blobs.put(f"page {number}".encode() * 1000) for number in range(150)]
    stop.set()
    looker.join(20)
    assert all(blobs.has(name) for name in names)


def test_data_is_for_this_account_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with Store(folder) as store:
        store.next_number("x")
        for place in (folder, folder.parent):
            assert place.stat().st_mode & 0o077 == 0
        for file in folder.glob("sohoa.db*"):
            assert file.stat().st_mode & 0o077 == 0, file
