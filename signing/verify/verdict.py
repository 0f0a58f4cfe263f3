"""The verdicts on a signature, as values (kết luận)."""

from dataclasses import dataclass
from enum import StrEnum

from signing.verify.quirks import Quirk


class Integrity(StrEnum):
    """Do hash and key agree with the signed bytes? (toàn vẹn)"""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


class Chain(StrEnum):
    """What the signer's certificate was worth at the time of signing (chuỗi chứng thư)."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    INCOMPLETE = "incomplete"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Changes(StrEnum):
    """What follows the signature (thay đổi về sau)."""

    NONE = "none"
    HARMLESS = "harmless"
    SUSPICIOUS = "suspicious"


@dataclass(frozen=True)
class Judgement:
    """The verdict, the reason of anything but VALID (see `signing.verify.reasons`), the quirks met."""

    integrity: Integrity
    reason: str = ""
    quirks: tuple[Quirk, ...] = ()
