"""What became of a submission after it was taken in: the province's later word (trả lời của tỉnh)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from sync.errors import Fault, SyncError

_LONGEST_TEXT = 2000
_MOST_REASONS = 200


class VerdictState(StrEnum):
    """How far the province is with a submission."""

    ACCEPTED = "accepted"  # đã tiếp nhận, chờ xử lý
    PROCESSING = "processing"  # đang xử lý
    DONE = "done"  # đã có kết quả
    REJECTED = "rejected"  # bị trả lại, kèm lý do


FINAL = frozenset({VerdictState.DONE, VerdictState.REJECTED})
"""States after which the province says nothing more of this submission."""


@dataclass(frozen=True)
class RejectReason:
    """Why a component was sent back: its ordinal (0: the dossier as a whole), a stable code, a text."""

    component: int
    code: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """The state of a submission, as `GET /submissions/{id}` tells it.

    `dossier_code` is the official code that the server issued, or empty; `decided_at` is ISO 8601 with an
    offset once the state is final; `result` holds what the province gives back (codes and titles of
    results, by name), without personal data.
    """

    submission_id: str
    state: VerdictState
    package_sha256: str = ""
    dossier_code: str = ""
    decided_at: str = ""
    reasons: tuple[RejectReason, ...] = ()
    result: Mapping[str, str] | None = None

    @property
    def final(self) -> bool:
        """True when nothing more will come."""
        return self.state in FINAL

    def to_plain(self) -> dict[str, object]:
        """Return the verdict as what JSON holds."""
        return asdict(self) | {"reasons": [asdict(reason) for reason in self.reasons]}

    @classmethod
    def from_plain(cls, value: Mapping[str, object]) -> "Verdict":
        """Read a verdict; unknown fields are left alone. Raises SyncError(sync.server-fault)."""
        try:
            state = VerdictState(str(value["state"]))
            return cls(
                submission_id=_text(value["submission_id"]),
                state=state,
                package_sha256=_text(value.get("package_sha256", "")),
                dossier_code=_text(value.get("dossier_code") or ""),
                decided_at=_text(value.get("decided_at") or ""),
                reasons=_reasons(value.get("reasons") or ()),
                result=_result(value.get("result")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SyncError(Fault.SERVER_FAULT, reason="verdict") from error


def _reasons(value: object) -> tuple[RejectReason, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MOST_REASONS:
        raise ValueError("reasons")
    found = []
    for item in value:
        if not isinstance(item, Mapping) or type(item.get("component", 0)) is not int:
            raise ValueError("reason")
        found.append(
            RejectReason(
                component=item.get("component", 0),
                code=_text(item.get("code", "")),
                text=_text(item.get("text", "")),
            )
        )
    return tuple(found)


def _result(value: object) -> Mapping[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("result")
    return {_text(key): _text(item) for key, item in value.items()}


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ValueError("text")
    return value
