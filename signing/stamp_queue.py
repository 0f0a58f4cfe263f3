"""Documents that wait for their time stamp (hàng đợi dấu thời gian).

The Government's service has needed from 2 to 131 seconds for an answer and has failed now and then. A
signature doesn't wait for it: the document goes out at B-B, stands here, and is stamped when the line is
back. A document leaves the queue only when its time stamp was checked.
"""

import hashlib
import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from signing.assurance import Assurance
from signing.durable import sweep, sync_folder, write_bytes
from signing.errors import SigningError, SigningFault
from signing.level import Level
from signing.longterm import ExtendedResult, extend_pdf
from signing.timestamps import Stamps

_log = logging.getLogger(__name__)
_AT_ONCE = 4
_FIRST_WAIT_S = 5.0
_LONGEST_WAIT_S = 900.0
_FOR_NOW = {
    SigningFault.TSA_AWAY,
    SigningFault.TSA_REFUSED,
    SigningFault.EVIDENCE_MISSING,
    SigningFault.FILE_CHANGED,
    SigningFault.DISK_FULL,
    SigningFault.WRITE_FAILED,
}
"""Faults that another try may not meet."""


@dataclass(frozen=True)
class Owed:
    """A document that is below its level: how often that was tried, when next (Unix seconds), the last fault.

    `stuck` is one that no further try can help: its file is gone or broken.
    """

    pdf: str
    level: str
    tries: int = 0
    due: float = 0.0
    fault: str = ""
    stuck: bool = False


@dataclass
class StampQueue:
    """The queue in `folder`, a file a document, safe from a kill at any moment.

    `clock` gives Unix seconds and `pause` waits so many of them; tests bring their own. One program works
    through a folder at a time.
    """

    folder: Path
    stamps: Stamps
    assurance: Assurance
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    at_once: int = _AT_ONCE

    def owe(self, pdf: Path, level: Level) -> None:
        """Enter a document; it is on disk when this returns. A second entry for it replaces the first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(Owed(str(pdf.resolve()), level.value))

    def owed(self) -> tuple[Owed, ...]:
        """Every document that waits, those due first."""
        entries = [entry for file in self.folder.glob("*.json") if (entry := _entry_in(file))]
        return tuple(sorted(entries, key=lambda entry: (entry.due, entry.pdf)))

    def run(
        self,
        *,
        until_done: bool = False,
        stopped: Callable[[], bool] = lambda: False,
        report: Callable[[ExtendedResult], None] = lambda _result: None,
    ) -> int:
        """Stamp what is due, four at once; how many were stamped.

        With `until_done` it goes on until nothing is owed but what is stuck. A fault of the line costs a
        wait that doubles, up to a quarter of an hour, with some chance in it. Nothing is raised for a
        document: `owed` tells its fault. Where another program works on this folder, returns 0 at once.
        """
        with self._alone() as alone:
            if not alone:
                return 0
            done = 0
            with ThreadPoolExecutor(self.at_once, thread_name_prefix="stamp") as pool:
                running: dict[Future[ExtendedResult | None], Owed] = {}
                while not stopped():
                    waiting = [one for one in self.owed() if not one.stuck and one not in running.values()]
                    due = [one for one in waiting if one.due <= self.clock()]
                    for entry in due[: self.at_once - len(running)]:
                        running[pool.submit(self._stamp, entry)] = entry
                    if running:
                        finished, _ = wait(running, return_when=FIRST_COMPLETED)
                        for future in finished:
                            del running[future]
                            done += _told(future, report)
                    elif waiting and until_done:
                        self.pause(max(waiting[0].due - self.clock(), 0.05))
                    else:
                        break
                done += sum(_told(future, report) for future in running)
            return done

    def _stamp(self, entry: Owed) -> ExtendedResult | None:
        pdf = Path(entry.pdf)
        try:
            result = extend_pdf(pdf, pdf, Level(entry.level), timestamp=self.stamps, assurance=self.assurance)
        except SigningError as error:
            _log.info("a document is still without its time stamp: %s", error.code)
            self._write(self._later(entry, error))
            return None
        self._file_of(entry).unlink(missing_ok=True)
        sync_folder(self.folder)
        return result

    def _later(self, entry: Owed, error: SigningError) -> Owed:
        tries = entry.tries + 1
        longest = min(_FIRST_WAIT_S * 2 ** min(tries, 16), _LONGEST_WAIT_S)
        pause = longest * (0.5 + random.random() / 2)  # noqa: S311 - no secret
        return replace(
            entry,
            tries=tries,
            due=self.clock() + pause,
            fault=error.code,
            stuck=error.fault not in _FOR_NOW,
        )

    def _write(self, entry: Owed) -> None:
        write_bytes(self._file_of(entry), json.dumps(asdict(entry)).encode(), mode=0o600)

    def _file_of(self, entry: Owed) -> Path:
        return self.folder / f"{hashlib.sha256(entry.pdf.encode()).hexdigest()[:32]}.json"

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            sweep(self.folder)
            yield True
        finally:
            lock.release()


def _told(future: Future[ExtendedResult | None], report: Callable[[ExtendedResult], None]) -> int:
    """Report a finished document; 1 when it was stamped."""
    result = future.result()
    if result is None:
        return 0
    report(result)
    return 1


def _entry_in(file: Path) -> Owed | None:
    """The entry, or None for a file that is gone or isn't one."""
    try:
        told = json.loads(file.read_bytes())
        return Owed(**{**told, "level": Level(told["level"]).value})
    except (OSError, ValueError, TypeError, KeyError):
        return None
