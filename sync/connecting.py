"""From settings to a connector: which system, how to prove who we are, how fast to send (kết nối)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sync.client import IntakeClient
from sync.connectors.contract import Connector
from sync.connectors.documents import DocumentsConnector
from sync.connectors.folder import FolderConnector
from sync.connectors.intake import IntakeConnector
from sync.connectors.portal import PortalConnector
from sync.credentials import ClientCertificate, ClientCredentials, FixedToken, TokenSource
from sync.errors import Fault, SyncError
from sync.pace import Pace
from sync.wire import Wire


def _no_secret(_name: str) -> str | None:
    return None


@dataclass(frozen=True)
class LineSettings:
    """How a system is reached. `secret(name)` gives "token", "client-secret" and "key-password" when asked.

    `kind` is intake, documents, portal or folder; `address` is a URL, or the folder's path. With a
    `token_url` tokens come from there (client credentials), else the token is the secret of that name.
    A portal that wants a login gets `client_id` and the secret "client-secret".
    `field_map` is what a foreign system's fields are filled by.
    """

    kind: str
    address: str
    secret: Callable[[str], str | None] = _no_secret
    token_url: str = ""
    client_id: str = ""
    certificate: Path | None = None
    key: Path | None = None
    field_map: Mapping[str, object] | None = None
    pace: Pace | None = None
    connect_timeout_s: float = 10
    read_timeout_s: float = 60


def connect(line: LineSettings) -> Connector:
    """Make the connector; nothing is sent yet. Raises SyncError(sync.address), ValueError."""
    if line.kind == "folder":
        if not line.address:
            raise SyncError(Fault.ADDRESS)
        return FolderConnector(Path(line.address).expanduser(), pace=line.pace)
    if line.kind == "intake":
        return IntakeConnector(
            IntakeClient(
                line.address,
                connect_timeout_s=line.connect_timeout_s,
                read_timeout_s=line.read_timeout_s,
                tokens=_tokens(line),
                certificate=_certificate(line),
                pace=line.pace,
            )
        )
    wire = Wire(
        line.address,
        tokens=_tokens(line),
        certificate=_certificate(line),
        connect_timeout_s=line.connect_timeout_s,
        read_timeout_s=line.read_timeout_s,
        pace=line.pace,
    )
    if line.kind == "documents":
        return DocumentsConnector(wire, line.field_map or {})
    if line.kind == "portal":
        return PortalConnector(
            wire, line.field_map or {}, lambda: (line.client_id, line.secret("client-secret") or "")
        )
    raise ValueError(f"no such kind of system: {line.kind}")


def _tokens(line: LineSettings) -> TokenSource:
    if not line.token_url:
        return FixedToken(lambda: line.secret("token"))
    # A line of its own: the token address may be another host, and must never see the other tokens.
    asking = Wire(
        line.token_url,
        certificate=_certificate(line),
        connect_timeout_s=line.connect_timeout_s,
        read_timeout_s=line.read_timeout_s,
    )
    return ClientCredentials(
        asking.post_form, line.token_url, line.client_id, lambda: line.secret("client-secret") or ""
    )


def _certificate(line: LineSettings) -> ClientCertificate | None:
    if line.certificate is None:
        return None
    return ClientCertificate(
        line.certificate, line.key or line.certificate, lambda: line.secret("key-password")
    )
