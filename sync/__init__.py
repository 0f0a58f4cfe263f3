"""From a finished dossier to the province and back with a receipt (đồng bộ hồ sơ).

Seal the files of a dossier into one package, deliver it over a line that breaks, and keep the
receipt that the province signed. The reference intake that takes packages in is `sync.server`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sync.backoff import full_jitter
from sync.errors import Fault, SyncError
from sync.pace import Pace
from sync.package import Package, PackageFile
from sync.submission_id import is_submission_id, new_submission_id
from sync.upload_state import UploadState
from sync.verdict import RejectReason, Verdict, VerdictState

if TYPE_CHECKING:
    from sync.carrying import Carried, carried_ids, carry, key_on, receipts_on
    from sync.client import IntakeClient, ServerInfo
    from sync.connecting import LineSettings, connect
    from sync.connectors.contract import Acknowledgement, Connector, Errand, Greeting
    from sync.connectors.documents import DocumentsConnector
    from sync.connectors.folder import FolderConnector, package_path, prepare_share
    from sync.connectors.intake import IntakeConnector
    from sync.connectors.portal import PortalConnector
    from sync.credentials import ClientCertificate, ClientCredentials, FixedToken, TokenSource
    from sync.package_reading import PackageContents, open_package
    from sync.package_sealing import seal_package
    from sync.receipt import Receipt, verify_receipt

__all__ = [
    "Acknowledgement",
    "Carried",
    "ClientCertificate",
    "ClientCredentials",
    "Connector",
    "DocumentsConnector",
    "Errand",
    "Fault",
    "FixedToken",
    "FolderConnector",
    "Greeting",
    "IntakeClient",
    "IntakeConnector",
    "LineSettings",
    "Pace",
    "Package",
    "PackageContents",
    "PackageFile",
    "PortalConnector",
    "Receipt",
    "RejectReason",
    "ServerInfo",
    "SyncError",
    "TokenSource",
    "UploadState",
    "Verdict",
    "VerdictState",
    "carried_ids",
    "carry",
    "connect",
    "full_jitter",
    "is_submission_id",
    "key_on",
    "new_submission_id",
    "open_package",
    "package_path",
    "prepare_share",
    "receipts_on",
    "seal_package",
    "verify_receipt",
]

_HOMES = {
    "Acknowledgement": "sync.connectors.contract",
    "Carried": "sync.carrying",
    "ClientCertificate": "sync.credentials",
    "ClientCredentials": "sync.credentials",
    "Connector": "sync.connectors.contract",
    "DocumentsConnector": "sync.connectors.documents",
    "Errand": "sync.connectors.contract",
    "FixedToken": "sync.credentials",
    "FolderConnector": "sync.connectors.folder",
    "Greeting": "sync.connectors.contract",
    "IntakeClient": "sync.client",
    "IntakeConnector": "sync.connectors.intake",
    "LineSettings": "sync.connecting",
    "PackageContents": "sync.package_reading",
    "PortalConnector": "sync.connectors.portal",
    "Receipt": "sync.receipt",
    "ServerInfo": "sync.client",
    "TokenSource": "sync.credentials",
    "carried_ids": "sync.carrying",
    "carry": "sync.carrying",
    "key_on": "sync.carrying",
    "connect": "sync.connecting",
    "open_package": "sync.package_reading",
    "package_path": "sync.connectors.folder",
    "prepare_share": "sync.connectors.folder",
    "receipts_on": "sync.carrying",
    "seal_package": "sync.package_sealing",
    "verify_receipt": "sync.receipt",
}


def __getattr__(name: str) -> object:
    """Load the part that needs HTTP, cryptography or ZIP when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(name)
