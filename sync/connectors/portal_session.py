"""A session at the national portal's adapter: log in once, ask services, log in again when it ends (phiên).

The adapter takes one address for all services: JSON with `session`, `madonvi`, `service` and what the service
wants, answered by JSON with a code. Where a province's own bus stands before it, the bearer token of the line
is enough and nobody logs in.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from sync.connectors.foreign import fault_of, json_object
from sync.errors import Fault, SyncError
from sync.wire import Answer, Wire

Login = Callable[[], tuple[str, str]]
"""Returns the name and the password of this station's account at the portal."""


class PortalSession:
    """Calls the portal's services. `rules` is the table `service` of the portal's map."""

    def __init__(self, wire: Wire, rules: Mapping[str, object], login: Login) -> None:
        self._wire = wire
        self._login = login
        self._path = str(rules["path"])
        self._login_path = str(rules.get("login", ""))
        self._unit = str(rules.get("unit", ""))
        self._code = str(rules["code"])
        self._detail = str(rules["detail"])
        self._well = _words(rules["well"])
        self._over = _words(rules["session_over"])
        self._exists = _words(rules["exists"])
        self._exists_says = str(rules.get("exists_says", "")).casefold()
        self._session = ""

    def call(self, service: str, **fields: object) -> bool:
        """Ask a service to take something; False when it has that already. Raises SyncError."""
        code, answer = self._asked(service, fields)
        said = str(answer.get(self._detail, ""))
        if code in self._exists or (self._exists_says and self._exists_says in said.casefold()):
            return False
        if code not in self._well:
            raise SyncError(Fault.REJECTED, reason=code, detail=said[:200])
        return True

    def look_up(self, service: str, **fields: object) -> Sequence[object]:
        """Ask a service what it knows; nothing where it knows nothing. Raises SyncError."""
        _, answer = self._asked(service, fields)
        found = answer.get("result")
        return found if isinstance(found, list) else []

    def _asked(self, service: str, fields: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        for fresh in (False, True):
            if self._login_path and (fresh or not self._session):
                self._session = self._log_in()
            known = {"session": self._session} if self._session else {}
            unit = {"madonvi": self._unit} if self._unit else {}
            answer = self._post(self._path, {**known, **unit, "service": service, **fields})
            told = _object(answer)
            code = _plain(told.get(self._code, ""))
            if code == "" and "result" not in told:
                raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)
            if code not in self._over:
                return code, told
            if not self._login_path:
                break
        raise SyncError(Fault.UNAUTHORISED, reason="session")

    def _log_in(self) -> str:
        name, password = self._login()
        answer = self._post(self._login_path, {"username": name, "password": password})
        told = _object(answer)
        if "session" not in told and self._code not in told:
            raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)
        session = told.get("session")
        if _plain(told.get(self._code, "")) not in self._well or not isinstance(session, str) or not session:
            raise SyncError(Fault.UNAUTHORISED, reason="login")
        return session

    def _post(self, path: str, body: Mapping[str, object]) -> Answer:
        return self._wire.exchange(
            "POST",
            self._wire.address(path),
            headers={"Content-Type": "application/json; charset=utf-8"},
            body=json.dumps(body, ensure_ascii=False).encode(),
        )


def _object(answer: Answer) -> dict[str, object]:
    if answer.status != 200:
        raise fault_of(answer)
    return json_object(answer)


def _words(value: object) -> frozenset[str]:
    if not isinstance(value, str | list):
        raise ValueError("a code, or a list of codes")
    return frozenset(_plain(one) for one in ([value] if isinstance(value, str) else value))


def _plain(code: object) -> str:
    """A code as text; the portal's adapters write 0, "0" and "00" for the same."""
    text = str(code).strip()
    return text.lstrip("0") or "0" if text.isdigit() else text
