"""The power goes at any moment: what a clerk was told is kept is there, also without the database."""

import contextlib
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import StationError
from app.domain.states import Synchronisation
from app.store import Store, verify_chain
from app.store.rebuilding import DATABASE
from sync.server import IntakeThread

from .conftest import ENVIRONMENT, HERE, ROOT
from .forgetful_disk import Disk, Step

CUTS = int(os.environ.get("SOHOA_POWER_CUTS", "200"))
DOSSIERS = 5


@dataclass(frozen=True)
class Morning:
    """The log of a disk on which a station worked."""

    steps: list[Step]

    def said(self) -> list[tuple[int, dict[str, Any]]]:
        """What was acknowledged, each with the step at which it was."""
        files = {s[3] for s in self.steps if s[0] == "create" and s[2].startswith("said-")}
        return [
            (number, json.loads(step[3]))
            for number, step in enumerate(self.steps)
            if step[0] == "write" and step[1] in files
        ]


@pytest.fixture
def morning(folder: Path, intake: IntakeThread) -> Callable[..., Morning]:
    """Let a station work on a forgetful disk, and return the disk's log."""
    if not Path("/dev/fuse").exists() or shutil.which("fusermount3") is None:
        pytest.skip("no file systems in user space: fuse3 is missing")

    def let(*options: str) -> Morning:
        disk, log = folder / "disk", folder / "log"
        disk.mkdir(exist_ok=True)
        with _mounted(disk, log):
            subprocess.run(
                [sys.executable, HERE / "acknowledging.py", disk, intake.url, str(DOSSIERS), *options],
                cwd=ROOT,
                env=ENVIRONMENT,
                check=True,
                timeout=120,
            )
        return Morning(pickle.loads(log.read_bytes()))  # noqa: S301 - written by ourselves a second ago

    return let


@contextlib.contextmanager
def _mounted(disk: Path, log: Path) -> Iterator[None]:
    server = subprocess.Popen(
        [sys.executable, str(HERE / "forgetful_disk.py"), str(disk), str(log)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        until = time.monotonic() + 20
        while not os.path.ismount(disk):
            if server.poll() is not None or time.monotonic() > until:
                assert server.stderr is not None
                pytest.skip(f"may not mount: {server.stderr.read().decode()[-200:]}")
            time.sleep(0.02)
        yield
    finally:
        subprocess.run(["fusermount3", "-u", str(disk)], check=False, capture_output=True)
        server.communicate(timeout=20)


def _lost(folder: Path, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was acknowledged and is not in this data folder."""
    lost = []
    with Store(folder) as store:
        verify_chain(store.audit.rows(), store.audit.head())
        for item in said:
            try:
                kept = _is_kept(store, item)
            except (KeyError, StationError):
                kept = False
            if not kept:
                lost.append(item)
    return lost


def _is_kept(store: Store, item: dict[str, Any]) -> bool:
    if item["what"] == "page":
        store.blobs.check(item["blob"])
        return store.dossiers.page(item["page"]).original == item["blob"]
    entry = store.outbox.get(item["submission"])
    if item["what"] == "sealed":
        store.blobs.check(item["package"])
        return entry.package == item["package"]
    return entry.receipt == item["receipt"] and entry.state is Synchronisation.DELIVERED


def _cut_everywhere(morning: Morning, folder: Path, cuts: int) -> list[dict[str, Any]]:
    """Cut the power at so many steps, look at what is left, and return what was lost."""
    said = morning.said()
    first = said[0][0] - 40
    places = sorted({first + (number * (len(morning.steps) - first)) // cuts for number in range(cuts)})
    assert len(places) == cuts
    disk = Disk()
    played = 0
    lost: list[dict[str, Any]] = []
    for number, place in enumerate(places):
        while played < place:
            disk.apply(morning.steps[played])
            played += 1
        left = folder / "left"
        # Every second cut leaves some of what was never made durable, in some combination.
        disk.leave(left, random.Random(number) if number % 2 else None)
        acknowledged = [item for step, item in said if step < place]
        lost += _lost(left / "station", acknowledged)
        if number % 4 == 0:  # and the database itself is gone as well
            for path in (left / "station").glob(f"{DATABASE}*"):
                path.unlink()
            lost += _lost(left / "station", acknowledged)
        shutil.rmtree(left)
    return lost


def test_two_hundred_power_cuts_lose_nothing_that_was_acknowledged(
    morning: Callable[..., Morning], folder: Path
) -> None:
    worked = morning()
    assert len(worked.said()) == 3 * DOSSIERS
    assert _cut_everywhere(worked, folder, CUTS) == []


def test_the_same_cuts_find_a_careless_setting(morning: Callable[..., Morning], folder: Path) -> None:
    """`synchronous=NORMAL` in WAL mode forgets commits: a suite that does not see that sees nothing."""
    assert _cut_everywhere(morning("careless"), folder, 40) != []


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_the_power_goes_at_every_single_step(morning: Callable[..., Morning], folder: Path) -> None:
    worked = morning()
    steps = len(worked.steps) - worked.said()[0][0] + 40
    assert _cut_everywhere(worked, folder, steps) == []
