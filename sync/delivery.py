"""The way of one package through one pass: which upload, how far, how many breaks (một lượt gửi)."""

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

from sync.answers import facts_of, json_of, reason_of, refusal
from sync.canonical import canonical_json
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.receipt import Receipt
from sync.tus_upload import (
    ChunkSize,
    OffsetMoved,
    UploadGone,
    UploadShort,
    create_upload,
    offset_at_server,
    send_chunk,
)
from sync.upload_state import UploadState
from sync.wire import Wire

logger = logging.getLogger(__name__)

_MOST_BREAKS = 3
"""Breaks one after the other without a byte gained; then the pass is over and the queue decides."""
_MOST_UPLOADS = 3
"""Uploads begun in one pass; a server that forgets each of them is at fault."""


class Delivery:
    """The state of one pass: which upload, how far, how many breaks."""

    def __init__(
        self,
        wire: Wire,
        package: Package,
        *,
        receipt_of: Callable[[str], Receipt | None],
        remember: Callable[[UploadState], None],
        report: Callable[[int, int], None],
        give_way: Callable[[], bool],
        audit_head: str | None,
        first_chunk: int,
    ) -> None:
        self._wire = wire
        self._package = package
        self._receipt_of = receipt_of
        self._remember = remember
        self._report = report
        self._give_way = give_way
        self._audit_head = audit_head
        self._chunk = ChunkSize(first_chunk)
        self._state: UploadState | None = None

    def run(self, resume: UploadState | None) -> Receipt:
        """Send what the server lacks, commit, and return the receipt as it came. Raises SyncError."""
        self._state = self._usable(resume)
        for _ in range(_MOST_UPLOADS):
            try:
                return self._one_upload()
            except UploadShort:
                continue
            except UploadGone:
                self._state = None
                # Another sender of the same package may have finished it.
                receipt = self._receipt_of(self._package.submission_id)
                if receipt is not None:
                    return receipt
            except SyncError:
                if self._state is not None:
                    self._remember(replace(self._state, chunk_bytes=self._chunk.bytes))
                raise
        raise SyncError(Fault.SERVER_FAULT, reason="upload-forgotten")

    def _usable(self, resume: UploadState | None) -> UploadState | None:
        if resume is None or not self._wire.is_ours(resume.url):
            return None
        if resume.package_sha256 not in ("", self._package.sha256):
            return None
        self._chunk = ChunkSize(resume.chunk_bytes)
        return resume

    def _one_upload(self) -> Receipt:
        if self._state is None:
            url = create_upload(self._wire, self._package)
            offset = 0
            self._state = UploadState(
                url, 0, self._package.submission_id, self._package.sha256, self._chunk.bytes
            )
            self._remember(self._state)
        else:
            url = self._state.url
            offset = offset_at_server(self._wire, url, self._package)
        self._send(url, offset)
        return self._commit(url)

    def _send(self, url: str, offset: int) -> None:
        breaks = 0
        with opened_package(self._package) as stream:
            while offset < self._package.bytes:
                self._report(offset, self._package.bytes)
                if self._give_way():
                    raise SyncError(Fault.GAVE_WAY)
                chunk = _chunk_at(stream, offset, min(self._chunk.bytes, self._package.bytes - offset))
                before = offset
                self._chunk.begin()
                try:
                    offset = send_chunk(self._wire, url, offset, chunk)
                    self._chunk.arrived()
                except OffsetMoved as moved:
                    fault = SyncError(Fault.SERVER_FAULT, reason=str(moved))
                    offset = self._after_break(url, fault)
                except SyncError as fault:
                    if fault.fault not in (Fault.OFFLINE, Fault.TIMEOUT):
                        raise
                    offset = self._after_break(url, fault)
                breaks = 0 if offset > before else breaks + 1
                if breaks >= _MOST_BREAKS:
                    raise SyncError(Fault.SERVER_FAULT, reason="no-progress")
                self._acknowledged(offset)
        self._report(offset, self._package.bytes)

    def _after_break(self, url: str, fault: SyncError) -> int:
        """Ask the server how far it got; when it cannot be asked, the break itself is what happened."""
        self._chunk.broke()
        logger.info("upload broke off: %s", fault.code)
        try:
            return offset_at_server(self._wire, url, self._package)
        except SyncError as second:
            if second.fault in (Fault.OFFLINE, Fault.TIMEOUT):
                raise fault from second
            raise

    def _acknowledged(self, offset: int) -> None:
        if self._state is not None:
            self._state = replace(self._state, offset=offset)

    def _commit(self, url: str) -> Receipt:
        try:
            receipt = self._put(url)
        except SyncError as fault:
            if fault.fault not in (Fault.OFFLINE, Fault.TIMEOUT):
                raise
            # The answer may be lost although the commit stands: the receipt tells.
            receipt = self._receipt_of(self._package.submission_id)
            if receipt is None:
                raise
            return receipt
        receipt = receipt or self._receipt_of(self._package.submission_id)
        if receipt is None:
            raise SyncError(Fault.SERVER_FAULT, reason="no-receipt")
        return receipt

    def _put(self, url: str) -> Receipt | None:
        """Commit; the receipt where the answer itself is one, as a courier's station would not find it."""
        body = canonical_json(
            {
                "package_sha256": self._package.sha256,
                "bytes": self._package.bytes,
                "upload": url,
                "audit_head": self._audit_head or "",
            }
        )
        target = self._wire.address(f"submissions/{self._package.submission_id}")
        answer = self._wire.exchange("PUT", target, headers={"Content-Type": "application/json"}, body=body)
        if answer.status in (200, 201):
            json_of(answer)
            with suppress(SyncError):
                return Receipt.from_json(answer.body)
            return None
        reason = reason_of(answer)
        if reason == "upload-incomplete":
            raise UploadShort
        if reason in ("upload-unknown", "upload-other"):
            raise UploadGone
        if answer.status == 409 and reason is not None:
            raise SyncError(Fault.CONFLICT, reason=reason)
        if answer.status == 422 and reason == "hash-differs":
            raise self._whose_bytes_differ()
        if answer.status == 422 and reason is not None:
            raise SyncError(Fault.REJECTED, retry_after_s=None, **facts_of(answer))
        raise refusal(answer)

    def _whose_bytes_differ(self) -> SyncError:
        self._state = None
        with opened_package(self._package) as stream:
            ours = hashlib.file_digest(stream, "sha256").hexdigest()
        if ours != self._package.sha256:
            return SyncError(Fault.PACKAGE_DAMAGED, reason="hash")
        return SyncError(Fault.SERVER_HASH_DIFFERS)


def opened_package(package: Package) -> BufferedReader:
    """Open the package for reading. Raises SyncError: sync.file-unreadable, sync.package-damaged."""
    try:
        stream = Path(package.path).open("rb")  # noqa: SIM115  (the caller closes it)
    except OSError as error:
        raise SyncError(Fault.FILE_UNREADABLE, errno=error.errno or 0) from error
    if stream.seek(0, 2) != package.bytes:
        stream.close()
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="length")
    return stream


def _chunk_at(stream: BufferedReader, offset: int, size: int) -> bytes:
    try:
        stream.seek(offset)
        chunk = stream.read(size)
    except OSError as error:
        raise SyncError(Fault.FILE_UNREADABLE, errno=error.errno or 0) from error
    if len(chunk) != size:
        raise SyncError(Fault.PACKAGE_DAMAGED, reason="length")
    return chunk
