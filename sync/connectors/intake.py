"""Our own intake: tus, a commit, a signed receipt (máy chủ tiếp nhận)."""

from collections.abc import Callable, Sequence

from sync.client import IntakeClient
from sync.connectors.contract import Acknowledgement, Errand, Greeting
from sync.package import Package
from sync.upload_state import UploadState
from sync.verdict import Verdict


class IntakeConnector:
    """The intake behind the contract of all connectors."""

    system = "intake"

    def __init__(self, client: IntakeClient) -> None:
        self._client = client

    def greet(self, *, stopped: Callable[[], bool] = lambda: False) -> Greeting:
        """Ask the intake who it is."""
        info = self._client.hello(stopped=stopped)
        return Greeting(info.name, info.version, info.clock_skew_s, info.public_key_pem, info.max_bytes)

    def deliver(self, package: Package, errand: Errand) -> Acknowledgement:
        """Upload, commit, and bring the receipt back."""
        receipt = self._client.deliver(
            package,
            resume=_state(errand.resume),
            remember=lambda state: errand.remember(state.to_json()),
            report=errand.report,
            stopped=errand.stopped,
            give_way=errand.give_way,
            audit_head=errand.audit_head,
        )
        return Acknowledgement.of(receipt)

    def verdicts(
        self, submission_ids: Sequence[str], *, stopped: Callable[[], bool] = lambda: False
    ) -> list[Verdict]:
        """Ask for each submission; those that the intake does not know are left out."""
        asked = (self._client.verdict_of(one, stopped=stopped) for one in submission_ids)
        return [verdict for verdict in asked if verdict is not None]

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()


def _state(text: str | None) -> UploadState | None:
    """What was remembered; a text that is not an upload of ours begins a new one."""
    try:
        return UploadState.from_json(text) if text else None
    except ValueError:
        return None
