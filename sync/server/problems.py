"""Every refusal and every failure as RFC 9457 problem details; nothing of the inside shows."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.durable import no_space
from sync.errors import Fault, SyncError
from sync.server.database import is_disk_full, is_passing
from sync.server.refusal import Refusal

logger = logging.getLogger(__name__)

_DATABASE_BACK_S = 15


def problem(refusal: Refusal) -> JSONResponse:
    """Return the answer for a refusal."""
    return JSONResponse(
        {**refusal.facts, "type": "about:blank", "status": refusal.status, "reason": refusal.reason},
        status_code=refusal.status,
        headers=refusal.headers,
        media_type="application/problem+json",
    )


async def on_refusal(_request: Request, error: Exception) -> Response:
    """Answer a refusal."""
    assert isinstance(error, Refusal)  # noqa: S101
    return problem(error)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer what the router refuses: no such path, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    reason = {404: "path-unknown", 405: "method"}.get(error.status_code, "http")
    return problem(Refusal(error.status_code, reason, headers=error.headers))


async def on_storage_error(_request: Request, error: Exception) -> Response:
    """Answer 507 for a full disk, 503 for a database that is away, 500 for a disk that refuses."""
    full, passing = _is_full(error), is_passing(error)
    # The text of a database's error may hold values; the log gets the kind of fault only.
    logger.error("storage refused: %s", type(getattr(error, "orig", None) or error).__name__)
    if full:
        return problem(Refusal(507, "disk-full"))
    if passing:
        return problem(Refusal(503, "database-away", headers={"Retry-After": str(_DATABASE_BACK_S)}))
    return problem(Refusal(500, "storage"))


def _is_full(error: Exception) -> bool:
    if isinstance(error, SyncError):
        return error.fault is Fault.DISK_FULL
    if isinstance(error, OSError):
        return no_space(error)
    return is_disk_full(error)
