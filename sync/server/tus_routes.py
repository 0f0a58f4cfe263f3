"""The tus 1.0 side of the intake: core, creation, checksum (sha256), expiration, termination."""

import base64
import binascii
import hashlib
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from sync.answers import TUS_VERSION
from sync.server.access import account_of, station_of
from sync.server.intake import Intake
from sync.server.records import Upload
from sync.server.refusal import Refusal
from sync.server.submissions import is_sha256
from sync.server.turns import Displaced, Stalled, Turn
from sync.server.uploads import Appending
from sync.submission_id import is_submission_id

EXTENSIONS = "creation,checksum,expiration,termination"
_CHUNK_TYPE = "application/offset+octet-stream"
_LONGEST_METADATA = 4096
_CHECKSUM_MISMATCH = 460
_BROKEN_OFF = frozenset({400, 408, 423})
"""What a chunk is refused with when its line broke, stalled, or was displaced."""


class TusRoutes:
    """The handlers of /uploads for one intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._uploads = intake.uploads

    async def options(self, _request: Request) -> Response:
        """What this server speaks."""
        return Response(
            status_code=204,
            headers={
                "Tus-Version": TUS_VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(self._intake.limits.max_bytes),
                "Tus-Checksum-Algorithm": "sha256",
            },
        )

    async def create(self, request: Request) -> Response:
        """Begin an upload; the metadata must name the submission and the package's hash."""
        _require_version(request)
        length = _number(request, "upload-length")
        metadata = _metadata(request.headers.get("upload-metadata", ""))
        submission_id, sha256 = metadata.get("submission_id", ""), metadata.get("sha256", "")
        if not is_submission_id(submission_id) or not is_sha256(sha256):
            raise Refusal(400, "upload-metadata")
        upload = await to_thread.run_sync(
            partial(
                self._uploads.create,
                length=length,
                submission_id=submission_id,
                package_sha256=sha256,
                account=account_of(request),
            )
        )
        # Relative to /uploads, so that it holds behind any proxy and any prefix.
        return Response(status_code=201, headers={"Location": f"uploads/{upload.id}", **_expires(upload)})

    async def head(self, request: Request) -> Response:
        """Say how many bytes are durable; a writer whose line is silent is sent away first."""
        _require_version(request)
        upload_id = request.path_params["upload_id"]
        async with self._intake.turns.take(upload_id):
            upload = await to_thread.run_sync(self._uploads.find, upload_id, station_of(request))
        headers = {"Upload-Offset": str(upload.held), "Upload-Length": str(upload.length)}
        return Response(status_code=200, headers={**headers, **_expires(upload), "Cache-Control": "no-store"})

    async def patch(self, request: Request) -> Response:
        """Append a chunk. The answer comes when its bytes are on the disk."""
        _require_version(request)
        if request.headers.get("content-type", "").lower() != _CHUNK_TYPE:
            raise Refusal(415, "content-type")
        offset = _number(request, "upload-offset")
        checksum = _checksum(request.headers.get("upload-checksum"))
        upload_id = request.path_params["upload_id"]
        async with self._intake.turns.take(upload_id) as turn:
            open_at = partial(
                self._uploads.open_at, upload_id, station_of(request), offset, announced=_announced(request)
            )
            upload = await self._append(request, turn, await to_thread.run_sync(open_at), checksum)
        return Response(status_code=204, headers={"Upload-Offset": str(upload.held), **_expires(upload)})

    async def delete(self, request: Request) -> Response:
        """Take an upload back."""
        _require_version(request)
        upload_id = request.path_params["upload_id"]
        async with self._intake.turns.take(upload_id):
            upload = await to_thread.run_sync(self._uploads.find, upload_id, station_of(request))
            await to_thread.run_sync(self._uploads.remove, upload.id)
        return Response(status_code=204)

    async def overridden(self, request: Request) -> Response:
        """POST in the place of a method that a proxy does not let through (X-HTTP-Method-Override)."""
        method = request.headers.get("x-http-method-override", "").upper()
        handlers = {"PATCH": self.patch, "DELETE": self.delete, "HEAD": self.head}
        if method not in handlers:
            raise Refusal(405, "method", headers={"Allow": "HEAD, PATCH, DELETE"})
        return await handlers[method](request)

    async def _append(
        self, request: Request, turn: Turn, appending: Appending, checksum: "Checksum | None"
    ) -> Upload:
        with appending:
            inflow = _Inflow(self._intake, turn, request, appending, checksum)
            try:
                return await inflow.run()
            except Refusal as refusal:
                await to_thread.run_sync(inflow.settle, refusal.status in _BROKEN_OFF)
                raise
            except OSError:
                await to_thread.run_sync(appending.revert)
                raise


class _Inflow:
    """A chunk flowing from the line to the disk, in pieces of bounded size and at a bounded slowness."""

    def __init__(
        self,
        intake: Intake,
        turn: Turn,
        request: Request,
        appending: Appending,
        checksum: "Checksum | None",
    ) -> None:
        self._limits = intake.limits
        self._turn = turn
        self._receive = request.receive
        self._appending = appending
        self._checksum = checksum
        self._digest = hashlib.sha256()
        self._piece = bytearray()
        self._begun = time.monotonic()

    async def run(self) -> Upload:
        """Take the body to its end and return the upload with what now counts."""
        more = True
        while more:
            message = await self._next()
            self._piece += message.get("body", b"")
            more = message.get("more_body", False)
            self._check_pace()
            if more and len(self._piece) >= self._limits.piece_bytes:
                await to_thread.run_sync(self._flush)
        return await to_thread.run_sync(self._finish)

    def settle(self, broken_off: bool) -> None:
        """End a chunk that is not whole: without a checksum what came counts (tus 1.0, core).

        `broken_off` is true when the line is to blame, so that also the piece in memory is worth keeping.
        """
        if self._checksum is not None:
            self._appending.revert()
            return
        room = self._appending.upload.length - self._appending.end
        if broken_off and len(self._piece) <= room:
            self._write(bytes(self._piece))
        self._appending.keep()

    async def _next(self) -> Message:
        try:
            message = await self._turn.wait_for(self._receive, self._limits.idle_s)
        except Displaced as displaced:
            raise Refusal(423, "displaced") from displaced
        except Stalled as stalled:
            raise Refusal(408, "idle", headers={"Connection": "close"}) from stalled
        if message["type"] == "http.disconnect":
            raise Refusal(400, "broken-off")
        return message

    def _check_pace(self) -> None:
        lasted = time.monotonic() - self._begun
        came = self._appending.end + len(self._piece) - self._appending.upload.held
        if lasted > self._limits.idle_s and came < lasted * self._limits.slowest_bytes_per_s:
            raise Refusal(408, "too-slow", headers={"Connection": "close"})

    def _flush(self) -> None:
        if not self._piece:
            return
        piece, self._piece = bytes(self._piece), bytearray()
        if self._appending.end + len(piece) > self._appending.upload.length:
            raise Refusal(413, "past-the-end")
        self._write(piece)

    def _finish(self) -> Upload:
        """The last piece, the checksum and the fsync, in one visit to the disk's thread."""
        self._flush()
        if self._checksum is not None and self._checksum.digest != self._digest.digest():
            raise Refusal(_CHECKSUM_MISMATCH, "checksum")
        return self._appending.keep()

    def _write(self, piece: bytes) -> None:
        if self._checksum is not None:
            self._digest.update(piece)
        self._appending.write(piece)
        unsure = self._appending.end - self._appending.upload.held
        if self._checksum is None and unsure >= self._limits.checkpoint_bytes:
            self._appending.keep()


@dataclass(frozen=True)
class Checksum:
    """The SHA-256 that a chunk is said to have (32 bytes)."""

    digest: bytes


def _require_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != TUS_VERSION:
        raise Refusal(412, "tus-version", headers={"Tus-Version": TUS_VERSION})


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal(400, header)
    return int(text)


def _announced(request: Request) -> int:
    return _number(request, "content-length") if "content-length" in request.headers else 0


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _, text = header.partition(" ")
    if algorithm.lower() != "sha256":
        raise Refusal(400, "checksum-algorithm")
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, "upload-checksum") from error
    if len(digest) != hashlib.sha256().digest_size:
        raise Refusal(400, "upload-checksum")
    return Checksum(digest)


def _metadata(header: str) -> dict[str, str]:
    """Read `Upload-Metadata`: pairs of key and base64, parted by commas. Raises Refusal 400."""
    if len(header) > _LONGEST_METADATA or not header.isascii():
        raise Refusal(400, "upload-metadata")
    values: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, text = pair.partition(" ")
        if key in values:
            raise Refusal(400, "upload-metadata")
        try:
            values[key] = base64.b64decode(text, validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise Refusal(400, "upload-metadata") from error
    return values


def _expires(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": formatdate(upload.expires_at, usegmt=True)}
