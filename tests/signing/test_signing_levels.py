"""The four levels, what the authorities say before signing, and what is owed when the line is down."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509 import load_der_x509_certificate

import signing
from signing import Assurance, KnownChain, KnownRevocation, Level, SigningError, TimestampService
from signing.pdfa import require_pdfa
from signing.training import TrainingAuthority

AWAY = TimestampService("http://127.0.0.1:9/", timeout_s=2)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TrainingAuthority]:
    with TrainingAuthority(tmp_path / "pki") as services:
        yield services


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def opened(authority: TrainingAuthority, key: rsa.RSAPrivateKey, tmp_path: Path) -> signing.TokenSession:
    certificate = load_der_x509_certificate(authority.pki.issue(key.public_key(), "Nguyễn Văn Ví Dụ"))
    chain = [load_der_x509_certificate(authority.pki.issuing_certificate)]
    sealed = pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, NoEncryption())
    (tmp_path / "key.p12").write_bytes(sealed)
    return signing.Pkcs12Token(tmp_path / "key.p12").open(None)


def assured(authority: TrainingAuthority, **policy: Any) -> Assurance:
    return Assurance(trust=[authority.pki.trust], timeout_s=3, **policy)


def code_of(call: Any) -> str:
    with pytest.raises(SigningError) as caught:
        call()
    return caught.value.code


def test_each_level_holds_what_it_says(
    authority: TrainingAuthority, opened: signing.TokenSession, plain: Path, tmp_path: Path
) -> None:
    stamps, assurance = TimestampService(authority.tsa_url), assured(authority)
    for level in Level:
        done = signing.sign_pdf(
            plain,
            tmp_path / f"{level}.pdf",
            opened,
            appearance=None,
            timestamp=stamps,
            level=level,
            assurance=assurance,
        )
        assert (done.level, done.stamp_owed) == (level, False)
        assert (done.timestamped_at is not None) == level.stamped
        assert done.status is not None
        assert done.status.complete
        assert done.path.read_bytes().startswith(plain.read_bytes())
        require_pdfa(done.path, "after")
        findings = signing.verify_pdf(done.path, trust=[authority.pki.trust])
        assert all(finding.sound for finding in findings)
        assert [finding.kind for finding in findings] == (
            ["signature", "timestamp"] if level is Level.B_LTA else ["signature"]
        )
        with pikepdf.open(done.path) as pdf:
            assert ("/DSS" in pdf.Root) == level.long_term
            if level.long_term:
                assert len(pdf.Root.DSS.Certs) == 4
                assert len(pdf.Root.DSS.OCSPs) >= 3


def test_a_level_is_raised_later_and_the_signature_stays(
    authority: TrainingAuthority, opened: signing.TokenSession, plain: Path, tmp_path: Path
) -> None:
    stamps, assurance = TimestampService(authority.tsa_url), assured(authority)
    current = tmp_path / "s.pdf"
    signing.sign_pdf(plain, current, opened, appearance=None, timestamp=None)
    for level in (Level.B_T, Level.B_LT, Level.B_LTA):
        before = current.read_bytes()
        raised = signing.extend_pdf(current, current, level, timestamp=stamps, assurance=assurance)
        assert raised.level is level
        assert current.read_bytes().startswith(before)
        assert all(one.sound for one in signing.verify_pdf(current, trust=[authority.pki.trust]))
    kinds = [one.kind for one in signing.verify_pdf(current, trust=[authority.pki.trust])]
    assert kinds == ["signature", "timestamp", "timestamp"]
    assert code_of(lambda: signing.extend_pdf(plain, tmp_path / "x.pdf", Level.B_T, timestamp=stamps)) == (
        "sign.not-signed"
    )
    kept = current.read_bytes()
    more = lambda: signing.extend_pdf(current, current, Level.B_LTA, timestamp=AWAY, assurance=assurance)  # noqa: E731
    assert code_of(more) == "sign.tsa-away"
    assert current.read_bytes() == kept


def test_a_withdrawn_certificate_does_not_sign(
    authority: TrainingAuthority, opened: signing.TokenSession, plain: Path, tmp_path: Path
) -> None:
    def attempt() -> signing.SignedResult:
        return signing.sign_pdf(
            plain,
            tmp_path / "x.pdf",
            opened,
            appearance=None,
            timestamp=None,
            assurance=assured(authority),
        )

    issuing = authority.pki.issuing_certificate
    for der, whose in ((opened.certificate, "signer"), (issuing, "authority")):
        authority.book.revoke(der, at=datetime(2026, 1, 2, tzinfo=UTC))
        with pytest.raises(SigningError) as caught:
            attempt()
        assert caught.value.code == "sign.certificate-revoked"
        assert caught.value.facts["whose"] == whose
        assert str(caught.value.facts["since"]).startswith("2026-01-02")
        (authority.pki.folder / "revoked.json").unlink()
    assert not (tmp_path / "x.pdf").exists()
    assert attempt().status is not None


def test_authorities_are_asked_once_for_a_batch(
    authority: TrainingAuthority, opened: signing.TokenSession, plain: Path, tmp_path: Path
) -> None:
    asked: list[str] = []
    answer = authority.answer
    authority.stop()
    authority.answer = lambda one: (asked.append(one.path), answer(one))[1]  # type: ignore[method-assign]
    authority.start()
    now = [datetime.now(UTC)]
    assurance = assured(authority, clock=lambda: now[0])
    for number in range(3):
        signing.sign_pdf(
            plain,
            tmp_path / f"{number}.pdf",
            opened,
            appearance=None,
            timestamp=None,
            assurance=assurance,
        )
    assert sorted(asked) == ["/ocsp/issuing", "/ocsp/root"]
    now[0] += timedelta(hours=2)
    assurance.check(opened.certificate, opened.signer.cert_registry)
    assert len(asked) == 4


def test_without_a_line_it_is_allowed_by_policy_and_said(
    authority: TrainingAuthority, opened: signing.TokenSession, plain: Path, tmp_path: Path
) -> None:
    authority.stop()

    def sign(name: str, assurance: Assurance, **more: Any) -> signing.SignedResult:
        asked = {"timestamp": None, **more}
        return signing.sign_pdf(plain, tmp_path / name, opened, appearance=None, assurance=assurance, **asked)

    done = sign("a.pdf", assured(authority))
    assert done.status is not None
    assert (done.status.chain, done.status.revocation) == (KnownChain.TRUSTED, KnownRevocation.UNREACHED)
    strict = assured(authority, offline_allowed=False)
    assert code_of(lambda: sign("b.pdf", strict)) == "sign.status-unreached"
    assert code_of(lambda: sign("c.pdf", assured(authority), timestamp=AWAY)) == "sign.tsa-away"
    assert not (tmp_path / "b.pdf").exists()
    assert not (tmp_path / "c.pdf").exists()
    for level in (Level.B_T, Level.B_LTA):
        owed = sign(f"{level}.pdf", assured(authority), timestamp=AWAY, level=level, stamp_later=True)
        assert (owed.level, owed.wanted, owed.stamp_owed, owed.timestamped_at) == ("B-B", level, True, None)
        (finding,) = signing.verify_pdf(owed.path, trust=[authority.pki.trust])
        assert finding.time["timestamp"] is None
    authority.start()
    owed = sign(
        "d.pdf",
        replace(assured(authority), trust=()),
        timestamp=TimestampService(authority.tsa_url),
        level=Level.B_LT,
        stamp_later=True,
    )
    assert (owed.level, owed.stamp_owed) == ("B-T", True)
    assert owed.timestamped_at is not None


def test_a_chain_that_leads_nowhere(opened: signing.TokenSession, plain: Path, tmp_path: Path) -> None:
    status = Assurance(timeout_s=3).check(opened.certificate, opened.signer.cert_registry)
    assert status.chain is KnownChain.UNKNOWN
    assert not status.complete
    strict = Assurance(timeout_s=3, trusted_only=True)
    assert code_of(lambda: strict.check(opened.certificate)) == "sign.chain-untrusted"


def test_an_archived_signature_stands_five_years_on_with_every_server_off(
    authority: TrainingAuthority, key: rsa.RSAPrivateKey, plain: Path, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    short = (now - timedelta(days=1), now + timedelta(days=365))
    certificate = load_der_x509_certificate(authority.pki.issue(key.public_key(), "A", valid=short))
    chain = [load_der_x509_certificate(authority.pki.issuing_certificate)]
    sealed = pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, NoEncryption())
    (tmp_path / "short.p12").write_bytes(sealed)
    done = {}
    with signing.Pkcs12Token(tmp_path / "short.p12").open(None) as opened:
        for level in (Level.B_B, Level.B_LTA):
            done[level] = signing.sign_pdf(
                plain,
                tmp_path / f"{level}.pdf",
                opened,
                appearance=None,
                timestamp=TimestampService(authority.tsa_url),
                level=level,
                assurance=assured(authority),
            ).path
    authority.stop()
    later = now + timedelta(days=5 * 365)
    archived = signing.verify_pdf(done[Level.B_LTA], trust=[authority.pki.trust], at=later)
    assert [(one.kind, one.integrity, one.chain) for one in archived] == [
        ("signature", "valid", "trusted"),
        ("timestamp", "valid", "trusted"),
    ]
    assert all(one.sound for one in archived)
    (bare,) = signing.verify_pdf(done[Level.B_B], trust=[authority.pki.trust], at=later)
    assert (bare.integrity, bare.chain) == ("valid", "expired")
