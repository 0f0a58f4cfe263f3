"""The clerk's signature on every component, one PIN for all (ký số của người sao chụp).

TT 01/2023/TT-VPCP Điều 8 khoản 1: whoever scans signs with a personal certificate, name and time
at the top left of the first page.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import signing
from app.domain.dossier import Component
from app.domain.errors import StationError, StationFault
from app.domain.states import Digitisation
from app.workflow.happenings import ComponentChanged, Tell
from app.workflow.station import Signer, Station


def sign(station: Station, dossier_id: str, *, stopped: Callable[[], bool], tell: Tell) -> None:
    """Signs and verifies every component that is not signed yet, under one login. Raises SigningError.

    A component whose time stamp doesn't come in time is kept without one and says so; the service isn't
    waited for again by the components after it.
    """
    waiting = [c for c in station.store.dossiers.components(dossier_id) if c.signed is None]
    if waiting:
        signer = _patient(station.signer())
        with signer.token.open(signer.ask_pin()) as session:
            for component in waiting:
                if stopped():
                    raise StationError(StationFault.CANCELLED)
                tell(ComponentChanged(_sign_one(station, signer, session, component)))
    with station.store.transaction():
        dossier = station.store.dossiers.get(dossier_id)
        station.store.dossiers.save(dossier.digitised(Digitisation.SIGNED))


def _patient(signer: Signer) -> Signer:
    if signer.timestamps is None:
        return signer
    return replace(signer, timestamps=signing.RestingStamps(signer.timestamps, failures=1))


def _sign_one(
    station: Station, signer: Signer, session: signing.TokenSession, component: Component
) -> Component:
    out = station.work_folder(component.dossier_id) / f"{component.ordinal:03d}-signed.pdf"
    signed = signing.sign_pdf(
        station.store.blobs.path(component.coded or ""),
        out,
        session,
        appearance=signing.ClerkBlock(full_name=station.clerk, at=station.clock()),
        timestamp=signer.timestamps,
        assurance=signer.assurance,
        stamp_later=True,
    )
    _check(signed.path, signer)
    done = replace(
        component,
        signed=station.store.blobs.adopt(signed.path, signed.sha256),
        signature=signed.level,
        timestamped_at=signed.timestamped_at.isoformat() if signed.timestamped_at else None,
    )
    with station.store.transaction():
        station.store.dossiers.save_component(done)
        station.note(
            "signed",
            component.dossier_id,
            component=component.ordinal,
            sha256=signed.sha256,
            level=signed.level,
        )
    return done


def _check(file: Path, signer: Signer) -> None:
    """Reads back what was written; a signature that does not verify is never kept."""
    findings = signing.verify_pdf(file, trust=signer.trust)
    if not findings or any(f.integrity != "valid" or f.changes == "suspicious" for f in findings):
        raise StationError(StationFault.SIGNATURE_BAD)
