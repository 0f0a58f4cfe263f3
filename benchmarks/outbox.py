"""How a station fares with 50,000 dossiers in its outbox: ready in how long, the next upload chosen how fast.

`python benchmarks/outbox.py [--dossiers N]` fills a store with queued dossiers, then starts the program's own
way into it in a fresh process and times: import and open until the counter's lists stand (ready), choosing
the next upload (median and worst of 200, one in ten with everybody backing off), the status line, one change
of a row, and making a deleted database anew.
"""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from app.domain.dossier import Dossier
from app.domain.outbox import OutboxEntry, Priority
from app.domain.person import Person
from app.domain.states import Digitisation, Synchronisation
from app.settings import Settings
from app.store import Store
from app.store.rebuilding import DATABASE
from app.workflow.queue import status
from app.workflow.station import Desk, vietnam_now

READY = """
import sys, time
begun = time.perf_counter()
from pathlib import Path
from app.store import Store
from app.workflow import queue, station
with Store(Path(sys.argv[1])) as store, store.work_lock():
    first = store.outbox.next_due(station.vietnam_now())
    unsent = store.outbox.unsent()
    print(time.perf_counter() - begun, unsent, first.submission_id)
    waiting = store.dossiers.unfinished(limit=200)
    print(time.perf_counter() - begun, len(waiting))
"""


def fill(folder: Path, dossiers: int) -> None:
    """Queue so many dossiers, as they would stand there: a few urgent, a third tried before."""
    now = vietnam_now()
    with Store(folder) as store:
        for start in range(0, dossiers, 5000):
            with store.transaction():
                for number in range(start, min(start + 5000, dossiers)):
                    _one(store, number, now - timedelta(seconds=dossiers - number))


def _one(store: Store, number: int, moment: datetime) -> None:
    submission = f"01{number:024d}"
    store.dossiers.save(
        Dossier(
            id=f"D{number}",
            code=f"TMP-QUAY1-{number}",
            procedure_code="1.001193",
            procedure_name="Đăng ký khai sinh",
            applicant=Person("Lò Thị Ví Dụ", "011301001234"),
            received_at=moment,
            digitisation=Digitisation.SEALED,
            synchronisation=Synchronisation.QUEUED,
            submission_id=submission,
        )
    )
    entry = OutboxEntry(
        submission_id=submission,
        dossier_id=f"D{number}",
        dossier_code=f"TMP-QUAY1-{number}",
        package=f"{number:064x}",
        package_bytes=2_000_000,
        state=Synchronisation.QUEUED,
        queued_at=moment,
        priority=Priority.URGENT if number % 5000 == 4999 else Priority.NORMAL,
    )
    store.outbox.add(entry)
    if number % 3 == 0:
        store.outbox.save(replace(entry, attempts=1, next_try_at=vietnam_now() + timedelta(minutes=10)))
    store.audit.add("sealed", f"D{number}", actor="QUAY1", at=moment)


def timed(work: Callable[[], object], times: int = 1) -> list[float]:
    """Milliseconds of each call."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        station = Path(folder) / "station"
        (filled,) = timed(lambda: fill(station, options.dossiers))
        ready, lists = [], []
        for _ in range(3):
            out = subprocess.run(
                [sys.executable, "-c", READY, str(station)], capture_output=True, text=True, check=True
            ).stdout.splitlines()
            ready.append(float(out[0].split()[0]) * 1000)
            lists.append(float(out[1].split()[0]) * 1000)
        with Store(station) as store:
            desk = Desk(store=store, settings=Settings(), intake=lambda: None)  # type: ignore[arg-type, return-value]
            now = vietnam_now()
            choosing = timed(lambda: store.outbox.next_due(now), 200)
            urgent = timed(lambda: store.outbox.next_due(now, above=Priority.NORMAL), 200)
            store._database.write(
                "UPDATE outbox SET next_try_at = ?", ((now + timedelta(minutes=5)).isoformat(),)
            )
            nobody = timed(lambda: store.outbox.next_due(now), 50)
            state = timed(lambda: status(desk), 20)
            first = store.outbox.entries(limit=1)[0]
            change = timed(lambda: store.outbox.save(replace(first, attempts=3)), 20)
        size = (station / DATABASE).stat().st_size
        for path in station.glob(f"{DATABASE}*"):
            path.unlink()
        (rebuilding,) = timed(lambda: Store(station).close())
        with Store(station) as store:
            back = store.outbox.unsent()
    figures = {
        "dossiers": options.dossiers,
        "database_mb": round(size / 1e6, 1),
        "filled_s": round(filled / 1000, 1),
        "ready_ms": [round(one) for one in ready],
        "ready_with_lists_ms": [round(one) for one in lists],
        "next_upload_ms": {"median": _middle(choosing), "worst": round(max(choosing), 2)},
        "urgent_above_ms": {"median": _middle(urgent), "worst": round(max(urgent), 2)},
        "next_upload_all_backing_off_ms": {"median": _middle(nobody), "worst": round(max(nobody), 2)},
        "status_ms": _middle(state),
        "one_change_ms": _middle(change),
        "rebuilt_ms": round(rebuilding),
        "came_back": back,
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "versions": f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    }
    print(json.dumps(figures, indent=2))


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    main()
