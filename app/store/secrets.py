"""What only this station may know: tokens and passwords, locked by a key in the system's keyring (bí mật).

The secrets lie encrypted (AES-256-GCM) in `secrets.json`; their key lies in the keyring, which on Windows
takes no more than 1,280 characters an entry. Where there is no keyring (a server without a desktop, a bare
terminal) the key lies in `secrets.key` beside it, readable by this account only (0600): whoever can read this
account's files can then read the secrets, as docs/hop-gui.md says.
"""

import base64
import json
import logging
import os
from pathlib import Path

from app.domain.errors import StationError, StationFault
from app.store.durable import disk_faults, make_folder, write_file

logger = logging.getLogger(__name__)

NAMES = ("token", "client-secret", "key-password")
"""What is kept: the station's token, the secret of its client id, the password of its private key."""

_SERVICE = "sohoa"
_FILE, _KEY_FILE = "secrets.json", "secrets.key"


class Secrets:
    """The secrets of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> str | None:
        """The secret of this name. Raises StationError `station.secrets-locked` when it cannot be opened."""
        kept = self._kept()
        if name not in kept:
            return None
        key = self._key(make=False)
        if key is None:
            raise StationError(StationFault.SECRETS_LOCKED)
        return _opened(key, name, kept[name])

    def put(self, name: str, value: str) -> None:
        """Keep a secret durably, in the place of an older one."""
        if name not in NAMES:
            raise KeyError(name)
        make_folder(self._folder)
        key = self._key(make=True)
        if key is None:
            raise StationError(StationFault.SECRETS_LOCKED)
        self._write({**self._kept(), name: _locked(key, name, value)})

    def forget(self, name: str) -> None:
        """Take a secret away."""
        kept = self._kept()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def known(self) -> list[str]:
        """The names of the secrets that are kept."""
        return sorted(self._kept())

    @property
    def in_keyring(self) -> bool:
        """True while the key lies in the system's keyring rather than in a file."""
        return not (self._folder / _KEY_FILE).exists()

    def _kept(self) -> dict[str, str]:
        try:
            value = json.loads((self._folder / _FILE).read_text(encoding="utf-8"))
            return {str(name): str(text) for name, text in value.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            raise StationError(StationFault.SECRETS_LOCKED) from error

    def _write(self, kept: dict[str, str]) -> None:
        write_file(self._folder / _FILE, json.dumps(kept, sort_keys=True).encode(), mode=0o600)

    def _key(self, *, make: bool) -> bytes | None:
        beside = self._folder / _KEY_FILE
        if beside.exists():
            with disk_faults():
                if os.name != "nt" and beside.stat().st_mode & 0o077:
                    beside.chmod(0o600)
                return base64.b64decode(beside.read_bytes())
        user = str(self._folder.resolve())
        known, usable = _from_keyring(user)
        if known is not None or not make:
            return known
        fresh = os.urandom(32)
        if not (usable and _into_keyring(user, fresh)):
            logger.info("no keyring: the key of the secrets lies in a file")
            write_file(beside, base64.b64encode(fresh), mode=0o600)
        return fresh


def _from_keyring(user: str) -> tuple[bytes | None, bool]:
    """The key in the keyring, and whether there is a keyring at all."""
    import keyring
    import keyring.errors

    try:
        text = keyring.get_password(_SERVICE, user)
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return None, False
    return (base64.b64decode(text) if text else None), True


def _into_keyring(user: str, key: bytes) -> bool:
    import keyring
    import keyring.errors

    text = base64.b64encode(key).decode("ascii")
    try:
        keyring.set_password(_SERVICE, user, text)
        # A keyring that takes everything and keeps nothing is none.
        return keyring.get_password(_SERVICE, user) == text
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return False


def _locked(key: bytes, name: str, value: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, value.encode(), name.encode())).decode("ascii")


def _opened(key: bytes, name: str, text: str) -> str:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        whole = base64.b64decode(text, validate=True)
        return AESGCM(key).decrypt(whole[:12], whole[12:], name.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise StationError(StationFault.SECRETS_LOCKED) from error
