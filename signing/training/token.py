"""A real SoftHSM token for the training room (thiết bị ký tập huấn).

The token is built in a folder of its own and appears under its final name by one rename: a kill at any moment
leaves either no token or a whole one. One process sees one SoftHSM configuration at a time (see
`signing.tokens.module`); the driver is restarted when another training folder is asked for.
"""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

from signing.certificates import subject_parts
from signing.durable import sync_file, sync_folder, write_bytes
from signing.errors import SigningError, SigningFault
from signing.tokens.module import driver, environment_with, find_module, restart_when_idle
from signing.tokens.pkcs11 import Pkcs11Token, raise_as_fault
from signing.training.pki import TrainingPki
from signing.training.reachable import can_be_told, link_to

TRAINING_PIN = "123456"
"""The PIN of every training token. It is printed in the handbook and protects nothing."""

_LABEL = "TAP HUAN / TRAINING"
_KEY_ID = b"\x01"
_CA_ID = b"\x02"
_KEY_BITS = 2048
_UTILITY_SECONDS = 60


class TrainingToken:
    """Makes and finds the training token of a folder."""

    @staticmethod
    def prepare(
        folder: Path, pki: TrainingPki, *, holder: str, pin: str, module: Path | None = None
    ) -> Pkcs11Token:
        """The token in `folder`, made if it isn't there, with a certificate for `holder` from `pki`.

        The RSA key is made inside the token. A whole token of the same holder and CA is kept; one of another
        holder, of another CA or half made is replaced. Raises `sign.module-absent` without SoftHSM,
        `sign.pin-wrong` when the token there has another PIN, `sign.training-broken`, `sign.token-busy`
        while a session under another configuration is open.
        """
        module = module or find_module()
        if module is None:
            raise SigningError(SigningFault.MODULE_ABSENT, module="softhsm")
        try:
            home = _Home(folder)
            shutil.rmtree(home.building, ignore_errors=True)
            home.configure()
            if not _whole(home.token(module), pki, holder, pin):
                _build(home, module, pki, holder, pin)
        except OSError as error:
            raise SigningError(SigningFault.TRAINING_BROKEN, errno=error.errno or 0) from error
        return home.token(module)


class _Home:
    """The folder of a training token: configuration and store, and the same again while it is being built.

    `told` is the folder by the path that SoftHSM is told. Where that is a link, the configuration lies beside
    the link: it holds for this process alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = self.folder / "tokens"
        self.building = self.folder / "building"
        plain = can_be_told(self.folder)
        self.told = self.folder if plain else link_to(self.folder)
        self.configuration = (self.folder if plain else self.told.parent) / "softhsm2.conf"

    def configure(self) -> None:
        """Write the configuration, where it isn't there already, and an empty store."""
        self.store.mkdir(exist_ok=True)
        wanted = _configuration_of(self.told / "tokens")
        if not self.configuration.exists() or self.configuration.read_bytes() != wanted:
            write_bytes(self.configuration, wanted)

    def token(self, module: Path) -> Pkcs11Token:
        """The finished token of this folder."""
        return Pkcs11Token(module, _LABEL, configuration=self.configuration)


def _configuration_of(store: Path) -> bytes:
    lines = (
        b"directories.tokendir = " + os.fsencode(store),
        b"objectstore.backend = file",
        b"log.level = ERROR",
        b"slots.removable = false",
    )
    return b"\n".join(lines) + b"\n"


def _whole(token: Pkcs11Token, pki: TrainingPki, holder: str, pin: str) -> bool:
    """Whether the token can sign for `holder` with a certificate of this CA."""
    from asn1crypto import x509

    restart_when_idle(token.module)
    try:
        der = token.certificate
        named = subject_parts(x509.Certificate.load(der).subject).get("common_name")
        if named != (holder,) or not pki.issued(der):
            return False
        token.open(pin).close()
    except SigningError as error:
        if error.fault in {SigningFault.PIN_WRONG, SigningFault.TOKEN_BUSY}:
            raise
        return False
    return True


def _build(home: _Home, module: Path, pki: TrainingPki, holder: str, pin: str) -> None:
    """Build a token beside the store and put it in the store's place."""
    store = home.building / "tokens"
    store.mkdir(parents=True)
    configuration = home.building / "softhsm2.conf"
    write_bytes(configuration, _configuration_of(home.told / "building" / "tokens"))
    _initialise(configuration, module, pin)
    _fill(Pkcs11Token(module, _LABEL, configuration=configuration), pki, holder, pin)
    for file in (path for path in store.rglob("*") if path.is_file()):
        sync_file(file)
    for part in (path for path in (store, *store.rglob("*")) if path.is_dir()):
        sync_folder(part)
    shutil.rmtree(home.store)
    store.rename(home.store)
    sync_folder(home.folder)
    shutil.rmtree(home.building)
    restart_when_idle(module)


def _initialise(configuration: Path, module: Path, pin: str) -> None:
    """Make an empty token with softhsm2-util. The security officer's PIN is thrown away."""
    officer = secrets.token_hex(8)
    command = ["softhsm2-util", "--module", str(module), "--init-token", "--free"]
    command += ["--label", _LABEL, "--so-pin", officer, "--pin", pin]
    try:
        done = subprocess.run(
            command,
            env=dict(environment_with(configuration)),
            capture_output=True,
            timeout=_UTILITY_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SigningError(SigningFault.TRAINING_BROKEN, step="softhsm2-util") from error
    if done.returncode:
        raise SigningError(SigningFault.TRAINING_BROKEN, step="softhsm2-util", status=done.returncode)


def _fill(token: Pkcs11Token, pki: TrainingPki, holder: str, pin: str) -> None:
    """Make the key in the token and store the certificates beside it."""
    import pkcs11
    from pkcs11.util.rsa import encode_rsa_public_key

    try:
        with driver(token.module, token.configuration) as library:
            made = library.get_token(token_label=_LABEL)
            with made.open(rw=True, user_pin=pin) as session:
                public, _private = session.generate_keypair(
                    pkcs11.KeyType.RSA, _KEY_BITS, id=_KEY_ID, label=_LABEL, store=True
                )
                der = pki.issue(_loaded_public_key(encode_rsa_public_key(public)), holder)
                _store(session, der, _KEY_ID)
                _store(session, pki.issuing_certificate, _CA_ID)
    except pkcs11.PKCS11Error as error:
        raise_as_fault(error)


def _loaded_public_key(pkcs1: bytes) -> Any:
    from asn1crypto import keys
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    info = keys.PublicKeyInfo.wrap(keys.RSAPublicKey.load(pkcs1), "rsa")
    return load_der_public_key(info.dump())


def _store(session: Any, der: bytes, key_id: bytes) -> None:
    from asn1crypto import x509
    from pkcs11 import Attribute
    from pkcs11.util.x509 import decode_x509_certificate

    certificate = x509.Certificate.load(der)
    session.create_object(
        {
            **decode_x509_certificate(der),
            Attribute.ID: key_id,
            Attribute.LABEL: certificate.subject.native["common_name"],
            Attribute.TOKEN: True,
            Attribute.SERIAL_NUMBER: certificate["tbs_certificate"]["serial_number"].dump(),
        }
    )
