"""What an answer means: ours or a stranger's, and which fault a refusal is."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sync.errors import Fault, SyncError
from sync.wire import Answer

TUS_VERSION = "1.0.0"
ACTS_FOR = "Sohoa-Station"
"""The header (percent-encoded) in which an operator who carries a drive names the station it comes from."""

_BY_STATUS = {
    401: Fault.UNAUTHORISED,
    403: Fault.UNAUTHORISED,
    408: Fault.TIMEOUT,
    413: Fault.TOO_LARGE,
    423: Fault.SERVER_BUSY,
    429: Fault.SERVER_BUSY,
    503: Fault.SERVER_BUSY,
    507: Fault.DISK_FULL_SERVER,
    511: Fault.CAPTIVE_PORTAL,
}
_FACTS = frozenset({"reason", "detail", "name", "max_bytes"})
_LONGEST_WAIT_S = 24 * 3600.0


def json_of(answer: Answer) -> dict[str, object]:
    """Return the JSON object in `answer`. Raises SyncError(sync.captive-portal) when there is none."""
    if "json" in answer.headers.get("content-type", "").lower():
        try:
            value = json.loads(answer.body)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
    raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)


def speaks_tus(answer: Answer) -> bool:
    """Tell whether a tus server gave this answer (tus 1.0, `Tus-Resumable`)."""
    return answer.headers.get("tus-resumable") == TUS_VERSION


def is_ours(answer: Answer) -> bool:
    """Tell whether the intake itself gave this answer, and not something between."""
    return speaks_tus(answer) or reason_of(answer) is not None


def reason_of(answer: Answer) -> str | None:
    """Return the intake's word for a refusal, or None when this is not the intake's refusal."""
    reason = _problem(answer).get("reason")
    return reason if isinstance(reason, str) else None


def facts_of(answer: Answer) -> dict[str, str | int]:
    """Return what the intake says about its refusal: its reason, the detail, the file's name, its limit."""
    known = {key: value for key, value in _problem(answer).items() if key in _FACTS}
    return {key: value for key, value in known.items() if isinstance(value, str | int)}


def refusal(answer: Answer) -> SyncError:
    """Return the fault that an answer other than the expected one stands for."""
    if not is_ours(answer) and not 500 <= answer.status < 600 and answer.status not in (401, 413, 429):
        return SyncError(Fault.CAPTIVE_PORTAL, status=answer.status)
    fault = _BY_STATUS.get(answer.status)
    if fault is None:
        fault = Fault.REJECTED if 400 <= answer.status < 500 else Fault.SERVER_FAULT
    return SyncError(fault, retry_after_s=retry_after_s(answer), status=answer.status, **facts_of(answer))


def retry_after_s(answer: Answer, now: datetime | None = None) -> float | None:
    """Return the wait in seconds that `Retry-After` asks for (seconds or a date, RFC 9110 §10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT_S)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    wait = (when - (now or datetime.now(UTC))).total_seconds()
    return min(max(wait, 0.0), _LONGEST_WAIT_S)


def _problem(answer: Answer) -> Mapping[str, object]:
    try:
        return json_of(answer)
    except SyncError:
        return {}
