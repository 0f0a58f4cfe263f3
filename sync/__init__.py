"""From a finished dossier to the province and back with a receipt (đồng bộ hồ sơ).

Seal the files of a dossier into one package, deliver it over a line that breaks, and keep the
receipt that the province signed. The reference intake that takes packages in is `sync.server`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sync.backoff import full_jitter
from sync.errors import Fault, SyncError
from sync.package import Package, PackageFile
from sync.submission_id import is_submission_id, new_submission_id
from sync.upload_state import UploadState

if TYPE_CHECKING:
    from sync.client import IntakeClient, ServerInfo
    from sync.package_reading import PackageContents, open_package
    from sync.package_sealing import seal_package
    from sync.receipt import Receipt, verify_receipt

__all__ = [
    "Fault",
    "IntakeClient",
    "Package",
    "PackageContents",
    "PackageFile",
    "Receipt",
    "ServerInfo",
    "SyncError",
    "UploadState",
    "full_jitter",
    "is_submission_id",
    "new_submission_id",
    "open_package",
    "seal_package",
    "verify_receipt",
]

_HOMES = {
    "IntakeClient": "sync.client",
    "PackageContents": "sync.package_reading",
    "Receipt": "sync.receipt",
    "ServerInfo": "sync.client",
    "open_package": "sync.package_reading",
    "seal_package": "sync.package_sealing",
    "verify_receipt": "sync.receipt",
}


def __getattr__(name: str) -> object:
    """Load the part that needs HTTP, cryptography or ZIP when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
