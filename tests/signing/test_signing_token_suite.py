"""What every holder of a key does alike: token, key file, service, fake. One PIN, tried once, not kept."""

import gc
import logging
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_public_key,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
from pkcs11.util.rsa import encode_rsa_public_key

import signing
from signing import FakeToken, PinState, Pkcs11Token, Pkcs12Token, RemoteToken, SigningError, Token
from signing.tokens.fake import digest_of_pin
from signing.tokens.module import driver
from signing.training import TRAINING_PIN, RemoteSigningServer, TrainingPki
from signing.training.token import _loaded_public_key, _store

PIN = "739205"
HOLDER = "Lò Thị Ví Dụ"
HOLDERS = (
    "softhsm",
    "softhsm curve",
    "softhsm each time",
    "key file",
    "remote",
    "remote each time",
    "fake",
    "fake each time",
)


@dataclass
class Held:
    """A token, its PIN, and how often a PIN was tried (None: the holder doesn't count)."""

    token: Token
    pin: str
    tries: Callable[[], int] | None = None


def fake(pki: TrainingPki, pin: str = PIN, **how: Any) -> FakeToken:
    key = ec.generate_private_key(ec.SECP256R1())
    return FakeToken(
        pki.issue(key.public_key(), HOLDER), key, digest_of_pin(pin), (pki.issuing_certificate,), **how
    )


def key_each_time(token: Pkcs11Token, pki: TrainingPki) -> Pkcs11Token:
    """A second key in the SoftHSM token, which wants its PIN at every signature."""
    label = "EACH TIME"
    with driver(token.module, token.configuration) as library:
        inside = next(slot.get_token() for slot in library.get_slots(token_present=True))
        with inside.open(rw=True, user_pin=TRAINING_PIN) as session:
            public, _ = session.generate_keypair(
                pkcs11.KeyType.RSA,
                2048,
                id=b"\x07",
                label=label,
                store=True,
                private_template={pkcs11.Attribute.ALWAYS_AUTHENTICATE: True},
            )
            _store(session, pki.issue(_loaded_public_key(encode_rsa_public_key(public)), label), b"\x07")
    return Pkcs11Token(token.module, certificate_label=label, configuration=token.configuration)


def key_on_a_curve(token: Pkcs11Token, pki: TrainingPki) -> Pkcs11Token:
    """A third key in the SoftHSM token: P-256, which this driver signs without hashing."""
    label = "CURVE"
    curve = encode_named_curve_parameters("1.2.840.10045.3.1.7")
    with driver(token.module, token.configuration) as library:
        inside = next(slot.get_token() for slot in library.get_slots(token_present=True))
        with inside.open(rw=True, user_pin=TRAINING_PIN) as session:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: curve}, local=True
            )
            public, _ = parameters.generate_keypair(id=b"\x08", label=label, store=True)
            _store(session, pki.issue(load_der_public_key(encode_ec_public_key(public)), label), b"\x08")
    return Pkcs11Token(token.module, certificate_label=label, configuration=token.configuration)


@pytest.fixture(scope="module")
def curve(each_time: Pkcs11Token, pki: TrainingPki) -> Pkcs11Token:
    return key_on_a_curve(each_time, pki)


@pytest.fixture(scope="module")
def each_time(token: Pkcs11Token, pki: TrainingPki, tmp_path_factory: pytest.TempPathFactory) -> Pkcs11Token:
    own = signing.training.TrainingToken.prepare(
        tmp_path_factory.mktemp("each-time"), pki, holder=HOLDER, pin=TRAINING_PIN
    )
    return key_each_time(own, pki)


@pytest.fixture
def remote(pki: TrainingPki) -> Iterator[RemoteSigningServer]:
    with RemoteSigningServer(pki, holder=HOLDER, pin=PIN) as server:
        yield server


def counted_logins(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    tries: list[int] = []
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
    return lambda: len(tries)


@pytest.fixture(params=HOLDERS)
def held(
    request: pytest.FixtureRequest, pki: TrainingPki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Held:
    kind = request.param
    if kind.startswith("softhsm"):
        name = {"softhsm": "token", "softhsm curve": "curve", "softhsm each time": "each_time"}[kind]
        found = request.getfixturevalue(name)
        return Held(found, TRAINING_PIN, counted_logins(monkeypatch))
    if kind == "key file":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = load_der_x509_certificate(pki.issue(key.public_key(), HOLDER))
        chain = [load_der_x509_certificate(pki.issuing_certificate)]
        sealed = BestAvailableEncryption(PIN.encode())
        file = tmp_path / "key.p12"
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, sealed))
        return Held(Pkcs12Token(file), PIN)
    if kind.startswith("remote"):
        server = request.getfixturevalue("remote")
        server.rules.bound_to_hash = "each" in kind
        token = RemoteToken(server.url, server.access_token)
        return Held(token, PIN, lambda: server.rules.authorisations)
    made = fake(pki, asks_each_time="each" in kind)
    return Held(made, PIN, lambda: made.logins)


def code_of(call: Any) -> str:
    with pytest.raises(SigningError) as caught:
        call()
    return caught.value.code


def strings_within(*roots: object) -> set[str]:
    """Every text that can be reached from these objects, classes and modules left out."""
    seen: set[int] = set()
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | types.ModuleType):
            continue
        seen.add(id(one))
        if isinstance(one, str | bytes):
            found.add(one if isinstance(one, str) else one.decode("latin-1"))
        elif isinstance(one, types.FunctionType):
            waiting += [cell.cell_contents for cell in one.__closure__ or ()]
        else:
            waiting += gc.get_referents(one)
    return found


def test_certificate_before_login_and_a_name(held: Held, pki: TrainingPki) -> None:
    assert held.token.label
    assert isinstance(held.token.pin_state(), PinState)
    if isinstance(held.token, Pkcs12Token):
        assert code_of(lambda: held.token.certificate) == "sign.certificate-sealed"
        held.token.open(held.pin).close()
    assert pki.issued(held.token.certificate)
    assert held.tries is None or held.tries() == 0


def test_a_wrong_pin_is_tried_once_and_the_right_one_opens(held: Held) -> None:
    with held.token.open(held.pin) as opened:
        if opened.asks_each_time and isinstance(held.token, RemoteToken):
            return  # this service looks at the PIN together with the hash
    before = held.tries() if held.tries else 0
    assert code_of(lambda: held.token.open("000000")) == "sign.pin-wrong"
    assert held.tries is None or held.tries() == before + 1
    with held.token.open(held.pin) as opened:
        assert opened.certificate == held.token.certificate


def test_no_pin(held: Held) -> None:
    assert code_of(lambda: held.token.open(None)) in {"sign.pin-needed", "sign.pin-wrong"}
    assert held.tries is None or held.tries() == 0


def test_one_pin_for_several_documents(held: Held, plain: Path, tmp_path: Path, pki: TrainingPki) -> None:
    with held.token.open(held.pin) as opened:
        for number in range(3):
            done = signing.sign_pdf(
                plain, tmp_path / f"{number}.pdf", opened, appearance=None, timestamp=None
            )
            (finding,) = signing.verify_pdf(done.path, trust=[pki.trust])
            assert finding.sound
            assert finding.quirks == ()
    each_time = opened.asks_each_time and isinstance(held.token, RemoteToken)
    assert held.tries is None or held.tries() == (3 if each_time else 1)


def test_a_closed_session_signs_nothing(held: Held, plain: Path, tmp_path: Path) -> None:
    opened = held.token.open(held.pin)
    opened.close()
    opened.close()
    sign = lambda: signing.sign_pdf(plain, tmp_path / "x.pdf", opened, appearance=None, timestamp=None)  # noqa: E731
    assert code_of(sign) == "sign.session-closed"
    assert not (tmp_path / "x.pdf").exists()


def test_the_pin_is_shown_nowhere_and_kept_nowhere(
    held: Held, plain: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = held.pin
    caplog.set_level(logging.DEBUG)
    opened = held.token.open(secret)
    signing.sign_pdf(plain, tmp_path / "s.pdf", opened, appearance=None, timestamp=None)
    assert secret not in repr(opened) + repr(held.token) + str(vars(held.token))
    if not opened.asks_each_time:
        assert not [text for text in strings_within(opened) if text == secret]
    opened.close()
    gc.collect()
    assert not [text for text in strings_within(opened, held.token) if text == secret]
    assert secret not in caplog.text
    assert secret.encode() not in (tmp_path / "s.pdf").read_bytes()


def test_tries_run_out_and_are_told(pki: TrainingPki) -> None:
    token = fake(pki)
    states = [token.pin_state()]
    for code in ("sign.pin-wrong", "sign.pin-wrong", "sign.pin-locked"):
        assert code_of(lambda: token.open("1")) == code
        states.append(token.pin_state())
    assert states == [PinState.READY, PinState.LOW, PinState.FINAL_TRY, PinState.LOCKED]
    assert code_of(lambda: token.open(PIN)) == "sign.pin-locked"
    assert token.logins == 3, "a locked token isn't even asked"
    token.tries_left = 1
    token.open(PIN).close()
    assert token.pin_state() is PinState.READY


def test_an_expired_pin_and_an_absent_token(pki: TrainingPki) -> None:
    token = fake(pki, pin_expired=True)
    assert token.pin_state() is PinState.EXPIRED
    assert code_of(lambda: token.open(PIN)) == "sign.pin-expired"
    token.present = False
    assert code_of(token.pin_state) == "sign.token-absent"
    assert code_of(lambda: token.open(PIN)) == "sign.token-absent"


def test_pulled_out_while_signing(pki: TrainingPki, plain: Path, tmp_path: Path) -> None:
    token = fake(pki, remove_after=1)
    with token.open(PIN) as opened:
        sign = lambda name: signing.sign_pdf(  # noqa: E731
            plain, tmp_path / name, opened, appearance=None, timestamp=None
        )
        sign("1.pdf")
        assert code_of(lambda: sign("2.pdf")) == "sign.token-removed"
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["1.pdf", "plain.pdf"]
    assert code_of(lambda: token.open(PIN)) == "sign.token-absent"
    token.present, token.remove_after = True, None
    with token.open(PIN) as opened:
        sign("2.pdf")


def test_a_key_that_asks_each_time_needs_a_typed_pin(pki: TrainingPki, each_time: Pkcs11Token) -> None:
    assert fake(pki, key_pad=True).open(None).asks_each_time is False
    assert code_of(lambda: fake(pki, key_pad=True, asks_each_time=True).open(None)) == "sign.pin-each-time"
    with each_time.open(TRAINING_PIN) as opened:
        assert opened.asks_each_time


def test_a_driver_that_does_not_hash(
    token: Pkcs11Token, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pki: TrainingPki
) -> None:
    """The block made here holds a whole DigestInfo: some middlewares leave out its NULL."""
    with token.open(TRAINING_PIN) as opened:
        opened.signer.use_raw_mechanism = True
        done = signing.sign_pdf(plain, tmp_path / "s.pdf", opened, appearance=None, timestamp=None)
    (finding,) = signing.verify_pdf(done.path, trust=[pki.trust])
    assert (finding.sound, finding.quirks) == (True, ())


def test_a_remote_batch_is_extended_without_the_pin(
    remote: RemoteSigningServer, plain: Path, tmp_path: Path
) -> None:
    remote.rules.most_signatures = 2
    with RemoteToken(remote.url, remote.access_token).open(PIN) as opened:
        for number in range(5):
            signing.sign_pdf(plain, tmp_path / f"{number}.pdf", opened, appearance=None, timestamp=None)
    rules = remote.rules
    assert (rules.authorisations, rules.extensions, rules.signatures) == (1, 2, 5)


def test_a_one_time_password(remote: RemoteSigningServer, plain: Path, tmp_path: Path) -> None:
    remote.rules.with_otp = True
    blind = RemoteToken(remote.url, remote.access_token)
    assert code_of(lambda: blind.open(PIN)) == "sign.pin-needed"
    wrong = RemoteToken(remote.url, remote.access_token, ask_otp=lambda: "no")
    assert code_of(lambda: wrong.open(PIN)) == "sign.pin-wrong"
    seeing = RemoteToken(remote.url, remote.access_token, ask_otp=lambda: remote.rules.otp)
    with seeing.open(PIN) as opened:
        signing.sign_pdf(plain, tmp_path / "s.pdf", opened, appearance=None, timestamp=None)


def test_a_service_that_is_away_refuses_or_is_locked(remote: RemoteSigningServer) -> None:
    assert code_of(lambda: RemoteToken(remote.url, "wrong").certificate) == "sign.remote-refused"
    other = RemoteToken(remote.url, remote.access_token, credential="no such")
    assert code_of(lambda: other.certificate) == "sign.remote-refused"
    token = RemoteToken(remote.url, remote.access_token, timeout_s=3)
    remote.rules.enabled = False
    assert token.pin_state() is PinState.LOCKED
    assert code_of(lambda: token.open(PIN)) == "sign.pin-locked"
    remote.stop()
    assert code_of(lambda: token.open(PIN)) == "sign.remote-away"
    with pytest.raises(ValueError, match="https"):
        RemoteToken("http://sign.example", "x")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"cert":{"certificates":["eA=="]}}', b"[" * 5000])
def test_answers_that_are_none(body: bytes, remote: RemoteSigningServer, monkeypatch: Any) -> None:
    from signing.training.serving import Answer

    monkeypatch.setattr(
        remote, "_info", lambda _asked: Answer(__import__("http").HTTPStatus.OK, body, "application/json")
    )
    token = RemoteToken(remote.url, remote.access_token, credential=remote.credential)
    assert code_of(lambda: token.certificate) == "sign.remote-refused"


def test_every_certificate_is_the_holders(held: Held) -> None:
    with held.token.open(held.pin) as opened:
        assert x509.Certificate.load(opened.certificate).subject.native["common_name"] in {
            HOLDER,
            "CURVE",
            "EACH TIME",
        }
