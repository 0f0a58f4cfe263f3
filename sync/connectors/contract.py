"""What every connector does: greet, deliver once in effect, and say later what became of it (hợp đồng)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from sync.errors import Fault, SyncError
from sync.package import Package
from sync.receipt import Receipt, verify_receipt
from sync.verdict import Verdict


@dataclass(frozen=True)
class Greeting:
    """Who answers: its name, its version, how far its clock is ahead of ours in seconds (None: unknown),
    the key that its receipts are signed with (PEM; None: it signs none), its largest package in bytes."""

    name: str
    version: str = ""
    clock_skew_s: float | None = None
    receipt_key_pem: bytes | None = None
    max_bytes: int | None = None


@dataclass(frozen=True)
class Acknowledgement:
    """A system's word that a package is there. `receipt` is signed proof, which only our intake gives.

    `references` are the names under which the system holds what was sent; `at` is ISO 8601.
    """

    system: str
    submission_id: str
    package_sha256: str
    package_bytes: int
    at: str
    references: tuple[str, ...] = ()
    receipt: Receipt | None = None

    @property
    def name(self) -> str:
        """What to show for it: the receipt's number, else the first reference."""
        return self.receipt.receipt_id if self.receipt else (self.references or ("",))[0]

    def to_json(self) -> str:
        """Return it as JSON text; a signed receipt stands for itself, so that it can be checked anywhere."""
        return self.receipt.to_json() if self.receipt else json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Acknowledgement":
        """Read what `to_json` wrote. Raises SyncError(sync.receipt-forged)."""
        try:
            fields = json.loads(text)
            if "signature" in fields:
                return cls.of(Receipt.from_json(text))
            return cls(**{**fields, "references": tuple(fields["references"]), "receipt": None})
        except (ValueError, TypeError, KeyError) as error:
            raise SyncError(Fault.RECEIPT_FORGED, reason="not-json") from error

    @classmethod
    def of(cls, receipt: Receipt) -> "Acknowledgement":
        """What a signed receipt says."""
        return cls(
            system=receipt.server,
            submission_id=receipt.submission_id,
            package_sha256=receipt.package_sha256,
            package_bytes=receipt.package_bytes,
            at=receipt.received_at,
            references=(receipt.receipt_id,),
            receipt=receipt,
        )

    def verify(self, package: Package, key_pem: bytes | None) -> None:
        """Check that this is about `package`, and its signature where a key is known.

        Raises SyncError: sync.receipt-forged, sync.conflict.
        """
        if self.submission_id != package.submission_id:
            raise SyncError(Fault.RECEIPT_FORGED, reason="other-submission")
        if key_pem is not None:
            if self.receipt is None:
                raise SyncError(Fault.RECEIPT_FORGED, reason="unsigned")
            verify_receipt(self.receipt, key_pem)
        if (self.package_sha256, self.package_bytes) != (package.sha256, package.bytes):
            raise SyncError(Fault.CONFLICT, receipt_id=self.name)


@dataclass(frozen=True)
class Errand:
    """One pass: how it is watched, and what it may go on from.

    `resume` is what `remember` was last given for this package (text, opaque); `report` gets done and total
    bytes; `stopped` ends the pass at once, `give_way` before the next chunk or file.
    """

    resume: str | None = None
    remember: Callable[[str], None] = lambda _state: None
    report: Callable[[int, int], None] = lambda _done, _total: None
    stopped: Callable[[], bool] = lambda: False
    give_way: Callable[[], bool] = lambda: False
    audit_head: str = ""

    def check(self) -> None:
        """Raise SyncError: sync.cancelled, sync.gave-way, when asked to end here."""
        if self.stopped():
            raise SyncError(Fault.CANCELLED)
        if self.give_way():
            raise SyncError(Fault.GAVE_WAY)


class Connector(Protocol):
    """A system that takes sealed packages in. Asked again with the same package, it sends nothing twice."""

    system: str

    def greet(self, *, stopped: Callable[[], bool] = ...) -> Greeting:
        """Ask who answers. Raises SyncError."""

    def deliver(self, package: Package, errand: Errand) -> Acknowledgement:
        """Bring the package there in one pass; raises SyncError, whose `passing` tells whether to try again.

        Other bytes under the same submission id, or under the names it gave out, are sync.conflict.
        """

    def verdicts(self, submission_ids: Sequence[str], *, stopped: Callable[[], bool] = ...) -> list[Verdict]:
        """What became of these submissions, as far as the system tells. Raises SyncError."""

    def close(self) -> None:
        """Let connections go."""
