"""The bytes of a package on their way by tus 1.0: create, ask for the offset, send chunks."""

import base64
import hashlib
import time
from urllib.parse import urljoin

from sync.answers import TUS_VERSION, reason_of, refusal, speaks_tus
from sync.errors import Fault, SyncError
from sync.package import Package
from sync.upload_state import LARGEST_CHUNK, SMALLEST_CHUNK
from sync.wire import Answer, Wire

_QUICK_S = 1.0
_SLOW_S = 5.0
_CHUNKS_BETWEEN_BREAKS = 24
_TUS = {"Tus-Resumable": TUS_VERSION}
_GONE = frozenset({404, 410})
_CHECKSUM_MISMATCH = 460


class UploadGone(Exception):  # noqa: N818  (not an error: the caller begins a new upload)
    """The server no longer knows the upload: expired, taken back, or already part of a submission."""


class UploadShort(Exception):  # noqa: N818  (not an error: the caller sends the rest)
    """The server lacks bytes that it once acknowledged."""


class OffsetMoved(Exception):  # noqa: N818  (not an error: the caller asks for the offset)
    """The server holds another number of bytes than we thought, or refused the chunk's checksum."""


def create_upload(wire: Wire, package: Package) -> str:
    """Create an upload for `package` and return its absolute address (tus 1.0, creation)."""
    headers = {
        **_TUS,
        "Upload-Length": str(package.bytes),
        "Upload-Metadata": ",".join(f"{key} {_b64(value)}" for key, value in _metadata(package).items()),
    }
    answer = wire.exchange("POST", wire.address("uploads"), headers=headers, body=b"")
    if answer.status != 201:
        raise refusal(answer)
    _require_tus(answer)
    url = urljoin(wire.address("uploads"), answer.headers.get("location", ""))
    if not wire.is_ours(url) or url == wire.address("uploads"):
        raise SyncError(Fault.SERVER_FAULT, reason="location")
    return url


def offset_at_server(wire: Wire, url: str, package: Package) -> int:
    """Return how many bytes the server holds for good. Raises UploadGone, or SyncError."""
    answer = wire.exchange("HEAD", url, headers=_TUS)
    if answer.status in _GONE and speaks_tus(answer):
        raise UploadGone
    if answer.status not in (200, 204):
        raise refusal(answer)
    _require_tus(answer)
    offset, length = _number(answer, "upload-offset"), _number(answer, "upload-length")
    if length != package.bytes:
        raise UploadGone
    return offset


def send_chunk(wire: Wire, url: str, offset: int, chunk: bytes) -> int:
    """Append `chunk` at `offset` with its checksum and return the new offset, which the server vouches for.

    Raises UploadGone, OffsetMoved, or SyncError.
    """
    headers = {
        **_TUS,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(offset),
        "Upload-Checksum": "sha256 " + base64.b64encode(hashlib.sha256(chunk).digest()).decode("ascii"),
    }
    answer = wire.exchange("PATCH", url, headers=headers, body=chunk)
    if answer.status in _GONE and speaks_tus(answer):
        raise UploadGone
    # Whoever says so, the offset is asked for next, and that answer must be a tus server's.
    if answer.status in (409, 423, _CHECKSUM_MISMATCH):
        raise OffsetMoved(reason_of(answer) or str(answer.status))
    if answer.status != 204:
        raise refusal(answer)
    _require_tus(answer)
    now = _number(answer, "upload-offset")
    if not offset <= now <= offset + len(chunk):
        raise SyncError(Fault.SERVER_FAULT, reason="offset")
    return now


class ChunkSize:
    """The length of the next chunk in bytes: longer on a quick line, shorter on a slow or broken one.

    A chunk that breaks off is sent again, half of it in the mean. So where a line breaks every n bytes,
    chunks stay below n / 24, and what is sent twice stays below a twentieth.
    """

    def __init__(self, first: int) -> None:
        self.bytes = min(max(first, SMALLEST_CHUNK), LARGEST_CHUNK)
        self._begun = 0.0
        self._sent = 0
        self._since_break = 0
        self._between_breaks: float | None = None

    def begin(self) -> None:
        """A chunk sets out now."""
        self._begun = time.monotonic()
        self._sent = self.bytes

    def arrived(self) -> None:
        """The chunk was acknowledged."""
        took_s = time.monotonic() - self._begun
        self._since_break += self._sent
        if took_s < _QUICK_S:
            self._take(self.bytes * 2)
        elif took_s > _SLOW_S:
            self._take(self.bytes // 2)

    def broke(self) -> None:
        """The chunk was lost."""
        known = self._between_breaks
        run, self._since_break = self._since_break, 0
        self._between_breaks = run if known is None else (known + run) / 2
        self._take(self.bytes // 2)

    def _take(self, wanted: int) -> None:
        most = LARGEST_CHUNK
        if self._between_breaks is not None:
            most = int(max(self._between_breaks, self._since_break) / _CHUNKS_BETWEEN_BREAKS)
        self.bytes = max(min(wanted, most, LARGEST_CHUNK), SMALLEST_CHUNK)


def _require_tus(answer: Answer) -> None:
    if not speaks_tus(answer):
        raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)


def _metadata(package: Package) -> dict[str, str]:
    """What the intake needs to know, and what other tus servers ask for: a name and a type, of nobody."""
    return {
        "submission_id": package.submission_id,
        "sha256": package.sha256,
        "filename": f"{package.submission_id}.zip",
        "filetype": "application/zip",
    }


def _number(answer: Answer, header: str) -> int:
    text = answer.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise SyncError(Fault.SERVER_FAULT, reason=header)
    return int(text)


def _b64(text: str) -> str:
    return base64.b64encode(text.encode("ascii")).decode("ascii")
