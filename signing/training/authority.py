"""Everything a certification authority offers on the line, on this machine (dịch vụ của CA tập huấn).

One address has the time-stamp service, the CA certificates, the revocation lists and the OCSP responder that
the training certificates name.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from signing.durable import write_bytes
from signing.training.pki import TrainingPki
from signing.training.revocation import RevocationBook
from signing.training.serving import NOT_FOUND, Answer, Asked, LocalServer
from signing.training.tsa import StampMaker

_AUTHORITIES = ("root", "issuing")
_ADDRESS = "services.url"


def _now() -> datetime:
    return datetime.now(UTC)


class TrainingAuthority(LocalServer):
    """The services of a training PKI in `folder`, which is made at the first start.

    The certificates name the address of that first start; later starts take the same port, so that they stay
    true. Raises OSError from `start` when another program has taken it.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = _now) -> None:
        super().__init__(_port_in(folder))
        self._folder = folder
        self._clock = clock
        self._pki: TrainingPki | None = None
        self._stamps: StampMaker | None = None

    @property
    def pki(self) -> TrainingPki:
        """The authorities whose services these are. Only once started."""
        if self._pki is None:
            raise RuntimeError("the authority isn't started")
        return self._pki

    @property
    def book(self) -> RevocationBook:
        """Where certificates are withdrawn. Only once started."""
        return RevocationBook(self.pki, self._clock)

    @property
    def tsa_url(self) -> str:
        """The address of the time-stamp service. Only while started."""
        return f"{self.root_url}/tsa"

    def start(self) -> None:
        """Listen, and make the PKI when it isn't there."""
        super().start()
        if self._pki is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_bytes(self._folder / _ADDRESS, self.root_url.encode())
            self._pki = TrainingPki.create(self._folder, self.root_url)
            self._stamps = StampMaker(self._pki, self._clock)
            self._port = int(self.root_url.rpartition(":")[2])

    def answer(self, asked: Asked) -> Answer:
        """Time stamps at `/tsa`, and `/ca/…`, `/crl/…`, `/ocsp/…` for `root` and `issuing`."""
        kind, _, name = asked.path.strip("/").partition("/")
        if kind == "tsa" and self._stamps is not None:
            return self._stamps.answer(asked)
        authority = name.split(".")[0].split("/")[0]
        if authority not in _AUTHORITIES or self._pki is None:
            return NOT_FOUND
        if kind == "ca":
            return Answer(HTTPStatus.OK, self._certificate(authority), "application/pkix-cert")
        if kind == "crl":
            return Answer(HTTPStatus.OK, self.book.crl(authority), "application/pkix-crl")
        if kind == "ocsp" and asked.method == "POST":
            answer = self.book.ocsp(authority, asked.body)
            return Answer(HTTPStatus.OK, answer, "application/ocsp-response")
        return NOT_FOUND

    def _certificate(self, authority: str) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding

        certificate, _ = self.pki.authority(authority)
        return certificate.public_bytes(Encoding.DER)


def _port_in(folder: Path) -> int:
    """The port of the address that the certificates in `folder` name, 0 for a new folder."""
    try:
        port = (folder / _ADDRESS).read_text(encoding="ascii").rpartition(":")[2]
        return int(port) if port.isdigit() else 0
    except (OSError, UnicodeDecodeError):
        return 0
