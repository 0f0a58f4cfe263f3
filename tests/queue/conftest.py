"""A station with sealed dossiers, and a real intake with a province's worker behind it."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

import sync
from app.domain.dossier import Component, Dossier
from app.domain.outbox import OutboxEntry, Priority
from app.domain.page import Page
from app.domain.person import Person
from app.domain.states import Digitisation, Synchronisation
from app.settings import Settings
from app.store import Store
from app.workflow.happenings import Happening
from app.workflow.station import VIETNAM, Desk
from sync.server import IntakeThread

STATION_TOKEN, WORKER_TOKEN, COURIER_TOKEN = "tram-1-bi-mat", "may-xu-ly-bi-mat", "tram-2-bi-mat"
NOW = datetime(2026, 5, 20, 8, 0, tzinfo=VIETNAM)


class Clock:
    """The station's clock, set by the test."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


class Province:
    """The intake, and the worker of the province that decides what comes in."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data
        self._worker = {"Authorization": f"Bearer {WORKER_TOKEN}"}

    def lease(self) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/leases", json={}, headers=self._worker, timeout=20)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def reject(self, *reasons: tuple[int, str, str]) -> str:
        """Send the next submission back."""
        lease = self.lease()
        told = [{"component": n, "code": code, "text": text} for n, code, text in reasons]
        self._say(lease, "reject", {"reasons": told})
        return str(lease["submission_id"])

    def solve(self, **more: Any) -> str:
        """Work the next submission off."""
        lease = self.lease()
        self._say(lease, "done", {"result": {"so": "12/GKS"}, **more})
        return str(lease["submission_id"])

    def _say(self, lease: dict[str, Any], word: str, body: dict[str, Any]) -> None:
        url = f"{self.url}/leases/{lease['lease_id']}/{word}"
        answer = requests.post(url, json=body, headers=self._worker, timeout=20)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    """A real intake with two stations and a worker."""
    data = tmp_path / "intake"
    data.mkdir()
    accounts = {
        "quay1": {"token_sha256": _hash(STATION_TOKEN), "role": "station", "agency": "H18.19"},
        "xu-ly": {"token_sha256": _hash(WORKER_TOKEN), "role": "worker"},
        "quay2": {"token_sha256": _hash(COURIER_TOKEN), "role": "station", "agency": "H18.20"},
    }
    (data / "stations.json").write_text(json.dumps(accounts))
    with IntakeThread(data) as running:
        yield Province(running.url, data)


@pytest.fixture
def clock() -> Clock:
    """The station's clock."""
    return Clock(NOW)


MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk_of(tmp_path: Path, clock: Clock) -> Iterator[MakeDesk]:
    """A desk that sends to `url`; one store per name."""
    stores: dict[str, Store] = {}

    def make(
        url: str,
        *,
        name: str = "station",
        token: str = STATION_TOKEN,
        patience_s: float = 10,
        **settings: Any,
    ) -> Desk:
        store = stores.setdefault(name, Store(tmp_path / name))
        pace = settings.pop("pace", None)

        def connector() -> sync.Connector:
            client = sync.IntakeClient(
                url,
                token=token,
                connect_timeout_s=min(2, patience_s),
                read_timeout_s=patience_s,
                chunk_bytes=64 * 1024,
                pace=pace,
            )
            return sync.IntakeConnector(client)

        return Desk(store=store, settings=Settings(**settings), intake=connector, clock=clock)

    yield make
    for store in stores.values():
        store.close()


@pytest.fixture
def queued(tmp_path: Path) -> Callable[..., OutboxEntry]:
    """Seal and queue a dossier of one paper of about `size` bytes."""

    def make(
        desk: Desk,
        number: int,
        *,
        size: int = 2000,
        priority: Priority = Priority.NORMAL,
        at: datetime = NOW,
        papers: int = 1,
    ) -> OutboxEntry:
        dossier = Dossier(
            id=f"D{number}",
            code=f"TMP-QUAY1-{number}",
            procedure_code="1.001193",
            procedure_name="Đăng ký khai sinh",
            applicant=Person("Lò Thị Ví Dụ", "011301001234"),
            received_at=at,
            digitisation=Digitisation.SEALED,
            synchronisation=Synchronisation.QUEUED,
        )
        components = [_component(desk, tmp_path, dossier, n, size) for n in range(1, papers + 1)]
        submission_id = sync.new_submission_id()
        told = [
            {
                "id": c.id,
                "ordinal": c.ordinal,
                "key": c.key,
                "name": c.name,
                "paper_type": c.paper_type,
                "code": c.code,
                "file": f"data/{c.code}.pdf",
                "sha256": c.signed,
                "signature": "PAdES-B-B",
                "timestamped_at": None,
                "pages": 1,
            }
            for c in components
        ]
        package = sync.seal_package(
            tmp_path / f"{submission_id}.zip",
            submission_id=submission_id,
            files=[
                sync.PackageFile(desk.store.blobs.path(c.signed or ""), f"data/{c.code}.pdf", c.signed or "")
                for c in components
            ],
            metadata={
                "dossier": {
                    "id": dossier.id,
                    "code": dossier.code,
                    "procedure_code": dossier.procedure_code,
                    "procedure_name": dossier.procedure_name,
                    "applicant_name": dossier.applicant.full_name,
                    "applicant_id": dossier.applicant.personal_id,
                    "received_at": at.isoformat(),
                    "training": False,
                },
                "components": told,
            },
            events=[],
            sealed_at=at,
        )
        blob = desk.store.blobs.adopt(package.path, package.sha256)
        package.path.unlink()
        entry = OutboxEntry(
            submission_id=submission_id,
            dossier_id=dossier.id,
            dossier_code=dossier.code,
            package=blob,
            package_bytes=package.bytes,
            state=Synchronisation.QUEUED,
            queued_at=at,
            priority=priority,
        )
        with desk.store.transaction():
            desk.store.dossiers.save(replace(dossier, submission_id=submission_id))
            for component in components:
                desk.store.dossiers.save_component(component)
            desk.store.outbox.add(entry)
            desk.note("sealed", dossier.id)
        return entry

    return make


def _component(desk: Desk, folder: Path, dossier: Dossier, ordinal: int, size: int) -> Component:
    number = int(dossier.id[1:]) * 10 + ordinal
    data = b"%PDF-1.7\n" + random.Random(number).randbytes(size)
    signed = desk.store.blobs.put(data)
    page = Page(
        f"P{number}",
        dossier.id,
        ordinal,
        signed,
        300,
        2480,
        3508,
        ordinal,
        1,
        NOW.isoformat(),
        place=ordinal,
        component_id=f"C{number}",
    )
    component = Component(
        id=f"C{number}",
        dossier_id=dossier.id,
        ordinal=ordinal,
        key=f"1.001193.{ordinal:02d}",
        name=f"Giấy tờ {ordinal}",
        paper_type="TK",
        code=f"H18.19_TK_{number:06d}_V1",
        built=signed,
        coded=signed,
        signed=signed,
    )
    with desk.store.transaction():
        desk.store.dossiers.save(dossier)
        desk.store.dossiers.save_component(component)
        desk.store.dossiers.save_page(page)
    return component


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Heard:
    """What a queue told, in order."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []

    def __call__(self, happening: Happening) -> None:
        self.happenings.append(happening)

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.happenings if isinstance(one, kind)]


@pytest.fixture
def heard() -> Heard:
    """An ear for what happens."""
    return Heard()
