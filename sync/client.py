"""One pass of delivery: from a sealed package to the receipt, or to a typed fault (gửi hồ sơ)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import quote

from sync.answers import ACTS_FOR, json_of, reason_of, refusal
from sync.credentials import ClientCertificate, FixedToken, TokenSource
from sync.delivery import Delivery
from sync.errors import Fault, SyncError
from sync.pace import Pace
from sync.package import Package
from sync.receipt import Receipt, verify_receipt
from sync.upload_state import FIRST_CHUNK, UploadState
from sync.verdict import Verdict
from sync.wire import Wire


@dataclass(frozen=True)
class ServerInfo:
    """Who answers at the address: its name, version, time, signing key, and the largest package in bytes."""

    name: str
    version: str
    time: datetime
    clock_skew_s: float
    public_key_pem: bytes
    key_id: str
    max_bytes: int


class IntakeClient:
    """Delivers packages to one intake. Not for several threads at once: give each its own.

    With `public_key_pem` receipts are checked against that key; without it, against the key that the server
    itself shows over its (TLS) line. `chunk_bytes` is the first chunk's length, kept within 64 KiB–1 MiB.
    `tokens` stands in for a fixed `token`; `pace` bounds what leaves in a second; `acts_for` names the
    station whose packages an operator of the intake carries.
    Raises SyncError(sync.address) for an address that is none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        connect_timeout_s: float = 10,
        read_timeout_s: float = 60,
        chunk_bytes: int = FIRST_CHUNK,
        public_key_pem: bytes | None = None,
        tokens: TokenSource | None = None,
        certificate: ClientCertificate | None = None,
        pace: Pace | None = None,
        acts_for: str = "",
    ) -> None:
        self._wire = Wire(
            base_url,
            tokens=tokens or FixedToken(lambda: token),
            certificate=certificate,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            pace=pace,
            headers={ACTS_FOR: quote(acts_for)} if acts_for else None,
        )
        self._chunk_bytes = chunk_bytes
        self._pinned_key = public_key_pem

    def __enter__(self) -> "IntakeClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open between passes."""
        self._wire.close()

    def hello(self, *, stopped: Callable[[], bool] = lambda: False) -> ServerInfo:
        """Ask the server who it is. Raises SyncError."""
        with self._wire.watched(stopped):
            return self._info()

    def receipt_of(
        self, submission_id: str, *, stopped: Callable[[], bool] = lambda: False
    ) -> Receipt | None:
        """Return the receipt for a submission, or None when the server has none. Raises SyncError.

        The receipt is as the server gave it; `verify_receipt` tells whether to believe it.
        """
        with self._wire.watched(stopped):
            return self._receipt(submission_id)

    @property
    def clock_skew_s(self) -> float | None:
        """Seconds that the server's clock is ahead of ours, by its last answer; None before the first."""
        return self._wire.clock_skew_s

    def verdict_of(
        self, submission_id: str, *, stopped: Callable[[], bool] = lambda: False
    ) -> Verdict | None:
        """Ask what became of a submission; None when the server knows none. Raises SyncError."""
        with self._wire.watched(stopped):
            answer = self._wire.exchange("GET", self._wire.address(f"submissions/{submission_id}"))
        if answer.status == 404 and reason_of(answer) is not None:
            return None
        if answer.status != 200:
            raise refusal(answer)
        verdict = Verdict.from_plain(json_of(answer))
        if verdict.submission_id != submission_id:
            raise SyncError(Fault.SERVER_FAULT, reason="other-submission")
        return verdict

    def deliver(
        self,
        package: Package,
        *,
        resume: UploadState | None = None,
        remember: Callable[[UploadState], None] = lambda _state: None,
        report: Callable[[int, int], None] = lambda _done, _total: None,
        stopped: Callable[[], bool] = lambda: False,
        give_way: Callable[[], bool] = lambda: False,
        audit_head: str | None = None,
    ) -> Receipt:
        """Bring `package` to the intake and return its verified receipt; asked again, it sends nothing twice.

        One pass: it takes the upload up again after a break of the line, but waits for nothing. `remember`
        gets the upload before its first byte, and again where the pass broke off; give the last one as
        `resume` next time. `report` gets acknowledged and total bytes. `stopped` is also called from another
        thread and cuts the line at once; `give_way` is called before each chunk and ends the pass with
        sync.gave-way, nothing lost. `audit_head` is the station's audit head for the server to countersign.

        Raises SyncError; `passing` tells whether another pass may succeed.
        """
        with self._wire.watched(stopped):
            receipt = self._receipt(package.submission_id)
            if receipt is None:
                delivery = Delivery(
                    self._wire,
                    package,
                    receipt_of=self._receipt,
                    remember=remember,
                    report=report,
                    give_way=give_way,
                    audit_head=audit_head,
                    first_chunk=self._chunk_bytes,
                )
                receipt = delivery.run(resume)
            self._verify(receipt, package)
        report(package.bytes, package.bytes)
        return receipt

    def _info(self) -> ServerInfo:
        sent = datetime.now(UTC)
        answer = self._wire.exchange("GET", self._wire.address("info"))
        if answer.status != 200:
            raise refusal(answer)
        came = datetime.now(UTC)
        fields = json_of(answer)
        try:
            time = datetime.fromisoformat(str(fields["time"]))
            return ServerInfo(
                name=str(fields["name"]),
                version=str(fields["version"]),
                time=time,
                clock_skew_s=(time - (sent + (came - sent) / 2)).total_seconds(),
                public_key_pem=str(fields["public_key_pem"]).encode("utf-8"),
                key_id=str(fields["key_id"]),
                max_bytes=int(str(fields["max_bytes"])),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise SyncError(Fault.CAPTIVE_PORTAL, status=answer.status) from error

    def _receipt(self, submission_id: str) -> Receipt | None:
        answer = self._wire.exchange("GET", self._wire.address(f"submissions/{submission_id}/receipt"))
        if answer.status == 404 and reason_of(answer) is not None:
            return None
        if answer.status != 200:
            raise refusal(answer)
        json_of(answer)
        return Receipt.from_json(answer.body)

    def _verify(self, receipt: Receipt, package: Package) -> None:
        if receipt.submission_id != package.submission_id:
            raise SyncError(Fault.RECEIPT_FORGED, reason="other-submission")
        verify_receipt(receipt, self._pinned_key or self._info().public_key_pem)
        if (receipt.package_sha256, receipt.package_bytes) != (package.sha256, package.bytes):
            raise SyncError(Fault.CONFLICT, receipt_id=receipt.receipt_id)
