"""The intake's own key: made at the first start, it signs every receipt (khóa ký biên nhận)."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sync.durable import durable_file, storage_faults
from sync.errors import Fault, SyncError
from sync.receipt import key_id_of
from sync.server.ledger import Ledger

KEY_FILE = "signing-key.pem"


class SigningKey:
    """An Ed25519 key with its id and its public half (PEM)."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        public = key.public_key()
        self.key_id = key_id_of(public)
        self.public_pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def sign(self, text: bytes) -> bytes:
        """Return the 64 bytes of signature over `text`."""
        return self._key.sign(text)


def open_signing_key(data_dir: Path, ledger: Ledger) -> SigningKey:
    """Return the key of this data folder, making it (owner only, wholly or not at all) at the first start.

    Raises SyncError(sync.intake-key) when the file is damaged, or gone although receipts were signed with
    it: a new key in its place would turn every earlier receipt into one that cannot be checked.
    """
    path = data_dir / KEY_FILE
    known = ledger.signing_keys()
    if not path.exists():
        if known:
            raise SyncError(Fault.INTAKE_KEY, reason="missing")
        _make(path)
    key = SigningKey(_read(path))
    if known and key.key_id not in known:
        raise SyncError(Fault.INTAKE_KEY, reason="other")
    ledger.add_signing_key(key.key_id, key.public_pem)
    return key


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with storage_faults(), durable_file(path) as stream:
        stream.write(pem)


def _read(path: Path) -> Ed25519PrivateKey:
    with storage_faults():
        pem = path.read_bytes()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SyncError(Fault.INTAKE_KEY, reason="damaged") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SyncError(Fault.INTAKE_KEY, reason="damaged")
    return key
