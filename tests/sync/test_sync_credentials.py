"""Who we are: tokens that are renewed, certificates of our own, and what never leaves for strangers."""

import base64
import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

import sync
from sync.server import IntakeThread


class TokenAddress:
    """A token address (RFC 6749): gives tokens out in order, and remembers what it was asked."""

    def __init__(self, tokens: list[dict[str, Any]]) -> None:
        self.url = ""
        self.tokens = tokens
        self.asked: list[tuple[dict[str, list[str]], str]] = []
        self.status = 200


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    address: TokenAddress

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.address.asked.append((parse_qs(body), self.headers.get("Authorization", "")))
        told = self.address.tokens.pop(0) if self.address.tokens else {}
        text = json.dumps(told).encode()
        self.send_response_only(self.address.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def token_address() -> Iterator[Callable[..., TokenAddress]]:
    """A token address on a free port."""
    servers: list[ThreadingHTTPServer] = []

    def make(*tokens: dict[str, Any]) -> TokenAddress:
        address = TokenAddress(list(tokens))
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"address": address}))
        server.daemon_threads = True
        server.block_on_close = False
        servers.append(server)
        address.url = f"http://127.0.0.1:{server.server_address[1]}/token"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return address

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def connector(running: IntakeThread, address: TokenAddress) -> sync.Connector:
    return sync.connect(
        sync.LineSettings(
            kind="intake",
            address=running.url,
            token_url=address.url,
            client_id="quầy 1",
            secret={"client-secret": "mật:khẩu", "token": "never"}.get,
            connect_timeout_s=2,
            read_timeout_s=5,
        )
    )


def test_a_refused_token_is_renewed_and_the_request_sent_again(
    token_address: Callable[..., TokenAddress], make_package: Callable[..., sync.Package], tmp_path: Path
) -> None:
    address = token_address(
        {"access_token": "old", "token_type": "bearer", "expires_in": 3600, "refresh_token": "r1"},
        {"access_token": "good", "token_type": "Bearer", "expires_in": 3600},
    )
    with IntakeThread(tmp_path / "intake", tokens={"quay1": "good"}) as running:
        made = connector(running, address)
        package = make_package()
        made.deliver(package, sync.Errand()).verify(package, None)
        made.close()
    grants = [form["grant_type"] for form, _ in address.asked]
    assert grants == [["client_credentials"], ["refresh_token"]]
    kind, _, pair = address.asked[0][1].partition(" ")
    assert kind == "Basic"
    name, _, secret = base64.b64decode(pair).decode().partition(":")
    assert (unquote(name), unquote(secret)) == ("quầy 1", "mật:khẩu")


def test_a_refresh_token_that_lapsed_is_replaced_by_the_secret(
    token_address: Callable[..., TokenAddress],
) -> None:
    """Told by the clock: half a minute's token lives half of that, an hour's until a minute before."""
    now = [0.0]
    answers = [
        (200, b'{"access_token": "one", "expires_in": 30, "refresh_token": "r"}'),
        (400, b'{"error": "invalid_grant"}'),
        (200, b'{"access_token": "two", "expires_in": 3600}'),
        (200, b'{"access_token": "three"}'),
    ]
    forms: list[bytes] = []

    def post(_url: str, form: bytes, _login: tuple[str, str]) -> tuple[int, bytes]:
        forms.append(form)
        return answers.pop(0)

    tokens = sync.ClientCredentials(post, "https://t", "id", lambda: "s", clock=lambda: now[0])
    assert tokens.token() == "one"
    now[0] = 14
    assert tokens.token() == "one"
    now[0] = 16
    assert tokens.token() == "two"
    now[0] = 16 + 3530
    assert tokens.token() == "two"
    now[0] = 16 + 3541
    assert tokens.token() == "three"
    assert tokens.renew("an older one") is True
    assert [form.split(b"&")[0] for form in forms][1] == b"grant_type=refresh_token"


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (401, b"{}", sync.Fault.UNAUTHORISED),
        (400, b'{"error": "invalid_client"}', sync.Fault.UNAUTHORISED),
        (503, b"busy", sync.Fault.SERVER_BUSY),
        (200, b"<html>log in</html>", sync.Fault.CAPTIVE_PORTAL),
        (200, b'{"access_token": "a\\r\\nX-Evil: 1"}', sync.Fault.CAPTIVE_PORTAL),
        (200, b'{"access_token": "a", "token_type": "mac"}', sync.Fault.CAPTIVE_PORTAL),
        (200, b"[]", sync.Fault.CAPTIVE_PORTAL),
    ],
)
def test_answers_of_a_token_address_that_are_no_token(status: int, body: bytes, fault: sync.Fault) -> None:
    tokens = sync.ClientCredentials(lambda *_: (status, body), "https://t", "id", lambda: "s")
    with pytest.raises(sync.SyncError) as caught:
        tokens.token()
    assert caught.value.fault is fault
    assert caught.value.of_the_line


def test_a_wrong_token_is_asked_for_once_more_and_then_given_up(
    token_address: Callable[..., TokenAddress], make_package: Callable[..., sync.Package], tmp_path: Path
) -> None:
    address = token_address(*[{"access_token": f"bad{n}"} for n in range(5)])
    with IntakeThread(tmp_path / "intake", tokens={"quay1": "good"}) as running:
        made = connector(running, address)
        with pytest.raises(sync.SyncError) as caught:
            made.deliver(make_package(), sync.Errand())
        made.close()
    assert caught.value.fault is sync.Fault.UNAUTHORISED
    assert len(address.asked) == 2


def test_a_token_that_was_replaced_in_the_meantime_is_used_without_a_restart(
    make_package: Callable[..., sync.Package], tmp_path: Path
) -> None:
    kept = ["old"]
    reads: list[str] = []

    def read() -> str:
        reads.append(kept[0])
        token, kept[0] = kept[0], "good"
        return token

    with IntakeThread(tmp_path / "intake", tokens={"quay1": "good"}) as running:
        client = sync.IntakeClient(running.url, tokens=sync.FixedToken(read))
        client.deliver(make_package())
        client.close()
    assert reads[0] == "old"


# -- certificates of our own -----------------------------------------------------------------------


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """A root, a server and a client certificate of it; the client's key under a password."""
    folder = tmp_path / "pki"
    folder.mkdir()
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    _openssl(folder, "req", "-x509", *ec, "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=goc")
    for name, extension in (
        ("server", "subjectAltName=IP:127.0.0.1"),
        ("client", "extendedKeyUsage=clientAuth"),
    ):
        secret = ["-passout", "pass:mo-khoa"] if name == "client" else ["-nodes"]
        request = ["-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}"]
        _openssl(folder, "req", "-new", *ec, *secret, *request)
        (folder / "ext").write_text(extension)
        sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext"]
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", *sign, "-out", f"{name}.pem")
    return folder


class _Info(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told = {
            "name": "sohoa-intake",
            "version": "1",
            "time": "2026-05-20T08:00:00+07:00",
            "max_bytes": 1,
            "key_id": "k",
            "public_key_pem": "p",
        }
        text = json.dumps(told).encode()
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def guarded(pki: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that asks for a certificate; the system trusts its root."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pki / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.pem", pki / "server.key")
    context.load_verify_locations(pki / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = _Quiet(("127.0.0.1", 0), _Info)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def greet(url: str, **options: Any) -> sync.Greeting:
    made = sync.connect(
        sync.LineSettings(kind="intake", address=url, connect_timeout_s=5, read_timeout_s=5, **options)
    )
    try:
        return made.greet()
    finally:
        made.close()


def test_the_stations_certificate_lets_it_in(guarded: str, pki: Path) -> None:
    greeting = greet(
        guarded,
        certificate=pki / "client.pem",
        key=pki / "client.key",
        secret={"key-password": "mo-khoa"}.get,
    )
    assert greeting.name == "sohoa-intake"


def test_without_it_the_station_stays_outside(guarded: str) -> None:
    with pytest.raises(sync.SyncError) as caught:
        greet(guarded)
    assert caught.value.of_the_line


@pytest.mark.parametrize("harm", ["password", "missing"])
def test_a_certificate_that_cannot_be_opened_is_told(guarded: str, pki: Path, harm: str) -> None:
    certificate = pki / ("client.pem" if harm == "password" else "nobody.pem")
    with pytest.raises(sync.SyncError) as caught:
        greet(guarded, certificate=certificate, key=pki / "client.key")
    assert caught.value.fault is sync.Fault.UNAUTHORISED
    assert caught.value.facts["reason"] == "certificate"


def test_a_certificate_out_of_its_time_says_so(
    pki: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The commonest reason is our own clock; the fault tells which it is."""
    from sync.wire import _OUT_OF_ITS_TIME, Wire

    monkeypatch.setenv("SSL_CERT_FILE", str(pki / "ca.pem"))
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    for code, reason in {9: "not-yet-valid", 10: "expired", 19: "untrusted"}.items():
        error.verify_code = code
        fault = Wire("https://127.0.0.1:9")._fault(error)
        assert (fault.fault, fault.facts["reason"]) == (sync.Fault.CERTIFICATE, reason)
    assert set(_OUT_OF_ITS_TIME) == {9, 10}
