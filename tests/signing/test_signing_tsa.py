"""Time stamps over HTTP: a real service, and everything that may stand at the other end of the line."""

import hashlib
import http.client
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asn1crypto import algos, tsp

from signing import SigningError, SigningFault, TimestampService
from signing.timestamps import RestingStamps, answer_type
from signing.training import TimestampServer, TrainingPki

DIGEST = hashlib.sha256(b"x").digest()


@contextmanager
def answering(make: Callable[[bytes], tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = make(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_told: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def code_of(url: str, timeout_s: float = 5) -> str:
    with pytest.raises(SigningError) as caught:
        TimestampService(url, timeout_s=timeout_s).stamp(DIGEST)
    return caught.value.code


def test_a_token_that_openssl_accepts(stamps: TimestampService, pki: TrainingPki, tmp_path: Path) -> None:
    token = stamps.stamp(DIGEST)
    (tmp_path / "token").write_bytes(token.dump())
    command = ["openssl", "ts", "-verify", "-digest", DIGEST.hex(), "-token_in", "-in", "token"]
    command += ["-CAfile", str(pki.trust)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout + done.stderr


def post(url: str, body: bytes, kind: str = "application/timestamp-query", **more: str) -> tuple[int, bytes]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    try:
        connection.request("POST", where.path, body, {"Content-Type": kind, **more})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"\x30\x84\xff\xff\xff\xff", b"\x30" * 4000],
)
def test_garbage_gets_400(body: bytes, stamps: TimestampService) -> None:
    assert post(stamps.url, body)[0] == 400


def test_hostile_lengths_and_kinds_get_400(stamps: TimestampService) -> None:
    assert post(stamps.url, b"x" * 20_000)[0] == 400
    assert post(stamps.url, b"x", "text/html")[0] == 400
    for length in ("-1", "1e9", "99999999999"):
        assert post(stamps.url, b"x", **{"Content-Length": length})[0] == 400


@pytest.mark.parametrize(("name", "size"), [("md5", 16), ("sha1", 20), ("sha256", 31)])
def test_weak_or_wrong_digests_are_rejected(name: str, size: int, stamps: TimestampService) -> None:
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": name}), "hashed_message": b"1" * size}
    asked = tsp.TimeStampReq({"version": 1, "message_imprint": imprint})
    status, body = post(stamps.url, asked.dump())
    assert status == 200
    assert answer_type().load(body)["status"]["status"].native == "rejection"


def test_nobody_there() -> None:
    with answering(lambda _: (200, b"")) as url:
        pass
    assert code_of(url) == "sign.tsa-away"


def test_answers_that_are_no_token() -> None:
    for answer in (
        (200, b""),
        (200, b"<html>login</html>"),
        (404, b""),
        (302, b""),
        (200, b"\x30" * 300_000),
        (200, answer_type()({"status": {"status": "rejection"}}).dump()),
    ):
        with answering(lambda _body, answer=answer: answer) as url:  # type: ignore[misc]
            assert code_of(url) == "sign.tsa-refused"
    with answering(lambda _: (503, b"")) as url:
        assert code_of(url) == "sign.tsa-away"


def test_a_silent_server_ends_in_time() -> None:
    release = threading.Event()

    def wait(_body: bytes) -> tuple[int, bytes]:
        release.wait(10)
        return 200, b""

    with answering(wait) as url:
        assert code_of(url, timeout_s=0.3) == "sign.tsa-away"
        release.set()


def test_a_token_for_another_digest_or_question(pki: TrainingPki, stamps: TimestampService) -> None:
    kept: list[bytes] = []

    def replay(body: bytes) -> tuple[int, bytes]:
        kept.append(body)
        return post(stamps.url, kept[0])

    with answering(replay) as url:
        TimestampService(url).stamp(DIGEST)
        assert code_of(url) == "sign.tsa-refused"


def test_a_token_with_a_broken_signature(stamps: TimestampService) -> None:
    def spoil(body: bytes) -> tuple[int, bytes]:
        answer = tsp.TimeStampResp.load(post(stamps.url, body)[1])
        signer = answer["time_stamp_token"]["content"]["signer_infos"][0]
        signer["signature"] = bytes(256)
        return 200, answer.dump(force=True)

    with answering(spoil) as url:
        assert code_of(url) == "sign.tsa-refused"


def test_start_and_stop(pki: TrainingPki) -> None:
    server = TimestampServer(pki)
    with pytest.raises(RuntimeError):
        _ = server.url
    server.start()
    server.start()
    url = server.url
    server.stop()
    server.stop()
    assert code_of(url) == "sign.tsa-away"
    with pytest.raises(ValueError, match="http"):
        TimestampService("ftp://a")


def test_a_line_that_is_down_is_left_alone_for_a_while(stamps: TimestampService) -> None:
    asked: list[int] = []
    now, down = [0.0], [True]

    class Line:
        def stamp(self, digest: bytes, algorithm: str = "sha256") -> Any:
            asked.append(1)
            if down[0]:
                raise SigningError(SigningFault.TSA_AWAY)
            return stamps.stamp(digest, algorithm)

    resting = RestingStamps(Line(), rest_s=300, clock=lambda: now[0])
    for _ in range(5):
        with pytest.raises(SigningError, match=r"tsa-away"):
            resting.stamp(DIGEST)
    assert len(asked) == 2
    now[0], down[0] = 301, False
    assert resting.stamp(DIGEST)["content"]
    assert resting.stamp(DIGEST)["content"]
    assert len(asked) == 4


EARLY = """
import sys
from asn1crypto import cms
cms.ContentType("data").dotted
from pathlib import Path
from signing import TimestampService
from signing.training import TimestampServer, TrainingPki
with TimestampServer(TrainingPki.create(Path(sys.argv[1]))) as server:
    TimestampService(server.url).stamp(bytes(32))
"""


def test_stamps_are_made_whatever_was_read_before(pki: TrainingPki) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY, str(pki.folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
