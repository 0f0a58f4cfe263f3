"""One pass of delivery: from a sealed package to the receipt, or to a typed fault (gửi hồ sơ)."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from types import TracebackType

from sync.answers import facts_of, json_of, reason_of, refusal
from sync.canonical import canonical_json
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.receipt import Receipt, verify_receipt
from sync.tus_upload import (
    ChunkSize,
    OffsetMoved,
    UploadGone,
    UploadShort,
    create_upload,
    offset_at_server,
    send_chunk,
)
from sync.upload_state import FIRST_CHUNK, UploadState
from sync.wire import Wire

logger = logging.getLogger(__name__)

_MOST_BREAKS = 3
"""Breaks one after the other without a byte gained; then the pass is over and the queue decides."""
_MOST_UPLOADS = 3
"""Uploads begun in one pass; a server that forgets each of them is at fault."""


@dataclass(frozen=True)
class ServerInfo:
    """Who answers at the address: its name, version, time, signing key, and the largest package in bytes."""

    name: str
    version: str
    time: datetime
    clock_skew_s: float
    public_key_pem: bytes
    key_id: str
    max_bytes: int


class IntakeClient:
    """Delivers packages to one intake. Not for several threads at once: give each its own.

    With `public_key_pem` receipts are checked against that key; without it, against the key that the server
    itself shows over its (TLS) line. `chunk_bytes` is the first chunk's length, kept within 64 KiB–1 MiB.
    Raises SyncError(sync.address) for an address that is none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        connect_timeout_s: float = 10,
        read_timeout_s: float = 60,
        chunk_bytes: int = FIRST_CHUNK,
        public_key_pem: bytes | None = None,
    ) -> None:
        self._wire = Wire(
            base_url, token=token, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s
        )
        self._chunk_bytes = chunk_bytes
        self._pinned_key = public_key_pem

    def __enter__(self) -> "IntakeClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open between passes."""
        self._wire.close()

    def hello(self, *, stopped: Callable[[], bool] = lambda: False) -> ServerInfo:
        """Ask the server who it is. Raises SyncError."""
        with self._wire.watched(stopped):
            return self._info()

    def receipt_of(
        self, submission_id: str, *, stopped: Callable[[], bool] = lambda: False
    ) -> Receipt | None:
        """Return the receipt for a submission, or None when the server has none. Raises SyncError.

        The receipt is as the server gave it; `verify_receipt` tells whether to believe it.
        """
        with self._wire.watched(stopped):
            return self._receipt(submission_id)

    def deliver(
        self,
        package: Package,
        *,
        resume: UploadState | None = None,
        remember: Callable[[UploadState], None] = lambda _state: None,
        report: Callable[[int, int], None] = lambda _done, _total: None,
        stopped: Callable[[], bool] = lambda: False,
        audit_head: str | None = None,
    ) -> Receipt:
        """Bring `package` to the intake and return its verified receipt; asked again, it sends nothing twice.

        One pass: it takes the upload up again after a break of the line, but waits for nothing. `remember`
        gets the upload before its first byte, and again where the pass broke off; give the last one as
        `resume` next time. `report` gets acknowledged and total bytes. `stopped` is also called from another
        thread. `audit_head` is the station's audit head for the server to countersign.

        Raises SyncError; `passing` tells whether another pass may succeed.
        """
        with self._wire.watched(stopped):
            receipt = self._receipt(package.submission_id)
            if receipt is None:
                receipt = _Delivery(self, package, remember, report, audit_head).run(resume)
            self._verify(receipt, package)
        report(package.bytes, package.bytes)
        return receipt

    def _info(self) -> ServerInfo:
        sent = datetime.now(UTC)
        answer = self._wire.exchange("GET", self._wire.address("info"))
        if answer.status != 200:
            raise refusal(answer)
        came = datetime.now(UTC)
        fields = json_of(answer)
        try:
            time = datetime.fromisoformat(str(fields["time"]))
            return ServerInfo(
                name=str(fields["name"]),
                version=str(fields["version"]),
                time=time,
                clock_skew_s=(time - (sent + (came - sent) / 2)).total_seconds(),
                public_key_pem=str(fields["public_key_pem"]).encode("utf-8"),
                key_id=str(fields["key_id"]),
                max_bytes=int(str(fields["max_bytes"])),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status) from error

    def _receipt(self, submission_id: str) -> Receipt | None:
        answer = self._wire.exchange("GET", self._wire.address(f"submissions/{submission_id}/receipt"))
        if answer.status == 404 and reason_of(answer) is not None:
            return None
        if answer.status != 200:
            raise refusal(answer)
        json_of(answer)
        return Receipt.from_json(answer.body)

    def _verify(self, receipt: Receipt, package: Package) -> None:
        if receipt.submission_id != package.submission_id:
            raise SyncError(Fault.RECEIPT_FORGED, reason="other-submission")
        verify_receipt(receipt, self._pinned_key or self._info().public_key_pem)
        if (receipt.package_sha256, receipt.package_bytes) != (package.sha256, package.bytes):
            raise SyncError(Fault.CONFLICT, receipt_id=receipt.receipt_id)


class _Delivery:
    """The state of one pass: which upload, how far, how many breaks."""

    def __init__(
        self,
        client: IntakeClient,
        package: Package,
        remember: Callable[[UploadState], None],
        report: Callable[[int, int], None],
        audit_head: str | None,
    ) -> None:
        self._client = client
        self._wire = client._wire
        self._package = package
        self._remember = remember
        self._report = report
        self._audit_head = audit_head
        self._chunk = ChunkSize(client._chunk_bytes)
        self._state: UploadState | None = None

    def run(self, resume: UploadState | None) -> Receipt:
        self._state = self._usable(resume)
        for _ in range(_MOST_UPLOADS):
            try:
                return self._one_upload()
            except UploadShort:
                continue
            except UploadGone:
                self._state = None
                # Another sender of the same package may have finished it.
                receipt = self._client._receipt(self._package.submission_id)
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
        with _opened(self._package) as stream:
            while offset < self._package.bytes:
                self._report(offset, self._package.bytes)
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
            self._put(url)
        except SyncError as fault:
            if fault.fault not in (Fault.OFFLINE, Fault.TIMEOUT):
                raise
            # The answer may be lost although the commit stands: the receipt tells.
            receipt = self._client._receipt(self._package.submission_id)
            if receipt is None:
                raise
            return receipt
        receipt = self._client._receipt(self._package.submission_id)
        if receipt is None:
            raise SyncError(Fault.SERVER_FAULT, reason="no-receipt")
        return receipt

    def _put(self, url: str) -> None:
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
            return
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
        with _opened(self._package) as stream:
            ours = hashlib.file_digest(stream, "sha256").hexdigest()
        if ours != self._package.sha256:
            return SyncError(Fault.PACKAGE_DAMAGED, reason="hash")
        return SyncError(Fault.SERVER_HASH_DIFFERS)


def _opened(package: Package) -> BufferedReader:
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
