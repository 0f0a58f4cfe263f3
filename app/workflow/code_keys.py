"""The agency's keys for seals, for whoever stamps and whoever checks (khóa dấu xác thực)."""

from collections.abc import Sequence
from pathlib import Path

import signing


def open_key(file: Path, passphrase: str) -> signing.SealKey:
    """The private key in a file. Raises SigningError."""
    return signing.load_seal_key(file, passphrase)


def make_key(file: Path, passphrase: str) -> Path:
    """Makes a key; the path of its public half. Raises SigningError, ValueError for a short passphrase."""
    return signing.new_seal_key(file, passphrase)


def public_keys(places: Sequence[Path]) -> list[signing.TrustedSealKey]:
    """The public keys in files and folders. Raises SigningError."""
    return signing.trusted_seal_keys(places)
