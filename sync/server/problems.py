"""Every refusal and every failure as RFC 9457 problem details; nothing of the inside shows."""

import logging
import sqlite3

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.durable import no_space
from sync.errors import Fault, SyncError
from sync.server.refusal import Refusal

logger = logging.getLogger(__name__)

_SQLITE_FULL = 13


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
    """Answer 507 for a full disk and 500 for a disk that refuses; both are for the log."""
    full = _is_full(error)
    logger.error("storage refused: %s", type(error).__name__, exc_info=None if full else error)
    return problem(Refusal(507, "disk-full") if full else Refusal(500, "storage"))


def _is_full(error: Exception) -> bool:
    if isinstance(error, SyncError):
        return error.fault is Fault.DISK_FULL
    if isinstance(error, OSError):
        return no_space(error)
    return isinstance(error, sqlite3.Error) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) == _SQLITE_FULL
