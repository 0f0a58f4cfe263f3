"""kill -9 anywhere in the main job, start again: nothing lost, nothing sent twice."""

import os
import random
import signal
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import sync
from app.domain.states import Synchronisation
from app.store import Store, verify_chain

Program = Any

IMAGES = 8
KILLS = int(os.environ.get("SOHOA_KILL_POINTS", "20"))
SEED = int(os.environ.get("SOHOA_KILL_SEED", "1469"))


def kill_after(sohoa: Program, folder: Path, seconds: float) -> bool:
    """Runs the main job and kills the program alone with SIGKILL; True if it came to its end before."""
    with sohoa.start("demo", "--out", folder) as process:
        with suppress(TimeoutError):
            _wait(process, seconds)
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.stderr.close()
    return ended and process.returncode == 0


def _wait(process: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.01)


def check_what_is_kept(folder: Path) -> int:
    """Every page that was ever committed is there, whole and in order; returns how many there are."""
    if not (folder / "sohoa.db").is_file():
        return 0
    with Store(folder) as store:
        verify_chain(store.audit.rows(), store.audit.head())
        rows = store.audit.rows()
        announced = [(row.subject, row.details) for row in rows if row.action == "page"]
        dossiers = {row.subject for row in rows if row.action == "received"}
        kept = 0
        for dossier in dossiers:
            pages = store.dossiers.pages(dossier)
            assert [page.number for page in pages] == list(range(1, len(pages) + 1))
            for page in pages:
                store.blobs.read(page.original)
            kept += len(pages)
        assert len(announced) == kept
        assert len(store.dossiers.unfinished()) <= 1
    return kept


@pytest.mark.timeout(400)
def test_twenty_kills_lose_and_repeat_nothing(sohoa: Program, tmp_path: Path) -> None:
    folder = tmp_path / "training"
    chance = random.Random(SEED)
    before = 0
    struck = set()
    for _ in range(KILLS):
        kill_after(sohoa, folder, chance.uniform(0.3, 7.0))
        now = check_what_is_kept(folder)
        assert now >= before
        before = now
        struck.add(last_action(folder))
    assert len(struck) >= 4, struck  # the kills fell into different steps of the way
    finished = sohoa("demo", "--out", folder, "--json")
    assert finished.code == 0, finished.err
    check_the_end(folder)
    assert no_process_is_left(folder)


def last_action(folder: Path) -> str:
    """What the program had just done when it was killed."""
    if not (folder / "sohoa.db").is_file():
        return "nothing"
    with Store(folder) as store:
        rows = store.audit.rows()
    return rows[-1].action if rows else "nothing"


def check_the_end(folder: Path) -> None:
    """Each dossier stands once at the server with all its pages, and its bytes are those kept here."""
    with Store(folder) as store:
        entries = store.outbox.entries()
        assert entries
        assert all(entry.state is Synchronisation.DELIVERED for entry in entries)
        assert not store.dossiers.unfinished()
        codes = []
        for entry in entries:
            assert len(store.dossiers.pages(entry.dossier_id)) == IMAGES
            package = sync.open_package(store.blobs.path(entry.package))
            assert package.submission_id == entry.submission_id
            codes += [component.code for component in store.dossiers.components(entry.dossier_id)]
        assert len(set(codes)) == len(codes) == 3 * len(entries)
        mine = {entry.submission_id: entry.package for entry in entries}
    assert server_rows(folder) == mine


def server_rows(folder: Path) -> dict[str, str]:
    """What the intake has accepted: submission id and hash of the package."""
    connection = sqlite3.connect(folder / "intake" / "intake.sqlite")
    rows = connection.execute("SELECT id, package_sha256 FROM submissions").fetchall()
    connection.close()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def no_process_is_left(folder: Path) -> bool:
    """No server or scanner process of ours outlives the program."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not any(str(folder) in _command(process) for process in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.1)
    return False


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
