"""Keeping tokens and passwords for the command line (giữ bí mật của trạm)."""

from app.settings import Settings
from app.store import Secrets


def keep(settings: Settings, name: str, value: str) -> bool:
    """Keeps a secret; True when the system's keyring guards it, False when a file does."""
    secrets = Secrets(settings.folder())
    secrets.put(name, value)
    return secrets.in_keyring


def names(settings: Settings) -> list[str]:
    """The names of the secrets that are kept."""
    return Secrets(settings.folder()).known()


def forget(settings: Settings, name: str) -> None:
    """Takes a secret away."""
    Secrets(settings.folder()).forget(name)
