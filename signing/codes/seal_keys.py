"""The agency's key for seals: Ed25519, kept encrypted in a file; its public half is given to whoever checks.

Government tokens hold RSA keys, whose signatures of 256 bytes are too long for a symbol that survives a
copier (khóa dấu xác thực của cơ quan).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signing.durable import write_bytes
from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_NAME_BYTES = 4
_SHORTEST_PASSPHRASE = 8


@dataclass(frozen=True)
class TrustedSealKey:
    """The public half: `name` is the beginning of its SHA-256, printed in every seal."""

    name: bytes
    _public: "Ed25519PublicKey"

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether this key made the signature (64 bytes) of the data."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._public.verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SealKey:
    """The private half, opened."""

    name: bytes
    _private: "Ed25519PrivateKey"

    def sign(self, data: bytes) -> bytes:
        """The signature of the data, 64 bytes; always the same for the same data."""
        return self._private.sign(data)

    @property
    def trusted(self) -> TrustedSealKey:
        """Its public half."""
        return TrustedSealKey(self.name, self._private.public_key())


def new_seal_key(file: Path, passphrase: str) -> Path:
    """Make a key, write it encrypted to `file` and its public half beside it as `.pub.pem`; that path.

    Raises `sign.output-taken` where one of the files is there already, ValueError for a passphrase of less
    than 8 characters, and the faults of writing.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise ValueError("a passphrase has 8 characters or more")
    public = file.with_suffix(".pub.pem")
    if file.exists() or public.exists():
        raise SigningError(SigningFault.OUTPUT_TAKEN)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    shown = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_bytes(file, private, mode=0o600)
    write_bytes(public, shown)
    return public


def load_seal_key(file: Path, passphrase: str) -> SealKey:
    """The key in `file`. Raises `sign.seal-key-broken` (fact `reason`: missing, passphrase, kind)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    data = _read(file)
    try:
        key = serialization.load_pem_private_key(data, passphrase.encode() or None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise SigningError(SigningFault.SEAL_KEY_BROKEN, reason="passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(SigningFault.SEAL_KEY_BROKEN, reason="kind")
    return SealKey(_name(key.public_key()), key)


def trusted_seal_keys(places: Iterable[Path]) -> list[TrustedSealKey]:
    """The public keys in these files, and in the `.pem` files of these folders; other files are left out.

    Raises `sign.seal-key-broken` for a place that isn't there.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    keys = []
    for place in places:
        if not place.exists():
            raise SigningError(SigningFault.SEAL_KEY_BROKEN, reason="missing")
        for file in sorted(place.glob("*.pem")) if place.is_dir() else [place]:
            try:
                key = serialization.load_pem_public_key(_read(file))
            except ValueError:
                continue
            if isinstance(key, Ed25519PublicKey):
                keys.append(TrustedSealKey(_name(key), key))
    return keys


def _name(public: "Ed25519PublicKey") -> bytes:
    return hashlib.sha256(public.public_bytes_raw()).digest()[:_NAME_BYTES]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SigningError(SigningFault.SEAL_KEY_BROKEN, reason="missing") from error
