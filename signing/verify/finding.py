"""What is known of one signature: four findings and their reasons (kết quả kiểm tra chữ ký)."""

from dataclasses import dataclass
from typing import Any

from signing.verify.reasons import Reason
from signing.verify.verdict import Chain, Changes, Integrity


@dataclass(frozen=True)
class SignatureFinding:
    """One signature or document time stamp of a PDF.

    `integrity`, `chain`, `time` and `changes` are judged apart: a signature may be whole (`valid`) though its
    chain is incomplete. `chain` is judged at the time of signing. `field` is the field's full name.

    `time` has `claimed` (ISO 8601, as it stands in the file), `timestamp`, `signed_at` (the best known
    time, +07:00), `authority` (who stamped the time), `kind` (`signature` or `timestamp`) and `source`:
    `timestamp`, `document-timestamp` (one that was added to the document later), `timestamp-untrusted` (the
    authority's own chain isn't trusted), `timestamp-invalid`, `claimed`, `none`.

    `quirks` are values of `signing.verify.quirks.Quirk`.
    """

    field: str
    signer: str
    integrity: Integrity
    chain: Chain
    time: dict[str, str | None]
    changes: Changes
    quirks: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    issuer: str = ""
    kind: str = "signature"

    @property
    def why(self) -> tuple[str, ...]:
        """The reasons as Vietnamese sentences."""
        return self.told("vi")

    def told(self, language: str) -> tuple[str, ...]:
        """The reasons as sentences in a language (`vi`, `en`)."""
        return tuple(dict.fromkeys(reason.told(language) for reason in self.reasons))

    @property
    def sound(self) -> bool:
        """Whole, from a trusted signer, and shown as it was signed (hợp lệ)."""
        return (
            self.integrity is Integrity.VALID
            and self.chain is Chain.TRUSTED
            and self.changes is not Changes.SUSPICIOUS
            and self.time["source"] != "timestamp-invalid"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "field": self.field,
            "signer": self.signer,
            "integrity": self.integrity.value,
            "chain": self.chain.value,
            "time": dict(self.time),
            "changes": self.changes.value,
            "quirks": list(self.quirks),
            "why": list(self.why),
        }
