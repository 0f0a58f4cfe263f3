"""What proves when a signature existed: its own time stamps and those added to the document (bằng chứng)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from signing.verify.anchors import Anchors
from signing.verify.chain import standing_of
from signing.verify.revocation import Evidence
from signing.verify.signature import Reading
from signing.verify.stamps import Stamp
from signing.verify.verdict import Chain, Integrity

if TYPE_CHECKING:
    from asn1crypto import x509


@dataclass(frozen=True)
class Proof:
    """A time by which the signature existed, who says so, and whether that authority is trusted."""

    at: datetime
    authority: "x509.Certificate"
    source: str
    trusted: bool


@dataclass(frozen=True)
class _DocumentStamp:
    """A sound document time stamp of a trusted authority, and where its range ends."""

    stamp: Stamp
    end: int


class Proofs:
    """The proofs of a document's signatures, seen from the moment `at` (now without it).

    Nothing is fetched: an authority's chain and revocation are judged by what the file and the trust hold.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        trust: Anchors,
        beside: "tuple[x509.Certificate, ...]",
        evidence: Evidence,
        at: datetime | None,
    ) -> None:
        self.trust, self.beside, self._at = trust, beside, at
        self.evidence = evidence
        self.clock = at or datetime.now(UTC)
        self._known: dict[tuple[bytes, datetime], bool] = {}
        self._documents: list[_DocumentStamp] = []
        for reading in reversed(readings):  # the outermost first: it proves when those below existed
            cover = reading.field.coverage
            whole = reading.stamping and reading.verdict.integrity is Integrity.VALID
            if whole and cover and reading.stamp and self._stands(reading, reading.stamp, cover.end):
                self._documents.append(_DocumentStamp(reading.stamp, cover.end))

    def of(self, reading: Reading) -> Proof | None:
        """The earliest trusted proof; an untrusted time stamp where there is nothing better."""
        cover = reading.field.coverage
        if cover is None:
            return None
        own = "timestamp"
        found = [
            Proof(stamp.at, stamp.authority, own, trusted=True)
            for stamp in reading.stamps
            if self._stands(reading, stamp, cover.end)
        ]
        found += [
            Proof(one.stamp.at, one.stamp.authority, "document-timestamp", trusted=True)
            for one in self._documents
            if one.end > cover.end and not reading.stamping
        ]
        if found:
            return min(found, key=lambda proof: proof.at)
        stamp = reading.stamp
        return Proof(stamp.at, stamp.authority, "timestamp-untrusted", trusted=False) if stamp else None

    def time_of(self, reading: Reading, proof: Proof | None) -> datetime:
        """The time at which the chain is judged."""
        claimed = reading.claim.meant
        if proof is not None and proof.trusted:
            proven = proof.at
            if proof.source == "document-timestamp" and claimed is not None and claimed < proven:
                proven = claimed
            return min(proven, self.clock)
        if reading.stamping and proof is not None:
            return proof.at
        return self._at or claimed or (proof.at if proof else self.clock)

    def lapsed(self, reading: Reading, proof: Proof | None) -> bool:
        """Whether the authority's certificate has expired and no later time stamp took over before."""
        cover = reading.field.coverage
        if proof is None or not proof.trusted or cover is None:
            return False
        until = proof.authority.not_valid_after
        for later in sorted(self._documents, key=lambda one: one.stamp.at):
            if later.end > cover.end and proof.at <= later.stamp.at <= until:
                until = max(until, later.stamp.authority.not_valid_after)
        return bool(until < self.clock)

    def past_end_of(self, reading: Reading) -> bool:
        """Whether the signer's certificate has expired by now."""
        return reading.certificate is not None and bool(reading.certificate.not_valid_after < self.clock)

    def _stands(self, reading: Reading, stamp: Stamp, end: int) -> bool:
        """Whether the authority of a time stamp was trusted when it stamped."""
        key = (stamp.authority.sha256, stamp.at)
        if key not in self._known:
            later = [one.stamp.at for one in self._documents if one.end > end]
            standing = standing_of(
                stamp.authority,
                [*stamp.beside, *reading.beside, *self.beside],
                self.trust,
                stamp.at,
                proven_by=min(later, default=self.clock),
                evidence=reading.evidence + stamp.evidence + self.evidence,
                stamping=True,
            )
            self._known[key] = standing.chain is Chain.TRUSTED
        return self._known[key]
