"""A station at work on a disk that may lose power: it says aloud what it has acknowledged, on that very disk.

Pages are kept, dossiers sealed and delivered; after each the station writes a small file `said-…`, whose
place in the disk's log tells when it was said. `careless` sets what a careless program would set.
"""

import hashlib
import json
import sys
from itertools import count
from pathlib import Path

import station

from app.domain.page import Page
from app.store import Store, database
from app.workflow.deliver import deliver
from app.workflow.happenings import tell_nobody
from app.workflow.seal import seal


def work(disk: Path, url: str, dossiers: int) -> None:
    """The work of a morning."""
    folder = disk / "station"
    numbers = count(1)

    def acknowledge(**what: str) -> None:
        (disk / f"said-{next(numbers)}").write_text(json.dumps(what))

    station.make_dossiers(folder, dossiers, 20_000)
    with Store(folder) as store, store.work_lock():
        at_work = station.station_of(store, url)
        for number in range(1, dossiers + 1):
            dossier = f"D{number}"
            scan = f"scan {number}".encode() * 500
            blob = store.blobs.put(scan)
            with store.transaction():
                store.dossiers.save_page(
                    Page(f"S{number}", dossier, 2, blob, 300, 1, 1, 2, 1, "", place=None)
                )
                at_work.note("page", dossier, number=2)
            acknowledge(what="page", page=f"S{number}", blob=hashlib.sha256(scan).hexdigest())
            entry = seal(at_work, dossier)
            acknowledge(what="sealed", submission=entry.submission_id, package=entry.package)
            receipt = deliver(at_work, entry.submission_id, stopped=lambda: False, tell=tell_nobody)
            acknowledge(what="delivered", submission=entry.submission_id, receipt=receipt.to_json())


if __name__ == "__main__":
    if sys.argv[4:] == ["careless"]:
        careful, careless = "synchronous=FULL", "synchronous=NORMAL"
        database._PRAGMAS = tuple(text.replace(careful, careless) for text in database._PRAGMAS)
    work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
