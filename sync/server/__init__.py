"""The reference intake: takes packages in over tus, keeps them, and signs receipts (máy chủ tiếp nhận).

For training rooms, for tests, and for a province that has nothing yet. SQLite or PostgreSQL, and plain
files; every byte that is acknowledged is on the disk first.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.server.accounts import Account, Accounts, Role, hash_of_token, read_accounts, write_accounts
    from sync.server.application import create_app
    from sync.server.audit import first_break
    from sync.server.intake import Choices, open_ledger
    from sync.server.judging import Judge, Objection
    from sync.server.serving import IntakeThread, serve
    from sync.server.settings import DEFAULT_MAX_BYTES, Limits

__all__ = [
    "DEFAULT_MAX_BYTES",
    "Account",
    "Accounts",
    "Choices",
    "IntakeThread",
    "Judge",
    "Limits",
    "Objection",
    "Role",
    "create_app",
    "first_break",
    "hash_of_token",
    "open_ledger",
    "read_accounts",
    "serve",
    "write_accounts",
]

_HOMES = {
    "DEFAULT_MAX_BYTES": "sync.server.settings",
    "Account": "sync.server.accounts",
    "Accounts": "sync.server.accounts",
    "Choices": "sync.server.intake",
    "IntakeThread": "sync.server.serving",
    "Judge": "sync.server.judging",
    "Limits": "sync.server.settings",
    "Objection": "sync.server.judging",
    "Role": "sync.server.accounts",
    "create_app": "sync.server.application",
    "first_break": "sync.server.audit",
    "hash_of_token": "sync.server.accounts",
    "open_ledger": "sync.server.intake",
    "read_accounts": "sync.server.accounts",
    "serve": "sync.server.serving",
    "write_accounts": "sync.server.accounts",
}


def __getattr__(name: str) -> object:
    """Load the web server and the database when they are first asked for."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
