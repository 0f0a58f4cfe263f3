"""The province's workers: lease, keep, fetch, done, reject (giao việc cho phần mềm xử lý của tỉnh)."""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from sync.server.access import station_of
from sync.server.answers import lease, summary
from sync.server.bodies import json_body, number_of, only, text_of
from sync.server.intake import Intake
from sync.server.records import DONE, REJECTED
from sync.server.refusal import Refusal
from sync.server.settings import VIETNAM
from sync.submission_id import is_submission_id

SHORTEST_LEASE_S, USUAL_LEASE_S, LONGEST_LEASE_S = 10, 300, 3600
MOST_REASONS = 200
LONGEST_TEXT = 2000
_ASK_AGAIN_S = 10
_MOST_RESULTS = 50
_LONGEST_NAME = 64
_REASON_CODE = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_DOSSIER_CODE = re.compile(r"[0-9A-Z][0-9A-Z.\-]{0,63}")


class WorkRoutes:
    """The handlers of /leases for one intake."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._queue = intake.queue

    async def create(self, request: Request) -> Response:
        """Take the next submission out of the queue: 201, or 204 when nothing waits."""
        seconds = await self._seconds(request)
        take = partial(self._queue.lease, station_of(request), now=int(time.time()), seconds=seconds)
        taken = await to_thread.run_sync(take)
        if taken is None:
            return Response(status_code=204, headers={"Retry-After": str(_ASK_AGAIN_S)})
        return JSONResponse(lease(taken), 201, headers={"Location": f"leases/{taken.lease_id}"})

    async def show(self, request: Request) -> Response:
        """The lease as it stands."""
        held = await to_thread.run_sync(self._queue.held, _lease_id(request), station_of(request))
        return JSONResponse(lease(held))

    async def heartbeat(self, request: Request) -> Response:
        """The worker lives: the lease goes on."""
        seconds = await self._seconds(request)
        lease_id, worker = _lease_id(request), station_of(request)
        keep = partial(self._queue.heartbeat, lease_id, worker, now=int(time.time()), seconds=seconds)
        return JSONResponse(lease(await to_thread.run_sync(keep)))

    async def release(self, request: Request) -> Response:
        """Back into the queue."""
        await to_thread.run_sync(self._queue.release, _lease_id(request), station_of(request))
        return Response(status_code=204)

    async def package(self, request: Request) -> Response:
        """The package, byte for byte as its station sent it."""
        held = await to_thread.run_sync(self._queue.held, _lease_id(request), station_of(request))
        return FileResponse(
            self._intake.submissions.path(held.package_sha256),
            media_type="application/zip",
            filename=f"{held.id}.zip",
        )

    async def done(self, request: Request) -> Response:
        """Worked off: a result, and the dossier code where the province's own system issued it."""
        body = await json_body(request, "done", self._intake.limits.idle_s)
        result = _result(body.get("result"))
        if not only(body, "result", "dossier_code"):
            raise Refusal(400, "done")
        return await self._decide(request, DONE, {"result": result}, body)

    async def reject(self, request: Request) -> Response:
        """Sent back, with a reason for each component that it is about (0: the dossier as a whole)."""
        body = await json_body(request, "reject", self._intake.limits.idle_s)
        reasons = body.get("reasons")
        if not only(body, "reasons", "dossier_code") or not isinstance(reasons, list):
            raise Refusal(400, "reject")
        if not 1 <= len(reasons) <= MOST_REASONS:
            raise Refusal(400, "reject")
        return await self._decide(request, REJECTED, {"reasons": [_reason(one) for one in reasons]}, body)

    async def _decide(
        self, request: Request, state: str, decision: Mapping[str, object], body: Mapping[str, object]
    ) -> Response:
        code = body.get("dossier_code", "")
        if not isinstance(code, str) or (code and not _DOSSIER_CODE.fullmatch(code)):
            raise Refusal(400, "dossier-code")
        decide = partial(
            self._queue.decide,
            _lease_id(request),
            station_of(request),
            state=state,
            decision=decision,
            at=datetime.now(VIETNAM).isoformat(timespec="milliseconds"),
            code=code,
        )
        return JSONResponse(summary(await to_thread.run_sync(decide)))

    async def _seconds(self, request: Request) -> int:
        body = await json_body(request, "lease", self._intake.limits.idle_s)
        seconds = number_of(body.get("seconds", USUAL_LEASE_S), SHORTEST_LEASE_S, LONGEST_LEASE_S)
        if seconds is None or not only(body, "seconds"):
            raise Refusal(400, "lease")
        return seconds


def _lease_id(request: Request) -> str:
    lease_id = str(request.path_params["lease_id"])
    if not is_submission_id(lease_id):
        raise Refusal(404, "lease-unknown")
    return lease_id


def _reason(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping) or not value.keys() <= {"component", "code", "text"}:
        raise Refusal(400, "reject")
    component = number_of(value.get("component", 0), 0, 9999)
    code, text = value.get("code"), text_of(value.get("text", ""), LONGEST_TEXT)
    usable = isinstance(code, str) and len(code) <= _LONGEST_NAME and _REASON_CODE.fullmatch(code)
    if component is None or text is None or not usable:
        raise Refusal(400, "reject")
    return {"component": component, "code": code, "text": text}


def _result(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or len(value) > _MOST_RESULTS:
        raise Refusal(400, "done")
    result: dict[str, str] = {}
    for name, item in value.items():
        key, text = text_of(name, _LONGEST_NAME), text_of(item, LONGEST_TEXT)
        if not key or text is None or key in result:
            raise Refusal(400, "done")
        result[key] = text
    return result
