"""kill -9 anywhere in the main job, start again: nothing lost, nothing sent twice."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

import sync
from app.domain.states import Synchronisation
from app.store import Store, verify_chain

Program = Any

IMAGES = 8
KILLS = int(os.environ.get("SOHOA_KILL_POINTS", "20"))
MOST_EVENTS, LONGEST_S = 14, 0.6
"""A dossier writes down some thirty events on its way."""
SEED = int(os.environ.get("SOHOA_KILL_SEED", "1469"))


def kill_after(sohoa: Program, folder: Path, events: int, seconds: float) -> None:
    """Runs the main job and kills the program alone with SIGKILL.

    That is `seconds` after it has written down so many more events than stood there before, or when it
    has come to its end, so that the kills fall all along the way on a machine of any speed.
    """
    wanted = events_in(folder) + events
    with sohoa.start("demo", "--out", folder) as process:
        while process.poll() is None and events_in(folder) < wanted:
            time.sleep(0.01)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        process.stderr.close()


def events_in(folder: Path) -> int:
    """How many rows the audit chain has; 0 before there is one."""
    if not (folder / "sohoa.db").is_file():
        return 0
    with closing(sqlite3.connect(f"file:{folder / 'sohoa.db'}?mode=ro", uri=True, timeout=10)) as reader:
        try:
            return int(reader.execute("SELECT count(*) FROM audit").fetchone()[0])
        except sqlite3.OperationalError:  # killed, or looked at, before the first tables were made
            return 0


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


@pytest.mark.timeout(900)
def test_twenty_kills_lose_and_repeat_nothing(sohoa: Program, tmp_path: Path) -> None:
    folder = tmp_path / "training"
    chance = random.Random(SEED)
    before = 0
    struck = set()
    for _ in range(KILLS):
        kill_after(sohoa, folder, chance.randint(0, MOST_EVENTS), chance.uniform(0, LONGEST_S))
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
