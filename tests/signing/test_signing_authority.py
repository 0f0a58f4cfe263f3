"""The training CA on the line: issuer, CRL and OCSP as outside programs read them."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.training import TrainingAuthority


def openssl(folder: Path, *words: str) -> str:
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def pem(folder: Path, name: str, der: bytes) -> str:
    certificate = x509.load_der_x509_certificate(der)
    (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    return name


def test_openssl_believes_what_the_authority_says(tmp_path: Path) -> None:
    with TrainingAuthority(tmp_path / "pki") as authority:
        pki = authority.pki
        good, bad = (pki.issue(ec.generate_private_key(ec.SECP256R1()).public_key(), n) for n in "AB")
        authority.book.revoke(bad, reason="keyCompromise")
        issuer = pem(tmp_path, "issuing.pem", pki.issuing_certificate)
        for name, der, told in (("good.pem", good, "good"), ("bad.pem", bad, "revoked")):
            answer = openssl(
                tmp_path, "ocsp", "-issuer", issuer, "-cert", pem(tmp_path, name, der), "-CAfile",
                str(pki.trust), "-url", f"{authority.root_url}/ocsp/issuing",
            )  # fmt: skip
            assert f"{name}: {told}" in answer
            assert "Response verify OK" in answer
        (tmp_path / "list.crl").write_bytes(authority.book.crl("issuing"))
        (tmp_path / "root.crl").write_bytes(authority.book.crl("root"))
        for name in ("list", "root"):
            openssl(tmp_path, "crl", "-inform", "DER", "-in", f"{name}.crl", "-out", f"{name}.pem")
        check = [
            "verify", "-crl_check_all", "-CAfile", str(pki.trust), "-untrusted", issuer,
            "-CRLfile", "list.pem", "-CRLfile", "root.pem",
        ]  # fmt: skip
        assert "good.pem: OK" in openssl(tmp_path, *check, "good.pem")
        assert "certificate revoked" in openssl(tmp_path, *check, "bad.pem")


def test_certificates_name_an_address_that_stays(tmp_path: Path) -> None:
    with TrainingAuthority(tmp_path / "pki") as authority:
        first = authority.root_url
        issuing, _ = authority.pki.authority("issuing")
        access = issuing.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert {one.access_location.value for one in access} == {
            f"{first}/ocsp/root",
            f"{first}/ca/root.cer",
        }
    again = TrainingAuthority(tmp_path / "pki")
    with pytest.raises(RuntimeError):
        _ = again.pki
    with again:
        assert again.root_url == first
        assert again.pki.issuing_certificate == authority.pki.issuing_certificate
