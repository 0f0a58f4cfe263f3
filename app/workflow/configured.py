"""The station that the settings describe: real scanner, real token, the province's server (trạm thật)."""

import logging
import os
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ocr
import resources
import scanner
import signing
import sync
from app.domain.errors import StationError, StationFault
from app.domain.sending import allowed, parse_caps
from app.domain.text import nfc
from app.settings import Settings
from app.store import Secrets, Store
from app.workflow.finding import StationScanner
from app.workflow.rebuild import adopt_what_is_left
from app.workflow.station import Signer, Station, vietnam_now

logger = logging.getLogger(__name__)
_AUTHORITY_SECONDS = 5
"""How long the counter waits for each answer of a certification authority before it signs without."""


@contextmanager
def configured_station(settings: Settings, ask_pin: Callable[[], str]) -> Iterator[Station]:
    """Opens the station in the data folder; one program at a time. Raises StationError.

    Devices are looked for when they are first needed, so that a missing token does not keep
    anybody from scanning.
    """
    with ExitStack() as closing:
        store = closing.enter_context(Store(settings.work_folder()))
        closing.enter_context(store.work_lock())
        backend = closing.enter_context(every_scanner(settings))
        cores = settings.readers or os.cpu_count() or 1
        reader = closing.enter_context(
            ocr.Reader(model=settings.model, jobs=cores, keep_jpeg=settings.pdf_profile == "original")
        )
        readers = ThreadPoolExecutor(cores, thread_name_prefix="read")
        closing.callback(readers.shutdown, wait=True, cancel_futures=True)
        station = Station(
            store=store,
            settings=settings,
            scanner=backend,
            device_id=(chosen := StationScanner(backend, settings, store)),
            find_device=chosen.find_again,
            reader=reader,
            readers=readers,
            signer=cache(lambda: configured_signer(settings, ask_pin)),
            intake=lambda: configured_intake(settings),
        )
        adopt_what_is_left(station)
        yield station


@contextmanager
def every_scanner(settings: Settings) -> Iterator[scanner.Backend]:
    """Network scanners directly, SANE where the system has it, and the folder that the settings name.

    On Windows, where there is no SANE, network scanners and folders serve. An address in the settings that
    can't be one is left out: it keeps nobody from scanning with another.
    """
    with ExitStack() as closing:
        backends: dict[str, scanner.Backend] = {
            "escl": scanner.EsclBackend(
                network_addresses(settings.network_scanners), pins=certificates(settings)
            )
        }
        if os.name != "nt":
            config = _shared_scanners(settings, closing) if settings.shared_scanners.strip() else None
            backends["sane"] = closing.enter_context(scanner.SaneBackend(config, beside_system=True))
        if settings.folder_scanner:
            backends["folder"] = scanner.FolderBackend([Path(settings.folder_scanner)])
        yield scanner.SeveralBackends(backends)


def network_addresses(told: str) -> dict[str, str]:
    """Names and addresses of network scanners as the settings write them: `name = address; …`.

    A host alone is asked without encryption.
    """
    pairs = (part.partition("=") for part in told.split(";") if part.strip())
    found = {nfc(name.strip()): _with_scheme(address.strip()) for name, _, address in pairs}
    return {
        name: url
        for name, url in found.items()
        if _can_be(partial(scanner.EsclBackend, {name: url}, discover=False))
    }


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"http://{address}"


def _shared_scanners(settings: Settings, closing: ExitStack) -> Path:
    folder = Path(closing.enter_context(TemporaryDirectory(prefix="sohoa-sane-")))
    told = (host.strip() for host in settings.shared_scanners.split(";") if host.strip())
    hosts = [h for h in told if _can_be(partial(scanner.write_shared_scanners, folder, [h]))]
    return scanner.write_shared_scanners(folder, hosts)


def _can_be(made: Callable[..., object]) -> bool:
    """Whether an address of the settings can be one."""
    try:
        made()
    except scanner.ScanError as error:
        logger.warning("an address of a scanner in the settings is left out: %s", error.code)
        return False
    return True


def certificates(settings: Settings) -> Path:
    """The file of the certificates that network scanners showed at first sight."""
    return settings.folder() / "certificates.json"


def configured_signer(settings: Settings, ask_pin: Callable[[], str]) -> Signer:
    """The token and time service of the settings. Raises StationError `station.no-token-module`."""
    if not settings.token_module:
        raise StationError(StationFault.NO_TOKEN_MODULE)
    token = signing.Pkcs11Token(Path(settings.token_module), settings.token_label or None)
    stamps = None
    if settings.tsa_url:
        stamps = signing.TimestampService(settings.tsa_url, timeout_s=settings.tsa_wait_s)
    return Signer(token, ask_pin, stamps, assurance=signing.Assurance(timeout_s=_AUTHORITY_SECONDS))


def configured_intake(settings: Settings) -> sync.Connector:
    """A connector to the system that takes this station's packages in.

    Raises StationError `station.no-intake` when none is set, `station.settings-bad` for a field map that
    is none, SyncError(sync.address).
    """
    if not settings.intake_url:
        raise StationError(StationFault.NO_INTAKE)
    return sync.connect(
        sync.LineSettings(
            kind=settings.intake_kind,
            address=settings.intake_url,
            secret=Secrets(settings.folder()).get,
            token_url=settings.token_url,
            client_id=settings.client_id,
            certificate=Path(settings.client_certificate) if settings.client_certificate else None,
            key=Path(settings.client_key) if settings.client_key else None,
            field_map=_field_map(settings),
            pace=configured_pace(settings),
        )
    )


def configured_pace(settings: Settings) -> sync.Pace:
    """The caps of the settings by the hour of this machine's clock."""
    caps = parse_caps(settings.send_caps)
    return sync.Pace(lambda: allowed(caps, vietnam_now()))


def _field_map(settings: Settings) -> dict[str, Any] | None:
    if settings.intake_kind not in ("documents", "portal"):
        return None
    shipped = resources.path("connectors", f"{settings.intake_kind}.toml")
    file = Path(settings.intake_fields) if settings.intake_fields else shipped
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StationError(StationFault.SETTINGS_BAD, file=file.name, option="intake.fields") from error
