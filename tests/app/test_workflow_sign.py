"""Signing a dossier's components: one PIN, and a time-stamp service that keeps nobody waiting."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pikepdf import pdfa

import signing
from app.domain.dossier import Component, Dossier
from app.domain.states import Digitisation
from app.settings import Settings
from app.store import Store
from app.workflow.happenings import tell_nobody
from app.workflow.sign import sign
from app.workflow.station import Signer, Station
from signing.tokens.fake import digest_of_pin
from signing.training import TimestampServer, TrainingPki


class CountedLine:
    """A time-stamp service that fails from the given call on."""

    def __init__(self, real: signing.TimestampService, failing_from: int) -> None:
        self._real, self._failing_from, self.calls = real, failing_from, 0

    def stamp(self, digest: bytes, algorithm: str = "sha256") -> Any:
        self.calls += 1
        if self.calls >= self._failing_from:
            raise signing.SigningError(signing.SigningFault.TSA_AWAY)
        return self._real.stamp(digest, algorithm)


@pytest.fixture
def pki(tmp_path: Path) -> TrainingPki:
    return TrainingPki.create(tmp_path / "pki")


@pytest.fixture
def token(pki: TrainingPki) -> signing.FakeToken:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = pki.issue(key.public_key(), "Lò Thị Ví Dụ")
    return signing.FakeToken(certificate, key, digest_of_pin("1"), (pki.issuing_certificate,))


@pytest.fixture
def built(store: Store, dossier: Dossier, component: Component, tmp_path: Path) -> Store:
    store.dossiers.save(replace(dossier, digitisation=Digitisation.BUILT))
    for number in range(1, 4):
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(595, 842))
            pdfa.save(pdf, tmp_path / "coded.pdf", "2b")
        blob = store.blobs.adopt(tmp_path / "coded.pdf")
        store.dossiers.save_component(replace(component, id=f"C{number}", ordinal=number, coded=blob))
    return store


def station(store: Store, signer: Signer, at: datetime) -> Station:
    nothing = cast(Any, None)
    return Station(
        store=store,
        settings=replace(Settings(), clerk="Lò Thị Ví Dụ"),
        intake=nothing,
        scanner=nothing,
        device_id=nothing,
        reader=nothing,
        readers=nothing,
        signer=lambda: signer,
        clock=lambda: at,
    )


@pytest.mark.parametrize("failing_from", [1, 2, 99])
def test_a_line_that_fails_is_asked_once_and_nothing_is_called_stamped(
    built: Store, token: signing.FakeToken, pki: TrainingPki, noon: datetime, failing_from: int
) -> None:
    with TimestampServer(pki) as server:
        line = CountedLine(signing.TimestampService(server.url), failing_from)
        signer = Signer(token, lambda: "1", line, (pki.trust,))
        sign(station(built, signer, noon), "D1", stopped=lambda: False, tell=tell_nobody)
    assert token.logins == 1
    assert line.calls == min(failing_from, 3)
    components = built.dossiers.components("D1")
    stamped = [number < failing_from for number in (1, 2, 3)]
    assert [one.signature for one in components] == ["B-T" if yes else "B-B" for yes in stamped]
    assert [one.timestamped_at is not None for one in components] == stamped
    for one, yes in zip(components, stamped, strict=True):
        file = built.blobs.path(one.signed or "")
        assert signing.standing_level(file) is (signing.Level.B_T if yes else signing.Level.B_B)
    assert built.dossiers.get("D1").digitisation is Digitisation.SIGNED
