"""The station that the settings describe: real scanner, real token, the province's server (trạm thật)."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import ocr
import scanner
import signing
import sync
from app.domain.errors import StationError, StationFault
from app.settings import Settings
from app.store import Store
from app.workflow.station import Signer, Station


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
        reader = closing.enter_context(ocr.Reader(model=settings.model, jobs=cores))
        readers = ThreadPoolExecutor(cores, thread_name_prefix="read")
        closing.callback(readers.shutdown, wait=True, cancel_futures=True)
        yield Station(
            store=store,
            settings=settings,
            scanner=backend,
            device_id=lambda: chosen_device(backend, settings),
            reader=reader,
            readers=readers,
            signer=cache(lambda: configured_signer(settings, ask_pin)),
            intake=lambda: configured_intake(settings),
        )


@contextmanager
def every_scanner(settings: Settings) -> Iterator[scanner.Backend]:
    """SANE where the system has it, network scanners directly, and the folder that the settings name.

    On Windows, where there is no SANE, network scanners and folders serve.
    """
    with ExitStack() as closing:
        backends: dict[str, scanner.Backend] = {}
        if os.name != "nt":
            backends["sane"] = closing.enter_context(scanner.SaneBackend())
        backends["escl"] = scanner.EsclBackend(pins=settings.folder() / "certificates.json")
        if settings.folder_scanner:
            backends["folder"] = scanner.FolderBackend([Path(settings.folder_scanner)])
        yield scanner.SeveralBackends(backends)


def chosen_device(backend: scanner.Backend, settings: Settings) -> str:
    """The scanner that the settings name, else the first that answers. Raises `scan.no-device`."""
    if settings.scanner:
        return settings.scanner
    devices = backend.devices()
    if not devices:
        raise scanner.ScanError(scanner.ScanFault.NO_DEVICE)
    return devices[0].id


def configured_signer(settings: Settings, ask_pin: Callable[[], str]) -> Signer:
    """The token and time service of the settings. Raises StationError `station.no-token-module`."""
    if not settings.token_module:
        raise StationError(StationFault.NO_TOKEN_MODULE)
    token = signing.Pkcs11Token(Path(settings.token_module), settings.token_label or None)
    timestamps = signing.TimestampService(settings.tsa_url) if settings.tsa_url else None
    return Signer(token, ask_pin, timestamps)


def configured_intake(settings: Settings) -> sync.IntakeClient:
    """A client of the province's server. Raises StationError `station.no-intake` when none is set."""
    if not settings.intake_url:
        raise StationError(StationFault.NO_INTAKE)
    return sync.IntakeClient(settings.intake_url)
