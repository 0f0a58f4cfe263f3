"""An answer that says no, with one word that programs can read (RFC 9457 problem details)."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818  (an answer, not an error of the intake)
    """Answer `status` with `reason`; `facts` go into the body beside it, `headers` into the answer."""

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})
