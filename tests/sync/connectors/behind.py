"""Each connector with the real system behind it, and packages to send."""

import contextlib
import hashlib
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import resources
import sync
from sync.server import IntakeThread

from .foreign_servers import DocumentService, Portal, serving

KINDS = ("intake", "documents", "documents-without-hashes", "portal", "folder")
OVER_HTTP = ("documents", "portal")
PAPERS = 3


def seal(
    folder: Path, *, submission_id: str | None = None, seed: int = 1, size: int = 40_000
) -> sync.Package:
    """A package of three papers as a station seals it."""
    submission_id = submission_id or sync.new_submission_id()
    files, told = [], []
    for ordinal in range(1, PAPERS + 1):
        data = b"%PDF-1.7\n" + random.Random(seed * 100 + ordinal).randbytes(size)
        path = folder / f"{submission_id}-{seed}-{ordinal}.pdf"
        path.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        code = f"H18.19_TK_{ordinal:06d}_V1"
        name = f"data/{code}_20260520.pdf"
        files.append(sync.PackageFile(path, name, sha256))
        told.append(
            {
                "ordinal": ordinal,
                "key": f"1.001193.{ordinal:02d}",
                "name": f"Tờ khai số {ordinal}",
                "code": code,
                "file": name,
                "sha256": sha256,
                "pages": 2,
                "signature": "PAdES-B-T",
            }
        )
    return sync.seal_package(
        folder / f"{submission_id}-{seed}.zip",
        submission_id=submission_id,
        files=files,
        metadata={
            "dossier": {
                "code": "H18.19-260520-0001",
                "procedure_code": "1.001193",
                "procedure_name": "Đăng ký khai sinh",
                "applicant_name": "Lò Thị Ví Dụ",
                "applicant_id": "011301001234",
                "received_at": "2026-05-20T08:30:00+07:00",
                "training": False,
            },
            "components": told,
            "station": {"id": "QUAY1", "agency": "H18.19"},
        },
        events=[{"action": "sealed"}],
        sealed_at=datetime(2026, 5, 20, 2, tzinfo=UTC),
    )


@dataclass
class Behind:
    """A connector, how to make another of it, and the real thing behind it."""

    make: Callable[[], sync.Connector]
    system: Any
    kind: str

    def holds(self, package: sync.Package) -> int:
        """How often the package is there: 1 is right."""
        if self.kind == "intake":
            return len(list((self.system / "packages").glob(f"??/{package.sha256}.zip")))
        if self.kind == "folder":
            return len(list((self.system / "packages").glob(f"{package.submission_id}.zip")))
        if self.kind == "portal":
            return len(self.system.dossiers)
        return len(self.system.documents) // PAPERS


def field_map(kind: str) -> dict[str, Any]:
    return tomllib.loads(resources.path("connectors", f"{kind}.toml").read_text("utf-8"))


@contextlib.contextmanager
def system_behind(kind: str, folder: Path) -> Iterator[Behind]:
    with contextlib.ExitStack() as stack:
        system: Any
        name = kind.split("-", maxsplit=1)[0]
        if kind == "intake":
            running = stack.enter_context(IntakeThread(folder / "intake"))
            address, system = running.url, folder / "intake"
        elif kind == "folder":
            system = folder / "share"
            system.mkdir()
            sync.prepare_share(system)
            address = str(system)
        else:
            system = Portal() if kind == "portal" else DocumentService(tells_hashes=kind == "documents")
            stack.enter_context(serving(system))
            address = system.url
        settings = sync.LineSettings(
            kind=name,
            address=address,
            field_map=field_map(name) if name in OVER_HTTP else None,
            connect_timeout_s=2,
            read_timeout_s=5,
        )

        def make() -> sync.Connector:
            connector = sync.connect(settings)
            stack.callback(connector.close)
            return connector

        yield Behind(make, system, name)
