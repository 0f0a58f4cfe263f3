"""A shared folder: a drive of the network, an SFTP mount, a USB stick (thư mục dùng chung).

The folder carries a mark that an administrator put there (`prepare_share`), so that an empty mount point is
never taken for it. A package is copied to a hidden name, read back by its hash, and only then given its own.
`receipts/` and `verdicts/` are where the receiving side answers.
"""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sync.connectors.contract import Acknowledgement, Errand, Greeting
from sync.delivery import opened_package
from sync.durable import durable_file, no_space, sync_folder
from sync.errors import Fault, SyncError
from sync.pace import Pace
from sync.package import Package
from sync.receipt import Receipt
from sync.submission_id import is_submission_id
from sync.verdict import Verdict

MARK = "sohoa-share.json"
PACKAGES, RECEIPTS, VERDICTS = "packages", "receipts", "verdicts"

_BLOCK = 256 * 1024
_LARGEST_ANSWER = 1024 * 1024
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def prepare_share(folder: Path) -> None:
    """Mark a folder as the one that packages are put into. Raises SyncError."""
    with share_faults():
        for name in (PACKAGES, RECEIPTS, VERDICTS):
            (folder / name).mkdir(exist_ok=True)
        if not (folder / MARK).is_file():
            with durable_file(folder / MARK) as stream:
                stream.write(json.dumps({"sohoa": "share", "version": 1}).encode())


class FolderConnector:
    """Puts packages into a marked folder."""

    system = "folder"

    def __init__(self, folder: Path, *, pace: Pace | None = None) -> None:
        self._folder = folder
        self._pace = pace or Pace()

    def greet(self, *, stopped: Callable[[], bool] = lambda: False) -> Greeting:  # noqa: ARG002
        """Look for the mark. Raises SyncError(sync.not-mounted)."""
        self._require_mark()
        return Greeting(str(self._folder.name))

    def deliver(self, package: Package, errand: Errand) -> Acknowledgement:
        """Copy the package there, going on behind what an earlier pass left, and see it back by its hash."""
        self._require_mark()
        final = package_path(self._folder, package.submission_id)
        with share_faults():
            if final.exists():
                if sha256_of(final, errand) != package.sha256:
                    raise SyncError(Fault.CONFLICT)
            else:
                self._copy(package, final, errand)
        errand.report(package.bytes, package.bytes)
        receipt = receipt_in(self._folder, package.submission_id)
        if receipt is not None:
            return Acknowledgement.of(receipt)
        return Acknowledgement(
            system=self.system,
            submission_id=package.submission_id,
            package_sha256=package.sha256,
            package_bytes=package.bytes,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            references=(final.name,),
        )

    def verdicts(
        self,
        submission_ids: Sequence[str],
        *,
        stopped: Callable[[], bool] = lambda: False,  # noqa: ARG002
    ) -> list[Verdict]:
        """What the receiving side has put into `verdicts/`."""
        self._require_mark()
        found = []
        for one in submission_ids:
            text = _small(self._folder / VERDICTS / f"{_checked(one)}.json")
            if text is not None:
                found.append(_verdict(text))
        return [verdict for verdict in found if verdict.submission_id in submission_ids]

    def close(self) -> None:
        """Nothing is kept open."""

    def _require_mark(self) -> None:
        with share_faults():
            if not (self._folder / MARK).is_file():
                raise SyncError(Fault.NOT_MOUNTED)

    def _copy(self, package: Package, final: Path, errand: Errand) -> None:
        part = final.with_name(f".{package.submission_id}.part")
        with opened_package(package) as source, part.open("a+b") as target:
            at = _common(source, target, errand)
            target.truncate(at)
            source.seek(at)
            while block := source.read(_BLOCK):
                errand.report(at, package.bytes)
                errand.check()
                self._pace.take(len(block), moved=errand.check)
                target.write(block)
                at += len(block)
            target.flush()
            os.fsync(target.fileno())
        if sha256_of(part, errand) != package.sha256:
            part.unlink()
            raise SyncError(Fault.SERVER_HASH_DIFFERS)
        part.replace(final)
        sync_folder(final.parent)


def package_path(folder: Path, submission_id: str) -> Path:
    """Where a package lies in a marked folder."""
    return folder / PACKAGES / f"{_checked(submission_id)}.zip"


def receipt_in(folder: Path, submission_id: str) -> Receipt | None:
    """The receipt that was brought back, as it lies there. Raises SyncError(sync.receipt-forged)."""
    text = _small(folder / RECEIPTS / f"{_checked(submission_id)}.json")
    return None if text is None else Receipt.from_json(text)


def put_receipt(folder: Path, receipt: Receipt) -> None:
    """Lay a receipt beside the packages, for their own station to take home."""
    with (
        share_faults(),
        durable_file(folder / RECEIPTS / f"{_checked(receipt.submission_id)}.json") as stream,
    ):
        stream.write(receipt.to_json().encode())


def sha256_of(path: Path, errand: Errand) -> str:
    """The SHA-256 of a file on the share, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            errand.check()
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def share_faults() -> Iterator[None]:
    """Turn what a share refuses into SyncError: not there, no space, not allowed."""
    try:
        yield
    except OSError as error:
        if no_space(error):
            raise SyncError(Fault.DISK_FULL_SERVER) from error
        if error.errno in _FORBIDDEN:
            raise SyncError(Fault.UNAUTHORISED, errno=error.errno or 0) from error
        raise SyncError(Fault.NOT_MOUNTED, errno=error.errno or 0) from error


def _common(source: BinaryIO, target: BinaryIO, errand: Errand) -> int:
    """How many bytes of an earlier copy are those of the package, in whole blocks."""
    source.seek(0)
    target.seek(0)
    at = 0
    while (block := source.read(_BLOCK)) and target.read(len(block)) == block:
        errand.check()
        at += len(block)
    return at


def _small(path: Path) -> bytes | None:
    with share_faults():
        with suppress(FileNotFoundError), path.open("rb") as stream:
            return stream.read(_LARGEST_ANSWER)
        return None


def _verdict(text: bytes) -> Verdict:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SyncError(Fault.SERVER_FAULT, reason="verdict") from error
    if not isinstance(value, dict):
        raise SyncError(Fault.SERVER_FAULT, reason="verdict")
    return Verdict.from_plain(value)


def _checked(submission_id: str) -> str:
    if not is_submission_id(submission_id):
        raise SyncError(Fault.NAME_REFUSED, reason="submission")
    return submission_id
