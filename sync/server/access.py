"""Around every request: which station speaks, and the headers that every answer carries."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.answers import TUS_VERSION
from sync.server.problems import problem
from sync.server.refusal import Refusal
from sync.server.settings import Stations

ANYBODY = ""
"""The station of an intake that asks for no token."""

_OPEN_PATHS = frozenset({"/", "/health", "/info", "/openapi.json"})
_SCOPE_KEY = "sohoa.station"


def station_of(request: Request) -> str:
    """Return the station that the request was let in for."""
    station = request.scope[_SCOPE_KEY]
    return str(station)


class Gate:
    """Lets in who has a known token (RFC 6750); a bare ASGI layer, so that no answer is held back."""

    def __init__(self, app: ASGIApp, stations: Stations) -> None:
        self._app = app
        self._stations = stations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or pass the request on with its station."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        tus = scope["path"].startswith("/uploads")

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
                if tus:
                    headers["Tus-Resumable"] = TUS_VERSION
            await send(message)

        station = self._station(scope)
        if station is None:
            refusal = Refusal(401, "token", headers={"WWW-Authenticate": 'Bearer realm="sohoa-intake"'})
            await problem(refusal)(scope, receive, marked)
            return
        scope[_SCOPE_KEY] = station
        await self._app(scope, receive, marked)

    def _station(self, scope: Scope) -> str | None:
        if self._stations.open or scope["path"] in _OPEN_PATHS or scope["method"] == "OPTIONS":
            return ANYBODY
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        return self._stations.station_of(token.strip()) if kind.lower() == "bearer" else None
