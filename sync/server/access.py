"""Around every request: who speaks and may he, and the headers that every answer carries."""

import base64
import binascii
from urllib.parse import unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.answers import ACTS_FOR, TUS_VERSION
from sync.server.accounts import ANYBODY, Account, Accounts, Role
from sync.server.problems import problem
from sync.server.refusal import Refusal

_OPEN_PATHS = frozenset({"/health", "/info", "/openapi.json"})
_PAGE = "/"
_WORK = "/leases"
_SCOPE_KEY = "sohoa.account"
_BEARER = {"WWW-Authenticate": 'Bearer realm="sohoa-intake"'}
_BASIC = {"WWW-Authenticate": 'Basic realm="sohoa-intake", charset="UTF-8"'}


def account_of(request: Request) -> Account:
    """Return the account that the request was let in for."""
    account: Account = request.scope[_SCOPE_KEY]
    return account


def station_of(request: Request) -> str:
    """Return the name of the account that the request was let in for."""
    return account_of(request).name


class Gate:
    """Lets in who has a known token (RFC 6750); a bare ASGI layer, so that no answer is held back.

    The page for people takes the name and the token of an operator as a browser asks for them (RFC 7617);
    where no operator has an account and no station needs a token, it is open as everything else.
    """

    def __init__(self, app: ASGIApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 403, or pass the request on with its account."""
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

        try:
            scope[_SCOPE_KEY] = self._account(scope)
        except Refusal as refusal:
            await problem(refusal)(scope, receive, marked)
            return
        await self._app(scope, receive, marked)

    def _account(self, scope: Scope) -> Account:
        accounts, path = self._accounts.refreshed(), scope["path"]
        if path in _OPEN_PATHS or scope["method"] == "OPTIONS":
            return ANYBODY
        kind, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
        if path == _PAGE:
            return _viewer(accounts, kind, credentials)
        account = accounts.of_token(credentials.strip()) if kind.lower() == "bearer" else None
        if path.startswith(_WORK):
            if account is None:
                raise Refusal(401, "token", headers=_BEARER)
            if account.role is not Role.WORKER:
                raise Refusal(403, "role")
            return account
        return _sender(accounts, account, Headers(scope=scope).get(ACTS_FOR))


def _sender(accounts: Accounts, account: Account | None, acts_for: str | None) -> Account:
    if account is not None and account.role is Role.OPERATOR and acts_for is not None:
        station = accounts.named(unquote(acts_for)) if acts_for else ANYBODY
        if station is None or station.role is not Role.STATION or (station is ANYBODY and not accounts.open):
            raise Refusal(403, "station-unknown")
        return station
    if account is None:
        if accounts.open:
            return ANYBODY
        raise Refusal(401, "token", headers=_BEARER)
    if account.role is not Role.STATION:
        raise Refusal(403, "role")
    return account


def _viewer(accounts: Accounts, kind: str, credentials: str) -> Account:
    if accounts.open and not accounts.has_operator:
        return ANYBODY
    if kind.lower() == "basic":
        try:
            name, _, token = (
                base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
            )
        except (binascii.Error, ValueError):
            name, token = "", ""
        account = accounts.of_token(token)
        if account is not None and account.name == name and account.role is Role.OPERATOR:
            return account
    raise Refusal(401, "token", headers=_BASIC)
