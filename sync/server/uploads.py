"""Uploads on disk: what is acknowledged is durable, and what is not durable is not acknowledged.

The ledger holds how many bytes count; the file may hold more after a crash, and then the surplus goes.
All of this blocks, and is called from threads.
"""

import contextlib
import logging
import os
import re
import shutil
import time
import zlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from sync.durable import sync_folder
from sync.server.accounts import ANYBODY, Account
from sync.server.ledger import Ledger
from sync.server.records import Upload
from sync.server.refusal import Refusal
from sync.server.settings import VIETNAM, Limits
from sync.submission_id import new_submission_id

logger = logging.getLogger(__name__)

_SLOTS_FREE_S = 600
_PIECE = 256 * 1024
_WRITERS = 8
_UPLOAD_ID = re.compile(r"[0-9A-Z]{26}")


class Uploads:
    """The uploads of one intake: rows in the ledger, bytes in `folder`."""

    def __init__(self, folder: Path, ledger: Ledger, limits: Limits) -> None:
        self._folder = folder
        self._ledger = ledger
        self._limits = limits
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="intake-rows")

    def create(
        self, *, length: int, submission_id: str, package_sha256: str, account: Account = ANYBODY
    ) -> Upload:
        """Begin an upload of `length` bytes. Raises Refusal 413, 429 or 507."""
        quota = self._limits.quota(account)
        largest = min(self._limits.max_bytes, quota.bytes_per_day)
        if length > largest:
            raise Refusal(413, "too-large", facts={"max_bytes": largest})
        self.require_space(length)
        upload = Upload(
            id=new_submission_id(),
            submission_id=submission_id,
            package_sha256=package_sha256,
            station=account.name,
            length=length,
            held=0,
            expires_at=self._expiry(),
        )
        self.path(upload.id).touch(mode=0o600, exist_ok=False)
        now = datetime.now(VIETNAM)
        try:
            sync_folder(self._folder)
            self._ledger.add_upload(upload, quota, now.date().isoformat())
        except Refusal as refusal:
            self.discard_bytes(upload.id)
            wait = _SLOTS_FREE_S if refusal.reason == "quota-uploads" else _seconds_to_midnight(now)
            refusal.headers["Retry-After"] = str(wait)
            raise
        except BaseException:
            self.discard_bytes(upload.id)
            raise
        return upload

    def find(self, upload_id: str, station: str) -> Upload:
        """Return the upload with the number of bytes that are truly there.

        Raises Refusal 404 for one that is unknown or another station's, 410 for one that lapsed.
        """
        upload = self._ledger.upload(upload_id) if _UPLOAD_ID.fullmatch(upload_id) else None
        if upload is None or upload.station != station:
            raise Refusal(404, "upload-unknown")
        if upload.expires_at < time.time():
            raise Refusal(410, "upload-expired")
        return self._truthful(upload)

    def _truthful(self, upload: Upload) -> Upload:
        try:
            there = self.path(upload.id).stat().st_size
        except FileNotFoundError as error:
            self._ledger.drop_upload(upload.id)
            raise Refusal(404, "upload-unknown") from error
        if there >= upload.held:
            return upload
        logger.error("an upload file is shorter than was acknowledged")
        return self._ledger.hold(upload, there, upload.expires_at)

    def remove(self, upload_id: str) -> None:
        """Forget an upload and its bytes."""
        self._ledger.drop_upload(upload_id)
        self.discard_bytes(upload_id)

    def discard_bytes(self, upload_id: str) -> None:
        """Remove the file of an upload that no row speaks of any more."""
        self.path(upload_id).unlink(missing_ok=True)

    def sweep(self, now: float) -> int:
        """Remove lapsed uploads and files that no row speaks of; return how many."""
        lapsed = self._ledger.expired_uploads(int(now))
        for upload_id in lapsed:
            self.remove(upload_id)
        return len(lapsed)

    def recover(self) -> None:
        """Put in order what a crash left: files without a row, rows without last bytes. At the start."""
        known = {upload.id: upload for upload in self._ledger.uploads()}
        for path in self._folder.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)
        for upload in known.values():
            if upload.held > upload.last_from and self._crc(upload) != upload.last_crc:
                self._ledger.hold(upload, upload.last_from, upload.expires_at)

    def _crc(self, upload: Upload) -> int | None:
        """The CRC-32 of the bytes that came last, or None when not all of them are there."""
        try:
            with self.path(upload.id).open("rb") as stream:
                stream.seek(upload.last_from)
                left, crc = upload.held - upload.last_from, 0
                while left and (piece := stream.read(min(left, _PIECE))):
                    crc = zlib.crc32(piece, crc)
                    left -= len(piece)
        except FileNotFoundError:
            return None
        return None if left else crc

    def require_space(self, size: int) -> None:
        """Raise Refusal 507 unless `size` more bytes leave the reserve of the disk untouched."""
        if shutil.disk_usage(self._folder).free - size < self._limits.reserve_bytes:
            raise Refusal(507, "disk-full")

    def open_at(self, upload_id: str, station: str, offset: int, *, announced: int) -> "Appending":
        """Open the upload's file behind the bytes that count, for a chunk of `announced` bytes (0: unsaid).

        Raises Refusal 404, 410, 409 for another offset, 413 for a chunk that goes past the end.
        """
        upload = self.find(upload_id, station)
        if offset != upload.held:
            raise Refusal(409, "offset", headers={"Upload-Offset": str(upload.held)})
        if announced > upload.length - upload.held:
            raise Refusal(413, "past-the-end")
        return self.append(upload)

    def append(self, upload: Upload) -> "Appending":
        """Open the upload's file behind the bytes that count."""
        return Appending(self, upload)

    def path(self, upload_id: str) -> Path:
        """Return where the upload's bytes lie."""
        return self._folder / upload_id

    def hold(self, upload: Upload, held: int, crc: int) -> "Future[Upload]":
        """Begin to write down that `held` bytes count, the new ones having this CRC-32.

        The row and the bytes go to the disk side by side; both must have arrived before anyone is told.
        """
        return self._writers.submit(self._ledger.hold, upload, held, self._expiry(), crc=crc)

    def close(self) -> None:
        """End the threads that write rows."""
        self._writers.shutdown()

    def _expiry(self) -> int:
        return int(time.time() + self._limits.upload_life_s)


class Appending:
    """One chunk on its way to the disk: `write` pieces, then `keep` or `revert`. Use in `with`."""

    def __init__(self, uploads: Uploads, upload: Upload) -> None:
        self._uploads = uploads
        self.upload = upload
        self.end = upload.held
        self._crc = 0
        self._stream = uploads.path(upload.id).open("r+b", buffering=0)
        self._stream.truncate(upload.held)
        self._stream.seek(upload.held)

    def __enter__(self) -> "Appending":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def write(self, piece: bytes) -> None:
        """Append `piece`; it does not count yet. Raises Refusal 507, OSError."""
        self._uploads.require_space(len(piece))
        self._crc = zlib.crc32(piece, self._crc)
        view = memoryview(piece)
        while view:
            view = view[self._stream.write(view) :]
        self.end += len(piece)

    def keep(self) -> Upload:
        """Make everything written durable and let it count; return the upload as it now is.

        When the disk refuses to say that the bytes are safe, the upload is given up (410 from then on):
        after a failed fsync nobody knows what the file holds.
        """
        if self.end > self.upload.held:
            written = self._uploads.hold(self.upload, self.end, self._crc)
            try:
                os.fsync(self._stream.fileno())
            except OSError:
                wait([written])
                self._uploads.remove(self.upload.id)
                raise
            self.upload, self._crc = written.result(), 0
        return self.upload

    def revert(self) -> None:
        """Take back what does not count."""
        with contextlib.suppress(OSError):
            self._stream.truncate(self.upload.held)
        self._stream.seek(self.upload.held)
        self.end, self._crc = self.upload.held, 0


def _seconds_to_midnight(now: datetime) -> int:
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - now).total_seconds()))
