"""The province's word that a package arrived: signed, kept for ever, checked without a line (biên nhận)."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from sync.canonical import canonical_json
from sync.errors import Fault, SyncError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass(frozen=True)
class Receipt:
    """What the intake took in, when, and its signature over exactly that.

    `received_at` is ISO 8601 with an offset; `audit_head` is the station's own audit head as it was sent,
    countersigned here; `intake_head` is the head of the intake's audit chain before this entry. The
    signature is base64 of Ed25519 (RFC 8032) over the canonical JSON of all other fields. `dossier_code` is
    the code that the intake issued (mã hồ sơ); where it issued none, the field is left out of both.
    """

    submission_id: str
    package_sha256: str
    package_bytes: int
    received_at: str
    receipt_id: str
    server: str
    key_id: str
    signature: str
    audit_head: str
    intake_head: str = ""
    dossier_code: str = ""

    def signed_part(self) -> bytes:
        """Return the bytes that the signature covers: canonical JSON of everything but the signature."""
        return canonical_json({key: value for key, value in self._written().items() if key != "signature"})

    def to_json(self) -> str:
        """Return the receipt as canonical JSON text."""
        return canonical_json(self._written()).decode("utf-8")

    def _written(self) -> dict[str, object]:
        values = asdict(self)
        if not self.dossier_code:
            del values["dossier_code"]
        return values

    @classmethod
    def from_json(cls, text: str | bytes) -> "Receipt":
        """Read a receipt. Raises SyncError(sync.receipt-forged) when the text is not one."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SyncError(Fault.RECEIPT_FORGED, reason="not-json") from error
        types = {field.name: int if field.type in (int, "int") else str for field in fields(cls)}
        if not isinstance(values, dict) or values.keys() | {"dossier_code"} != types.keys():
            raise SyncError(Fault.RECEIPT_FORGED, reason="fields")
        if any(type(values[name]) is not types[name] for name in values):
            raise SyncError(Fault.RECEIPT_FORGED, reason="fields")
        return cls(**values)


def verify_receipt(receipt: Receipt, public_key_pem: bytes) -> None:
    """Check the signature of `receipt` with the intake's public key (PEM, SubjectPublicKeyInfo).

    Needs no network. Raises SyncError(sync.receipt-forged) when the signature, the key or its id is wrong.
    """
    from cryptography.exceptions import InvalidSignature

    key = _public_key(public_key_pem)
    if receipt.key_id != key_id_of(key):
        raise SyncError(Fault.RECEIPT_FORGED, reason="other-key")
    try:
        key.verify(base64.b64decode(receipt.signature, validate=True), receipt.signed_part())
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise SyncError(Fault.RECEIPT_FORGED, reason="signature") from error


def key_id_of(key: "Ed25519PublicKey") -> str:
    """Return the id of a key: the first 16 hex digits of the SHA-256 of its 32 raw bytes."""
    import hashlib

    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _public_key(pem: bytes) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SyncError(Fault.RECEIPT_FORGED, reason="key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SyncError(Fault.RECEIPT_FORGED, reason="key")
    return key
