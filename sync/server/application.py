"""The intake as an ASGI application: routes, the gate before them, and the sweeping behind them."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.errors import SyncError
from sync.server.access import Gate
from sync.server.accounts import Accounts
from sync.server.intake import Choices, Intake, open_intake
from sync.server.openapi import DOCUMENT
from sync.server.overview import overview
from sync.server.page import PAGE_HEADERS, page
from sync.server.problems import on_http_exception, on_refusal, on_storage_error
from sync.server.refusal import Refusal
from sync.server.settings import DEFAULT_MAX_BYTES, NAME, VERSION, VIETNAM, Limits
from sync.server.submission_routes import SubmissionRoutes
from sync.server.tus_routes import TusRoutes
from sync.server.work_routes import WorkRoutes

logger = logging.getLogger(__name__)

_SWEEP_EVERY_S = 3600.0


def create_app(
    data_dir: Path,
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    tokens: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    choices: Choices | None = None,
) -> Starlette:
    """Return the intake over `data_dir`, which it holds alone until its lifespan ends.

    `max_bytes` bounds a package. `tokens` (station → bearer token) shuts out everybody else; without it, the
    folder's `stations.json` does, and without that the intake is open to senders. `limits` gives all bounds
    at once (its own `max_bytes` then counts). `choices` has the rest, see `Choices`.

    Raises SyncError: sync.intake-running, sync.intake-key, sync.intake-data, sync.storage, sync.disk-full.
    """
    chosen = choices or Choices(limits=limits or replace(Limits(), max_bytes=max_bytes))
    if tokens:
        chosen = replace(chosen, accounts=Accounts.of_tokens(tokens))
    intake = open_intake(Path(data_dir), chosen)
    app = Starlette(
        routes=_routes(intake),
        middleware=[Middleware(Gate, accounts=intake.accounts)],
        exception_handlers={
            Refusal: on_refusal,
            HTTPException: on_http_exception,
            OSError: on_storage_error,
            SyncError: on_storage_error,
            SQLAlchemyError: on_storage_error,
        },
        lifespan=partial(_lifespan, intake),
    )
    app.state.intake = intake
    return app


def _routes(intake: Intake) -> list[Route]:
    tus = TusRoutes(intake)
    submissions = SubmissionRoutes(intake)
    work = WorkRoutes(intake)
    info = _Info(intake)
    return [
        Route("/", info.page, methods=["GET"]),
        Route("/health", info.health, methods=["GET"]),
        Route("/info", info.info, methods=["GET"]),
        Route("/openapi.json", info.openapi, methods=["GET"]),
        Route("/uploads", tus.options, methods=["OPTIONS"]),
        Route("/uploads", tus.create, methods=["POST"]),
        Route("/uploads/{upload_id}", tus.options, methods=["OPTIONS"]),
        Route("/uploads/{upload_id}", tus.head, methods=["HEAD"]),
        Route("/uploads/{upload_id}", tus.patch, methods=["PATCH"]),
        Route("/uploads/{upload_id}", tus.delete, methods=["DELETE"]),
        Route("/uploads/{upload_id}", tus.overridden, methods=["POST"]),
        Route("/station", submissions.station, methods=["GET"]),
        Route("/changes", submissions.changes, methods=["GET"]),
        Route("/submissions", submissions.index, methods=["GET"]),
        Route("/submissions/{submission_id}", submissions.commit, methods=["PUT"]),
        Route("/submissions/{submission_id}", submissions.show, methods=["GET"]),
        Route("/submissions/{submission_id}/receipt", submissions.receipt, methods=["GET"]),
        Route("/leases", work.create, methods=["POST"]),
        Route("/leases/{lease_id}", work.show, methods=["GET"]),
        Route("/leases/{lease_id}", work.release, methods=["DELETE"]),
        Route("/leases/{lease_id}/heartbeat", work.heartbeat, methods=["POST"]),
        Route("/leases/{lease_id}/package", work.package, methods=["GET"]),
        Route("/leases/{lease_id}/done", work.done, methods=["POST"]),
        Route("/leases/{lease_id}/reject", work.reject, methods=["POST"]),
    ]


class _Info:
    """Who this is and how it is: for programs, and for people."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def health(self, _request: Request) -> Response:
        """Alive, with a database that answers."""
        await to_thread.run_sync(self._intake.ledger.last_audit_row)
        return JSONResponse({"name": NAME, "status": "ok"})

    async def info(self, _request: Request) -> Response:
        """Name, version, time, bounds, and the keys that receipts are signed with."""
        key = self._intake.key
        keys = await to_thread.run_sync(self._intake.ledger.signing_keys)
        return JSONResponse(
            {
                "name": NAME,
                "version": VERSION,
                "time": datetime.now(VIETNAM).isoformat(timespec="milliseconds"),
                "max_bytes": self._intake.limits.max_bytes,
                "key_id": key.key_id,
                "public_key_pem": key.public_pem,
                "keys": keys,
            }
        )

    async def openapi(self, _request: Request) -> Response:
        """The description of all routes."""
        return JSONResponse(DOCUMENT)

    async def page(self, _request: Request) -> Response:
        """How things stand, for people."""
        now = datetime.now(VIETNAM)
        count = partial(
            overview, self._intake.ledger.database, today=now.date().isoformat(), now=int(now.timestamp())
        )
        text = page(
            await to_thread.run_sync(count),
            at=now,
            key_id=self._intake.key.key_id,
            open_to_all=self._intake.accounts.open,
        )
        return HTMLResponse(text, headers=PAGE_HEADERS)


@asynccontextmanager
async def _lifespan(intake: Intake, _app: Starlette) -> AsyncIterator[None]:
    sweeping = asyncio.create_task(_sweep(intake))
    try:
        yield
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
        intake.close()


async def _sweep(intake: Intake) -> None:
    while True:
        try:
            removed = await to_thread.run_sync(intake.uploads.sweep, time.time())
        except (OSError, SQLAlchemyError, SyncError):
            logger.exception("lapsed uploads could not be removed")
        else:
            if removed:
                logger.info("removed %d lapsed uploads", removed)
        await asyncio.sleep(_SWEEP_EVERY_S)
