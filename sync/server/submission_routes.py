"""The other side of the intake: commit, status and receipt of submissions."""

import json
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.server.access import station_of
from sync.server.intake import Intake
from sync.server.ledger import Submission
from sync.server.refusal import Refusal
from sync.server.submissions import is_audit_head, is_sha256
from sync.server.turns import Displaced, Stalled, Turn
from sync.submission_id import is_submission_id

_LONGEST_COMMIT = 64 * 1024
_CHECKS_AT_ONCE = 2
_MOST_LISTED = 200
_COMMIT_FIELDS = frozenset({"package_sha256", "bytes", "upload", "audit_head"})


class SubmissionRoutes:
    """The handlers of /submissions for one intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._submissions = intake.submissions
        self._checks = CapacityLimiter(_CHECKS_AT_ONCE)

    async def commit(self, request: Request) -> Response:
        """Turn a finished upload into a submission: 201 when it is new, 200 when it was there already."""
        submission_id = _submission_id(request)
        commit = _commit(await self._body(request))
        station = station_of(request)
        sha256, size = str(commit["package_sha256"]), int(str(commit["bytes"]))
        known = partial(
            self._submissions.repeated,
            submission_id,
            package_sha256=sha256,
            package_bytes=size,
            station=station,
        )
        upload_id = str(commit["upload"]).rsplit("/", 1)[-1]
        async with self._intake.turns.take(upload_id):
            present = await to_thread.run_sync(known)
            if present is not None:
                await to_thread.run_sync(self._forget_upload, upload_id, present, station)
                return _receipt(present, 200)
            upload = await to_thread.run_sync(self._intake.uploads.find, upload_id, station)
            if upload.submission_id != submission_id or upload.length != size:
                raise Refusal(409, "upload-other")
            accept = partial(
                self._submissions.accept,
                upload,
                package_sha256=sha256,
                audit_head=str(commit["audit_head"]),
            )
            accepted, new = await to_thread.run_sync(accept, limiter=self._checks)
            return _receipt(accepted, 201 if new else 200)

    async def show(self, request: Request) -> Response:
        """The state of one submission."""
        found = await to_thread.run_sync(self._submissions.find, _submission_id(request), station_of(request))
        return JSONResponse(_summary(found))

    async def receipt(self, request: Request) -> Response:
        """The receipt, byte for byte the same for ever."""
        found = await to_thread.run_sync(self._submissions.find, _submission_id(request), station_of(request))
        return _receipt(found, 200)

    async def index(self, request: Request) -> Response:
        """The station's submissions by rising id, a page at a time."""
        after = request.query_params.get("after", "")
        limit = request.query_params.get("limit", "50")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= _MOST_LISTED):
            raise Refusal(400, "limit")
        if after and not is_submission_id(after):
            raise Refusal(400, "after")
        read = partial(
            self._intake.ledger.submissions,
            after=after,
            limit=int(limit),
            station=station_of(request),
        )
        found = await to_thread.run_sync(read)
        following = found[-1].id if len(found) == int(limit) else None
        return JSONResponse({"submissions": [_summary(one) for one in found], "next": following})

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        turn = Turn()
        more = True
        while more:
            try:
                message = await turn.wait_for(request.receive, self._intake.limits.idle_s)
            except (Stalled, Displaced) as stalled:
                raise Refusal(408, "idle", headers={"Connection": "close"}) from stalled
            if message["type"] == "http.disconnect":
                raise Refusal(400, "broken-off")
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > _LONGEST_COMMIT:
                raise Refusal(413, "commit-too-large", headers={"Connection": "close"})
        return bytes(body)

    def _forget_upload(self, upload_id: str, present: Submission, station: str) -> None:
        """The bytes of a repeated commit are there already; its own upload need not stay."""
        try:
            upload = self._intake.uploads.find(upload_id, station)
        except Refusal:
            return
        if upload.submission_id == present.id:
            self._intake.uploads.remove(upload.id)


def _submission_id(request: Request) -> str:
    submission_id = str(request.path_params["submission_id"])
    if not is_submission_id(submission_id):
        raise Refusal(404, "submission-unknown")
    return submission_id


def _commit(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "commit") from error
    if not isinstance(value, dict) or not value.keys() <= _COMMIT_FIELDS:
        raise Refusal(400, "commit")
    commit = {"audit_head": "", **value}
    size = commit.get("bytes")
    usable = is_sha256(commit.get("package_sha256")) and is_audit_head(commit["audit_head"])
    if not usable or type(size) is not int or size < 0 or not isinstance(commit.get("upload"), str):
        raise Refusal(400, "commit")
    return commit


def _receipt(submission: Submission, status: int) -> Response:
    location = {"Location": f"/submissions/{submission.id}"} if status == 201 else None
    return Response(submission.receipt, status_code=status, media_type="application/json", headers=location)


def _summary(submission: Submission) -> dict[str, str | int]:
    return {
        "submission_id": submission.id,
        "state": submission.state,
        "package_sha256": submission.package_sha256,
        "package_bytes": submission.package_bytes,
        "received_at": submission.received_at,
    }
