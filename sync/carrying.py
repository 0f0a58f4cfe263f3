"""Packages carried on a drive: sealed here, delivered from another machine, receipts brought home (qua USB).

The drive is a marked folder as the folder connector fills it. A courier, any workstation with a line or the
server's own machine, delivers each package as it lies and puts the signed receipt beside it.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sync.connectors.contract import Acknowledgement, Connector, Errand
from sync.connectors.folder import (
    MARK,
    PACKAGES,
    RECEIPTS,
    VERDICTS,
    put_receipt,
    receipt_in,
    share_faults,
)
from sync.durable import durable_file
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.package_reading import open_package
from sync.receipt import Receipt
from sync.submission_id import is_submission_id

_PROGRESS = ".progress.json"
_LONGEST_KEY = 4096


@dataclass(frozen=True)
class Carried:
    """One package on a drive: delivered with this receipt, or not, for this reason."""

    submission_id: str
    receipt: Receipt | None
    error: SyncError | None = None


def carried_ids(drive: Path) -> list[str]:
    """The submissions whose packages lie on the drive. Raises SyncError(sync.not-mounted)."""
    with share_faults():
        if not (drive / MARK).is_file():
            raise SyncError(Fault.NOT_MOUNTED)
        names = sorted(path.stem for path in (drive / PACKAGES).glob("*.zip"))
    return [name for name in names if is_submission_id(name)]


def carry(
    drive: Path,
    connector: Connector,
    *,
    report: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Carried]:
    """Deliver each package of the drive that has no receipt yet, and yield what became of it.

    Every byte is checked before the first leaves; a fault of the line ends the round, a fault of one package
    does not. What was begun goes on where it stopped, also from another machine.
    """
    progress = _Progress(drive)
    for submission_id in carried_ids(drive):
        if stopped():
            return
        if receipt_in(drive, submission_id) is not None:
            continue
        try:
            errand = Errand(
                resume=progress.of(submission_id),
                remember=partial(progress.note, submission_id),
                report=report,
                stopped=stopped,
            )
            acknowledged, key = _deliver(drive, submission_id, connector, errand)
        except SyncError as error:
            yield Carried(submission_id, None, error)
            if error.of_the_line or error.fault is Fault.CANCELLED:
                return
            continue
        if acknowledged.receipt is None:
            yield Carried(submission_id, None, SyncError(Fault.RECEIPT_FORGED, reason="unsigned"))
            continue
        if key is not None:
            put_key(drive, acknowledged.receipt.key_id, key)
        put_receipt(drive, acknowledged.receipt)
        progress.forget(submission_id)
        yield Carried(submission_id, acknowledged.receipt)


def receipts_on(drive: Path) -> dict[str, Receipt]:
    """The receipts that came back on the drive, unchecked; files that are none are left alone."""
    with share_faults():
        if not (drive / MARK).is_file():
            raise SyncError(Fault.NOT_MOUNTED)
        names = sorted(path.stem for path in (drive / RECEIPTS).glob("*.json"))
    found = {}
    for name in names:
        if is_submission_id(name):
            try:
                receipt = receipt_in(drive, name)
            except SyncError:
                continue
            if receipt is not None and receipt.submission_id == name:
                found[name] = receipt
    return found


def put_key(drive: Path, key_id: str, pem: bytes) -> None:
    """Lay the server's public key beside its receipts: a station without a line has never seen it."""
    with share_faults(), durable_file(drive / RECEIPTS / f"{_hex(key_id)}.pem") as stream:
        stream.write(pem)


def key_on(drive: Path, key_id: str) -> bytes | None:
    """The public key (PEM) of this id that came along on the drive; whether to believe it is the caller's."""
    with share_faults():
        path = drive / RECEIPTS / f"{_hex(key_id)}.pem"
        return path.read_bytes()[:_LONGEST_KEY] if path.is_file() else None


def _hex(key_id: str) -> str:
    if re.fullmatch(r"[0-9a-f]{1,64}", key_id) is None:
        raise SyncError(Fault.RECEIPT_FORGED, reason="key-id")
    return key_id


def _deliver(
    drive: Path,
    submission_id: str,
    connector: Connector,
    errand: Errand,
) -> tuple[Acknowledgement, bytes | None]:
    path = drive / PACKAGES / f"{submission_id}.zip"
    contents = open_package(path)
    if contents.submission_id != submission_id:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="submission")
    package: Package = contents.package
    key = connector.greet(stopped=errand.stopped).receipt_key_pem
    acknowledged = connector.deliver(package, errand)
    acknowledged.verify(package, key)
    return acknowledged, key


class _Progress:
    """How far each upload is, kept on the drive beside the verdicts; lost, it costs only bytes sent again."""

    def __init__(self, drive: Path) -> None:
        self._path = drive / VERDICTS / _PROGRESS
        self._states: dict[str, str] = {}
        try:
            value = json.loads(self._path.read_text("utf-8"))
            self._states = {str(key): str(state) for key, state in value.items()}
        except (OSError, ValueError, AttributeError):
            self._states = {}

    def of(self, submission_id: str) -> str | None:
        return self._states.get(submission_id)

    def note(self, submission_id: str, state: str) -> None:
        self._states[submission_id] = state
        self._write()

    def forget(self, submission_id: str) -> None:
        if self._states.pop(submission_id, None) is not None:
            self._write()

    def _write(self) -> None:
        with share_faults(), durable_file(self._path) as stream:
            stream.write(json.dumps(self._states, sort_keys=True).encode())
