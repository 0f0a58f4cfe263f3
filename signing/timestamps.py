"""Time stamps from a service (dấu thời gian): RFC 3161 over HTTP, checked before they are believed."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from asn1crypto import cms, tsp

_LARGEST_ANSWER = 1 << 18
_CONNECT_SECONDS = 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_GRANTED = {"granted", "granted_with_mods"}


class TimestampService:
    """A time-stamping authority at `url`. One call takes at most `timeout_s` seconds.

    The Government's service has been seen to need up to 131 s, so the default is generous: call it from a
    queue, never while someone waits.
    """

    def __init__(self, url: str, *, timeout_s: float = 180) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("a time-stamp service has an http or https address")
        self.url = url
        self.timeout_s = timeout_s

    def stamp(self, digest: bytes, algorithm: str = "sha256") -> "cms.ContentInfo":
        """The time-stamp token over `digest` (bytes of the hash `algorithm`).

        The token is checked: imprint, nonce, and that the authority's certificate in it made its signature.
        Raises `sign.tsa-away` when no answer comes in time, `sign.tsa-refused` for any other answer.
        """
        nonce, request = _request(digest, algorithm)
        body = self._post(request)
        try:
            answer = answer_type().load(body, strict=True)
            status = str(answer["status"]["status"].native)
            token: cms.ContentInfo = answer["time_stamp_token"]
        except (ValueError, TypeError, KeyError) as error:
            raise SigningError(SigningFault.TSA_REFUSED, reason="malformed") from error
        if status not in _GRANTED:
            raise SigningError(SigningFault.TSA_REFUSED, reason=status)
        _check(token, digest, algorithm, nonce)
        return token

    def _post(self, request: "tsp.TimeStampReq") -> bytes:
        import requests

        deadline = time.monotonic() + self.timeout_s
        session = requests.Session()
        session.trust_env = urlsplit(self.url).hostname not in _LOOPBACK
        try:
            with (
                session,
                session.post(
                    self.url,
                    data=request.dump(),
                    headers={
                        "Content-Type": "application/timestamp-query",
                        "Accept": "application/timestamp-reply",
                    },
                    timeout=(min(_CONNECT_SECONDS, self.timeout_s), self.timeout_s),
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                if answer.status_code >= 500:
                    raise SigningError(SigningFault.TSA_AWAY, status=answer.status_code)
                if answer.status_code != 200:
                    raise SigningError(SigningFault.TSA_REFUSED, status=answer.status_code)
                return _read(answer, deadline)
        except requests.RequestException as error:
            raise SigningError(SigningFault.TSA_AWAY, reason=type(error).__name__) from error


@lru_cache(maxsize=1)
def answer_type() -> Any:
    """TimeStampResp of RFC 3161 §2.4.2, whose token is optional: a refusal has none."""
    from asn1crypto import cms, core, tsp

    class TimeStampAnswer(core.Sequence):  # type: ignore[misc,unused-ignore]
        """The answer of a time-stamping authority."""

        _fields = [  # noqa: RUF012
            ("status", tsp.PKIStatusInfo),
            ("time_stamp_token", cms.ContentInfo, {"optional": True}),
        ]

    return TimeStampAnswer


def _read(answer: Any, deadline: float) -> bytes:
    body = bytearray()
    for piece in answer.iter_content(1024):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise SigningError(SigningFault.TSA_REFUSED, reason="too large")
        if time.monotonic() > deadline:
            raise SigningError(SigningFault.TSA_AWAY, reason="too slow")
    return bytes(body)


def _request(digest: bytes, algorithm: str) -> "tuple[int, tsp.TimeStampReq]":
    import secrets

    from asn1crypto import algos, tsp

    nonce = secrets.randbits(63) | 1 << 62
    imprint = {
        "hash_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}),
        "hashed_message": digest,
    }
    fields = {
        "version": 1,
        "message_imprint": tsp.MessageImprint(imprint),
        "nonce": nonce,
        "cert_req": True,
    }
    return nonce, tsp.TimeStampReq(fields)


def _check(token: "cms.ContentInfo", digest: bytes, algorithm: str, nonce: int) -> None:
    from signing.verify.stamps import stamped

    try:
        info = token["content"]["encap_content_info"]["content"].parsed
        same = (
            info["nonce"].native == nonce
            and info["message_imprint"]["hash_algorithm"]["algorithm"].native == algorithm
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SigningError(SigningFault.TSA_REFUSED, reason="malformed") from error
    if not same:
        raise SigningError(SigningFault.TSA_REFUSED, reason="answers another request")
    if stamped(token, digest) is None:
        raise SigningError(SigningFault.TSA_REFUSED, reason="token doesn't verify")


class Stamps(Protocol):
    """Whatever brings time stamps: a service on the line, or one made for practice."""

    def stamp(self, digest: bytes, algorithm: str = "sha256") -> "cms.ContentInfo":
        """The checked token over a digest. Raises `sign.tsa-away` or `sign.tsa-refused`."""
        ...


class RestingStamps:
    """Asks a service until it has failed `failures` times running, then leaves it alone for `rest_s` seconds.

    Where a time stamp may come later, five hundred documents needn't each wait for a line that is down. May
    be asked from several threads.
    """

    def __init__(
        self,
        service: Stamps,
        *,
        failures: int = 2,
        rest_s: float = 300,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._failures = failures
        self._rest_s = rest_s
        self._clock = clock
        self._failed = 0
        self._again_at = 0.0

    def stamp(self, digest: bytes, algorithm: str = "sha256") -> "cms.ContentInfo":
        """The checked token, or at once `sign.tsa-away` while the service is left alone."""
        if self._failed >= self._failures and self._clock() < self._again_at:
            raise SigningError(SigningFault.TSA_AWAY, reason="left alone")
        try:
            token = self._service.stamp(digest, algorithm)
        except SigningError:
            self._failed += 1
            self._again_at = self._clock() + self._rest_s
            raise
        self._failed = 0
        return token


def as_timestamper(service: Stamps) -> Any:
    """The service as pyHanko wants it."""
    import asyncio

    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):  # type: ignore[misc,unused-ignore]
        """Asks the service in a thread."""

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            return await asyncio.to_thread(service.stamp, message_digest, md_algorithm)

    return Stamper()  # type: ignore[no-untyped-call,unused-ignore]
