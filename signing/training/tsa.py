"""A real time-stamping service (RFC 3161 over HTTP, §3.4) on this machine for the training room."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from signing.timestamps import answer_type
from signing.training.pki import TrainingPki
from signing.training.serving import BAD_REQUEST, Answer, Asked, LocalServer

if TYPE_CHECKING:
    from asn1crypto import tsp

_LARGEST_REQUEST = 16_384
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


def _now() -> datetime:
    return datetime.now(UTC)


class TimestampServer(LocalServer):
    """Answers time-stamp requests with the training TSA's key on 127.0.0.1; port 0 takes a free one.

    Anything that isn't a well-formed request gets 400; a request with another digest than SHA-2 gets a
    PKI status `rejection`. `clock` is the time that is stamped.
    """

    def __init__(self, pki: TrainingPki, port: int = 0, *, clock: Callable[[], datetime] = _now) -> None:
        super().__init__(port)
        self._stamps = StampMaker(pki, clock)

    @property
    def url(self) -> str:
        """The address to give to `TimestampService`. Only while started."""
        return f"{self.root_url}/tsa"

    def answer(self, asked: Asked) -> Answer:
        """A time-stamp response, or 400."""
        return self._stamps.answer(asked)


class StampMaker:
    """From request bytes to response bytes (cấp dấu thời gian)."""

    def __init__(self, pki: TrainingPki, clock: Callable[[], datetime] = _now) -> None:
        from asn1crypto import keys, x509
        from cryptography.hazmat.primitives import serialization

        _name_content_type()
        self._clock = clock
        self._certificate = x509.Certificate.load(pki.tsa_certificate)
        self._chain = [x509.Certificate.load(pki.issuing_certificate)]
        self._key = keys.PrivateKeyInfo.load(
            pki.tsa_key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def answer(self, asked: Asked) -> Answer:
        """The answer to one HTTP request."""
        if asked.kind != "application/timestamp-query" or not 0 < len(asked.body) <= _LARGEST_REQUEST:
            return BAD_REQUEST
        return Answer(HTTPStatus.OK, self.response_to(asked.body), "application/timestamp-reply")

    def response_to(self, request: bytes) -> bytes:
        """The DER of a TimeStampResp. Raises ValueError for anything malformed."""
        from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

        asked = _parsed(request)
        imprint = asked["message_imprint"]
        expected = _DIGEST_BYTES.get(imprint["hash_algorithm"]["algorithm"].native)
        if expected is None:
            return _rejection("bad_alg")
        if len(imprint["hashed_message"].native) != expected:
            return _rejection("bad_data_format")
        stamper = DummyTimeStamper(
            self._certificate,
            self._key,
            certs_to_embed=self._chain,  # type: ignore[arg-type,unused-ignore]
            fixed_dt=self._clock().replace(microsecond=0),
        )
        answer: bytes = stamper.request_tsa_response(asked).dump()
        return answer


def _name_content_type() -> None:
    """Have asn1crypto know `tst_info` by name whatever was read before.

    It takes stock of the names of content types when the first is read; that of time stamps comes with a
    module of its own, which may be loaded later.
    """
    from asn1crypto import (
        cms,
        tsp,  # noqa: F401 - brings the name where stock wasn't taken yet
    )

    names = cms.ContentType._reverse_map
    if names is not None:
        names.setdefault("tst_info", "1.2.840.113549.1.9.16.1.4")


def _parsed(request: bytes) -> "tsp.TimeStampReq":
    from asn1crypto import tsp

    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        _ = asked.native
        well_formed = asked["version"].native == "v1" and asked["message_imprint"].native
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise ValueError("no time-stamp request") from error
    if not well_formed:
        raise ValueError("no time-stamp request")
    return asked


def _rejection(reason: str) -> bytes:
    from asn1crypto import tsp

    status = {"status": "rejection", "fail_info": {reason}}
    answer: bytes = answer_type()({"status": tsp.PKIStatusInfo(status)}).dump()
    return answer
