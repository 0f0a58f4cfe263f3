"""What is known of one signature: four findings and their reasons (kết quả kiểm tra chữ ký)."""

from dataclasses import dataclass
from typing import Any

from signing.verify.chain import Chain
from signing.verify.changes import Changes
from signing.verify.integrity import Integrity


@dataclass(frozen=True)
class SignatureFinding:
    """One signature or document time stamp of a PDF.

    `integrity`, `chain`, `time` and `changes` are judged apart: a signature may be whole (`valid`) though
    its chain is incomplete. `time` has `claimed` and `timestamp` (ISO 8601 or None) and `source`
    (`timestamp`, `timestamp-untrusted` when the authority's own chain isn't trusted, `claimed`, `none`).
    `quirks` are names of `signing.verify.integrity.Quirk`; `why` holds Vietnamese sentences. `chain` is
    judged at the time of signing; `field` is the field's full name.
    """

    field: str
    signer: str
    integrity: Integrity
    chain: Chain
    time: dict[str, str | None]
    changes: Changes
    quirks: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    issuer: str = ""
    kind: str = "signature"

    @property
    def sound(self) -> bool:
        """Whole, from a trusted signer, and shown as it was signed (hợp lệ)."""
        return (
            self.integrity is Integrity.VALID
            and self.chain is Chain.TRUSTED
            and self.changes is not Changes.SUSPICIOUS
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "field": self.field,
            "signer": self.signer,
            "issuer": self.issuer,
            "kind": self.kind,
            "integrity": self.integrity.value,
            "chain": self.chain.value,
            "time": dict(self.time),
            "changes": self.changes.value,
            "quirks": [str(quirk) for quirk in self.quirks],
            "why": list(self.why),
            "sound": self.sound,
        }
