"""The other side of the intake: commit, status and receipt of submissions."""

from dataclasses import asdict
from datetime import datetime
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.receipt import Receipt
from sync.server.access import account_of, station_of
from sync.server.answers import summary
from sync.server.bodies import json_body
from sync.server.intake import Intake
from sync.server.records import Submission
from sync.server.refusal import Refusal
from sync.server.settings import VIETNAM
from sync.server.submissions import is_audit_head, is_sha256
from sync.submission_id import is_submission_id

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
        commit = _commit(await json_body(request, "commit", self._intake.limits.idle_s))
        account = account_of(request)
        station = account.name
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
                account=account,
            )
            accepted, new = await to_thread.run_sync(accept, limiter=self._checks)
            return _receipt(accepted, 201 if new else 200)

    async def show(self, request: Request) -> Response:
        """The state of one submission."""
        found = await to_thread.run_sync(self._submissions.find, _submission_id(request), station_of(request))
        return JSONResponse(summary(found))

    async def receipt(self, request: Request) -> Response:
        """The receipt, byte for byte the same for ever."""
        found = await to_thread.run_sync(self._submissions.find, _submission_id(request), station_of(request))
        return _receipt(found, 200)

    async def index(self, request: Request) -> Response:
        """The station's submissions by rising id, a page at a time."""
        after, limit = request.query_params.get("after", ""), _limit(request)
        if after and not is_submission_id(after):
            raise Refusal(400, "after")
        read = partial(self._intake.ledger.submissions, after=after, limit=limit, station=station_of(request))
        found = await to_thread.run_sync(read)
        following = found[-1].id if len(found) == limit else None
        return JSONResponse({"submissions": [summary(one) for one in found], "next": following})

    async def changes(self, request: Request) -> Response:
        """What happened to the station's submissions since it last asked, a page at a time."""
        after, limit = request.query_params.get("after", "0"), _limit(request)
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise Refusal(400, "after")
        read = partial(
            self._intake.ledger.changes, after=int(after), limit=limit, station=station_of(request)
        )
        found = await to_thread.run_sync(read)
        changes = [{**summary(one), "number": one.last_number} for one in found]
        return JSONResponse({"changes": changes, "next": found[-1].last_number if found else int(after)})

    async def station(self, request: Request) -> Response:
        """The station that asks: its bounds, today's use, its audit head last countersigned."""
        account = account_of(request)
        today = datetime.now(VIETNAM).date().isoformat()
        packages, size = await to_thread.run_sync(self._intake.ledger.today, account.name, today)
        latest = await to_thread.run_sync(self._intake.ledger.latest, account.name)
        head = Receipt.from_json(latest.receipt).audit_head if latest else ""
        quota = self._intake.limits.quota(account)
        return JSONResponse(
            {
                "station": account.name,
                "agency": account.agency or self._intake.agency,
                "today": {"packages": packages, "bytes": size},
                "quota": asdict(quota),
                "last_submission": latest.id if latest else "",
                "last_audit_head": head,
            }
        )

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


def _limit(request: Request) -> int:
    limit = request.query_params.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= _MOST_LISTED):
        raise Refusal(400, "limit")
    return int(limit)


def _commit(value: dict[str, object]) -> dict[str, object]:
    if not value.keys() <= _COMMIT_FIELDS:
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
