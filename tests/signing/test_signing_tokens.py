"""Tokens, key files and the training room: one PIN attempt, faults by name, kills survived."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from asn1crypto import pem, x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509 import load_der_x509_certificate

import signing
from signing import PinState, Pkcs11Token, Pkcs12Token, SigningError, SigningFault, find_module
from signing.certificates import subject_parts
from signing.tokens.module import known_modules
from signing.tokens.pkcs11 import fault_of
from signing.training import TRAINING_MARK, TRAINING_PIN, TrainingPki, TrainingToken


def code_of(call: Any) -> str:
    with pytest.raises(SigningError) as caught:
        call()
    assert not any(TRAINING_PIN in str(fact) for fact in caught.value.facts.values())
    return caught.value.code


def test_certificate_before_login(token: Pkcs11Token, pki: TrainingPki) -> None:
    assert pki.issued(token.certificate)
    assert {one.label for one in token.certificates()} == {
        "Lò Thị Ví Dụ",
        f"{TRAINING_MARK} Issuing CA",
    }


def test_a_wrong_pin_is_tried_once(token: Pkcs11Token, monkeypatch: Any) -> None:
    tries = []
    pick = Pkcs11Token._pick

    class Counting:
        def __init__(self, real: Any) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def open(self, **how: Any) -> Any:
            if how.get("user_pin"):
                tries.append(1)
            return self._real.open(**how)

    monkeypatch.setattr(Pkcs11Token, "_pick", lambda self, library: Counting(pick(self, library)))
    assert code_of(lambda: token.open("000000")) == "sign.pin-wrong"
    assert len(tries) == 1
    assert token.pin_state() is PinState.LOW
    token.open(TRAINING_PIN).close()
    assert token.pin_state() is PinState.READY


def test_no_pin_and_no_key_pad(token: Pkcs11Token) -> None:
    assert code_of(lambda: token.open(None)) == "sign.pin-needed"


def test_a_locked_token_is_not_even_asked(token: Pkcs11Token, monkeypatch: Any) -> None:
    monkeypatch.setattr(Pkcs11Token, "pin_state", lambda _self: PinState.LOCKED)
    monkeypatch.setattr(Pkcs11Token, "_login", lambda _self, _pin: pytest.fail("was asked"))
    assert code_of(lambda: token.open(TRAINING_PIN)) == "sign.pin-locked"


def test_absent_things(token: Pkcs11Token, tmp_path: Path) -> None:
    other = Pkcs11Token(token.module, "no such token", configuration=token.configuration)
    assert code_of(lambda: other.certificate) == "sign.token-absent"
    assert code_of(lambda: Pkcs11Token(tmp_path / "no.so").certificate) == "sign.module-absent"
    (tmp_path / "bad.so").write_bytes(b"no library")
    assert code_of(lambda: Pkcs11Token(tmp_path / "bad.so").certificate) == "sign.module-broken"
    by_label = Pkcs11Token(token.module, certificate_label="no one", configuration=token.configuration)
    assert code_of(lambda: by_label.certificate) == "sign.no-certificate"


def test_every_error_of_a_driver_has_a_fault() -> None:
    kinds = [kind for kind in vars(pkcs11).values() if isinstance(kind, type)]
    errors = [kind for kind in kinds if issubclass(kind, pkcs11.PKCS11Error)]
    assert len(errors) > 50
    assert all(isinstance(fault_of(kind()), SigningFault) for kind in errors)
    assert fault_of(pkcs11.PinLocked()) is SigningFault.PIN_LOCKED
    assert fault_of(pkcs11.PinExpired()) is SigningFault.PIN_EXPIRED
    assert fault_of(pkcs11.DeviceRemoved()) is SigningFault.TOKEN_ABSENT
    assert fault_of(pkcs11.GeneralError()) is SigningFault.TOKEN_BROKEN


def test_known_modules_are_data() -> None:
    listed = known_modules()
    assert {"bit4xpki", "viettel-ca", "vnpt-ca", "opensc", "softhsm"} <= {one.name for one in listed}
    assert all(one.paths and one.maker for one in listed)
    assert find_module("no such driver") is None


def test_two_folders_take_turns(token: Pkcs11Token, pki: TrainingPki, tmp_path: Path) -> None:
    with token.open(TRAINING_PIN):
        held = code_of(lambda: TrainingToken.prepare(tmp_path / "b", pki, holder="B", pin=TRAINING_PIN))
        assert held == "sign.token-busy"
    other = TrainingToken.prepare(tmp_path / "b", pki, holder="B", pin=TRAINING_PIN)
    with other.open(TRAINING_PIN) as opened:
        assert opened.certificate == other.certificate
        assert code_of(lambda: token.open(TRAINING_PIN)) == "sign.token-busy"
    with token.open(TRAINING_PIN) as opened:
        assert opened.certificate == token.certificate


def key_file(pki: TrainingPki, path: Path, password: bytes | None, **issue: Any) -> Pkcs12Token:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = load_der_x509_certificate(pki.issue(key.public_key(), "Nguyễn Văn Ví Dụ", **issue))
    chain = [load_der_x509_certificate(pki.issuing_certificate)]
    sealed = BestAvailableEncryption(password) if password else NoEncryption()
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, sealed))
    return Pkcs12Token(path)


def test_key_file_signs(pki: TrainingPki, plain: Path, tmp_path: Path) -> None:
    token = key_file(pki, tmp_path / "key.p12", "mật khẩu".encode())
    assert code_of(lambda: token.certificate) == "sign.certificate-sealed"
    assert code_of(lambda: token.open("wrong")) == "sign.pin-wrong"
    assert code_of(lambda: token.open(None)) == "sign.pin-wrong"
    with token.open("mật khẩu") as opened:
        assert token.certificate == opened.certificate
        done = signing.sign_pdf(plain, tmp_path / "s.pdf", opened, appearance=None, timestamp=None)
    (finding,) = signing.verify_pdf(done.path, trust=[pki.trust])
    assert finding.sound
    assert token.label == "key"


def test_key_files_that_are_none(tmp_path: Path) -> None:
    bad = tmp_path / "bad.p12"
    for content in (b"nothing", b"", b"root:x:0:0:root:/root:/bin/bash\n", b"0" * (1 << 20 | 1)):
        bad.write_bytes(content)
        assert code_of(lambda: Pkcs12Token(bad).open("a")) == "sign.pkcs12-broken"
        assert code_of(lambda: Pkcs12Token(bad).certificate) == "sign.pkcs12-broken"
    assert code_of(lambda: Pkcs12Token(tmp_path / "absent.p12").open("a")) == "sign.token-absent"


def days(first: int, last: int) -> tuple[datetime, datetime]:
    now = datetime.now(UTC).replace(microsecond=0)
    return now + timedelta(days=first), now + timedelta(days=last)


@pytest.mark.parametrize(
    ("issue", "code"),
    [
        ({"valid": days(-20, -10)}, "sign.certificate-expired"),
        ({"valid": days(10, 20)}, "sign.certificate-not-yet-valid"),
        ({"key_usage": frozenset({"key_encipherment"})}, "sign.certificate-not-for-signing"),
    ],
)
def test_unfit_certificates_do_not_sign(
    issue: dict[str, Any], code: str, pki: TrainingPki, plain: Path, tmp_path: Path
) -> None:
    with key_file(pki, tmp_path / "k.p12", None, **issue).open(None) as opened:
        call = lambda: signing.sign_pdf(  # noqa: E731
            plain, tmp_path / "x.pdf", opened, appearance=None, timestamp=None
        )
        assert code_of(call) == code
    assert not (tmp_path / "x.pdf").exists()


def test_a_ca_and_a_time_stamper_do_not_sign_papers(pki: TrainingPki) -> None:
    from signing.certificates import meant_for_signing

    for der in (pki.issuing_certificate, pki.tsa_certificate):
        assert not meant_for_signing(x509.Certificate.load(der))


def test_every_training_certificate_says_so(pki: TrainingPki, token: Pkcs11Token) -> None:
    root = pem.unarmor(pki.trust.read_bytes())[2]
    ders = [token.certificate, pki.issuing_certificate, pki.tsa_certificate, root]
    for der in ders:
        certificate = x509.Certificate.load(der)
        for name in (certificate.subject, certificate.issuer):
            assert any(TRAINING_MARK in value for part in subject_parts(name).values() for value in part)


def test_repeated_names_are_kept() -> None:
    name = x509.Name.build({"common_name": "A"})
    for value in ("MST:1", "CCCD:2"):
        pair = {"type": "user_id", "value": x509.DirectoryString("utf8_string", value)}
        name.chosen.append(x509.RelativeDistinguishedName([pair]))
    assert subject_parts(name)["user_id"] == ("MST:1", "CCCD:2")


def test_training_room_is_made_once(pki: TrainingPki, tmp_path: Path) -> None:
    again = TrainingPki.create(pki.folder)
    assert again.issuing_certificate == pki.issuing_certificate
    assert TrainingPki.open(pki.folder).tsa_certificate == pki.tsa_certificate
    one = TrainingToken.prepare(tmp_path / "t", pki, holder="A", pin=TRAINING_PIN).certificate
    assert TrainingToken.prepare(tmp_path / "t", pki, holder="A", pin=TRAINING_PIN).certificate == one
    assert TrainingToken.prepare(tmp_path / "t", pki, holder="B", pin=TRAINING_PIN).certificate != one
    wrong = code_of(lambda: TrainingToken.prepare(tmp_path / "t", pki, holder="B", pin="654321"))
    assert wrong == "sign.pin-wrong"
    assert code_of(lambda: TrainingPki.open(tmp_path / "absent")) == "sign.training-broken"


def test_a_damaged_token_is_replaced(pki: TrainingPki, tmp_path: Path) -> None:
    folder = tmp_path / "t"
    before = TrainingToken.prepare(folder, pki, holder="A", pin=TRAINING_PIN).certificate
    for file in sorted((folder / "tokens").rglob("*.object"))[1:]:
        file.unlink()
    after = TrainingToken.prepare(folder, pki, holder="A", pin=TRAINING_PIN)
    assert after.certificate != before
    after.open(TRAINING_PIN).close()


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from signing import durable
    from signing.training import TRAINING_PIN, TrainingPki, TrainingToken, pki, token
    left = int(sys.argv[2])
    def dying(real):
        def step(*given, **named):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)
        return step
    os.fsync = dying(os.fsync)
    token._initialise = dying(token._initialise)
    token._store = dying(token._store)
    token.shutil.rmtree = dying(token.shutil.rmtree)
    folder = Path(sys.argv[1])
    made = TrainingPki.create(folder / "pki")
    TrainingToken.prepare(folder / "token", made, holder="A", pin=TRAINING_PIN)
    """
)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("steps", [4, 15, 18, 21, 25, 28])
def test_a_kill_at_any_step_is_survived(steps: int, tmp_path: Path) -> None:
    root = Path(signing.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(steps)], cwd=root, capture_output=True, check=False
    )
    assert done.returncode in {-signal.SIGKILL, 0}, done.stderr
    pki = TrainingPki.create(tmp_path / "pki")
    token = TrainingToken.prepare(tmp_path / "token", pki, holder="A", pin=TRAINING_PIN)
    with token.open(TRAINING_PIN) as opened:
        assert pki.issued(opened.certificate)
    assert not (tmp_path / "token" / "building").exists()


def test_tokens_are_found_before_any_login(token: Pkcs11Token, tmp_path: Path, monkeypatch: Any) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'[[module]]\nname = "mine"\nlinux = ["{token.module}"]\nwindows = []\n')
    assert known_modules([own])[0].name == "mine"
    assert {"mine", "opensc"} <= {one.name for one in known_modules([own])}
    monkeypatch.setattr(Pkcs11Token, "_login", lambda _self, _pin: pytest.fail("was logged in"))
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    found = signing.find_tokens([own])
    assert [(one.driver, one.certificate) for one in found] == [("mine", token.certificate)]
    assert found[0].pin_state is PinState.READY
    assert found[0].token().certificate == token.certificate
    own.write_text("module = 3")
    assert code_of(lambda: known_modules([own])) == "sign.module-broken"
