"""The reference intake: takes packages in over tus, keeps them, and signs receipts (máy chủ tiếp nhận).

For training rooms, for tests, and for a province that has nothing yet. SQLite and plain files; every byte
that is acknowledged is on the disk first.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sync.server.settings import DEFAULT_MAX_BYTES, Limits

if TYPE_CHECKING:
    from sync.server.application import create_app
    from sync.server.serving import IntakeThread, serve

__all__ = ["DEFAULT_MAX_BYTES", "IntakeThread", "Limits", "create_app", "serve"]

_HOMES = {
    "IntakeThread": "sync.server.serving",
    "create_app": "sync.server.application",
    "serve": "sync.server.serving",
}


def __getattr__(name: str) -> object:
    """Load the web server when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
