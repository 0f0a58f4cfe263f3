"""Small JSON bodies: read within bounds, and every word in them looked at (thân yêu cầu)."""

import json
import unicodedata
from collections.abc import Mapping

from starlette.requests import Request

from sync.server.refusal import Refusal
from sync.server.turns import Displaced, Stalled, Turn

LONGEST = 64 * 1024
"""Bytes of a body."""
_CONTROL = frozenset({"Cc", "Cs", "Cn", "Co"})


async def json_body(request: Request, reason: str, idle_s: float) -> dict[str, object]:
    """Return the JSON object that is the body. Raises Refusal 400 `reason`, 408, or 413."""
    body = await _body(request, idle_s, reason)
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, reason) from error
    if not isinstance(value, dict):
        raise Refusal(400, reason)
    return value


def text_of(value: object, longest: int) -> str | None:
    """Return `value` as text (NFC) of at most `longest` characters without control characters, or None."""
    if not isinstance(value, str) or len(value) > longest:
        return None
    if any(unicodedata.category(mark) in _CONTROL and mark not in "\n\t" for mark in value):
        return None
    return unicodedata.normalize("NFC", value)


def number_of(value: object, least: int, most: int) -> int | None:
    """Return `value` when it is a whole number between the two, or None."""
    return value if type(value) is int and least <= value <= most else None


def only(values: Mapping[str, object], *names: str) -> bool:
    """Tell whether `values` has no other names than these."""
    return values.keys() <= set(names)


async def _body(request: Request, idle_s: float, reason: str) -> bytes:
    body = bytearray()
    turn = Turn()
    more = True
    while more:
        try:
            message = await turn.wait_for(request.receive, idle_s)
        except (Stalled, Displaced) as stalled:
            raise Refusal(408, "idle", headers={"Connection": "close"}) from stalled
        if message["type"] == "http.disconnect":
            raise Refusal(400, "broken-off")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LONGEST:
            raise Refusal(413, f"{reason}-too-large", headers={"Connection": "close"})
    return bytes(body)
