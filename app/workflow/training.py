"""The training room: a virtual scanner, a training token, a time service and an intake, all real (tập huấn).

Everything is made for the room and says so: certificates, dossiers and receipts are marked as
training, and nothing made here is accepted by a province.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import ocr
import scanner
import signing.training
import sync
from app.domain.errors import StationError, StationFault
from app.settings import Settings
from app.store import Store
from app.workflow.finding import first_device
from app.workflow.intake import local_intake
from app.workflow.station import Signer, Station

TRAINING_CLERK = "Lò Thị Tập Huấn"
DEVICE_NAME = "Sohoa Virtual"


@dataclass(frozen=True)
class TrainingRoom:
    """An open training room: the station, the paper stack of its scanner and the intake's address."""

    station: Station
    paper: scanner.VirtualScanner
    intake_url: str


@contextmanager
def training_room(
    folder: Path,
    settings: Settings,
    *,
    stack: Sequence[Path] = (),
    fault: scanner.Fault | None = None,
    keep_serving: bool = False,
    pages_per_minute: float | None = None,
) -> Iterator[TrainingRoom]:
    """Opens the room kept in `folder`, made at the first visit; one program at a time.

    Raises StationError, ScanError, SigningError or SyncError when a part cannot be had.
    """
    with ExitStack() as closing:
        store = closing.enter_context(Store(folder))
        closing.enter_context(store.work_lock())
        if store.dossiers.any_real():  # practice never happens among citizens' papers
            raise StationError(StationFault.REAL_DOSSIERS)
        intake_url = closing.enter_context(
            local_intake(folder / "intake", settings.agency_code, keep_serving=keep_serving)
        )
        paper = closing.enter_context(
            scanner.VirtualScanner(stack, name=DEVICE_NAME, fault=fault, pages_per_minute=pages_per_minute)
        )
        config = scanner.write_sane_config(folder / "sane", {DEVICE_NAME: paper.url})
        backend = closing.enter_context(scanner.SaneBackend(config))
        # The made-up scanner, the province and its authorities need the other half of this machine.
        cores = settings.readers or max(1, (os.cpu_count() or 1) // 2)
        reader = closing.enter_context(ocr.Reader(model=settings.model, jobs=cores))
        readers = ThreadPoolExecutor(cores, thread_name_prefix="read")
        closing.callback(readers.shutdown, wait=True, cancel_futures=True)
        named = settings if settings.clerk else replace(settings, clerk=TRAINING_CLERK)

        @cache
        def signer() -> Signer:
            services = closing.enter_context(training_services(folder / "pki"))
            token = signing.training.TrainingToken.prepare(
                folder / "token", services.pki, holder=named.clerk, pin=signing.training.TRAINING_PIN
            )
            trust = (services.pki.trust,)
            stamps = signing.TimestampService(services.tsa_url)
            return Signer(token, training_pin, stamps, trust, signing.Assurance(trust=trust))

        yield TrainingRoom(
            station=Station(
                store=store,
                settings=named,
                scanner=backend,
                device_id=lambda: first_device(backend),
                reader=reader,
                readers=readers,
                signer=signer,
                intake=lambda: sync.IntakeConnector(sync.IntakeClient(intake_url)),
                training=True,
            ),
            paper=paper,
            intake_url=intake_url,
        )


@dataclass(frozen=True)
class TrainingServices:
    """The training CA, and where its time-stamp service answers."""

    pki: signing.training.TrainingPki
    tsa_url: str


@contextmanager
def training_services(folder: Path) -> Iterator[TrainingServices]:
    """Opens the training CA kept in `folder` with everything that it offers on the line.

    Where another program holds its address, the CA is used as it is, with a time-stamp service elsewhere.
    """
    with ExitStack() as closing:
        try:
            authority = closing.enter_context(signing.training.TrainingAuthority(folder))
        except OSError:
            pki = signing.training.TrainingPki.create(folder)
            clock = closing.enter_context(signing.training.TimestampServer(pki))
            yield TrainingServices(pki, clock.url)
        else:
            yield TrainingServices(authority.pki, authority.tsa_url)


def training_pin() -> str:
    """The PIN of the training token; `SOHOA_PIN` stands for what a clerk types."""
    return os.environ.get("SOHOA_PIN", signing.training.TRAINING_PIN)
