"""Delivery over an honest line to a real intake: the bytes arrive, once, and the receipt is true."""

import hashlib
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sync import (
    Fault,
    IntakeClient,
    Package,
    Receipt,
    SyncError,
    UploadState,
    new_submission_id,
    verify_receipt,
)
from sync.server import IntakeThread, Limits
from sync.server.accounts import hash_of_token

Make = Callable[..., Package]
ClientOf = Callable[..., IntakeClient]
RowsOf = Callable[[Path, str], list[tuple[str, str]]]


def _fault(act: Callable[[], object]) -> SyncError:
    with pytest.raises(SyncError) as caught:
        act()
    return caught.value


def test_the_server_says_who_it_is(shared_intake: IntakeThread, client_of: ClientOf) -> None:
    info = client_of(shared_intake.url).hello()
    assert info.name == "sohoa-intake"
    assert abs(info.clock_skew_s) < 5
    assert info.time.utcoffset() == timedelta(hours=7)
    assert info.public_key_pem.startswith(b"-----BEGIN PUBLIC KEY-----")


def test_a_package_arrives_and_its_receipt_is_true(
    intake: IntakeThread, client_of: ClientOf, make_package: Make, tmp_path: Path
) -> None:
    package = make_package(3_000_000)
    client = client_of(intake.url)
    progress: list[tuple[int, int]] = []
    remembered: list[UploadState] = []
    receipt = client.deliver(
        package,
        remember=remembered.append,
        report=lambda done, total: progress.append((done, total)),
        audit_head="ab" * 32,
    )
    verify_receipt(receipt, client.hello().public_key_pem)
    assert (receipt.submission_id, receipt.package_sha256) == (package.submission_id, package.sha256)
    assert (receipt.package_bytes, receipt.audit_head) == (package.bytes, "ab" * 32)
    stored = list((tmp_path / "intake" / "packages").rglob("*.zip"))
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in stored] == [package.sha256]
    assert list((tmp_path / "intake" / "uploads").iterdir()) == []
    assert len(remembered) == 1
    assert progress[0] == (0, package.bytes)
    assert progress[-1] == (package.bytes, package.bytes)
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)


def test_what_arrived_is_not_sent_again(
    shared_intake: IntakeThread,
    client_of: ClientOf,
    make_package: Make,
    chaos: Callable[..., Any],
    rows_of: RowsOf,
) -> None:
    package = make_package()
    proxy = chaos(shared_intake.url)
    client = client_of(proxy.url)
    first = client.deliver(package)
    sent = proxy.sent_bytes()
    again = client.deliver(package, resume=UploadState(f"{proxy.url}/uploads/{new_submission_id()}", 0))
    assert again == first
    assert sent == proxy.sent_bytes() == package.bytes
    assert len(rows_of(shared_intake._data_dir, package.submission_id)) == 1


def test_the_upload_is_remembered_before_its_first_byte(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, chaos: Callable[..., Any]
) -> None:
    proxy = chaos(shared_intake.url)
    methods_before: list[str] = []
    client_of(proxy.url).deliver(
        make_package(), remember=lambda _: methods_before.extend(one.method for one in proxy.seen)
    )
    assert "POST" in methods_before
    assert "PATCH" not in methods_before


def test_other_bytes_under_the_same_id_are_a_conflict(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, rows_of: RowsOf
) -> None:
    first = make_package(seed=1)
    other = make_package(seed=2, submission_id=first.submission_id)
    client = client_of(shared_intake.url)
    receipt = client.deliver(first)
    error = _fault(lambda: client.deliver(other))
    assert error.fault is Fault.CONFLICT
    assert not error.passing
    assert rows_of(shared_intake._data_dir, first.submission_id) == [(first.submission_id, receipt.to_json())]


def test_two_senders_of_other_bytes_race_and_one_wins(
    intake: IntakeThread, client_of: ClientOf, make_package: Make, rows_of: RowsOf
) -> None:
    sid = new_submission_id()
    packages = [make_package(400_000, seed=seed, submission_id=sid) for seed in range(4)]
    together = threading.Barrier(len(packages))

    def send(package: Package) -> Receipt | SyncError:
        client = client_of(intake.url)
        together.wait()
        try:
            return client.deliver(package)
        except SyncError as error:
            return error

    with ThreadPoolExecutor(len(packages)) as pool:
        results = list(pool.map(send, packages))
    won = [result for result in results if isinstance(result, Receipt)]
    lost = [result for result in results if isinstance(result, SyncError)]
    assert len(won) == 1
    assert {error.fault for error in lost} == {Fault.CONFLICT}
    assert rows_of(intake._data_dir, sid) == [(sid, won[0].to_json())]
    assert len(list((intake._data_dir / "packages").rglob("*.zip"))) == 1


def test_thirty_two_senders_of_the_same_packages_get_the_same_receipts(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, rows_of: RowsOf
) -> None:
    """Each sends all of them, in an order of its own, all at once."""
    packages = [make_package(150_000, seed=seed) for seed in range(3)]
    together = threading.Barrier(32)

    def send(number: int) -> dict[str, Receipt]:
        client = client_of(shared_intake.url, chunk_bytes=64 * 1024)
        order = packages[number % 3 :] + packages[: number % 3]
        together.wait()
        return {package.submission_id: client.deliver(package) for package in order}

    with ThreadPoolExecutor(32) as pool:
        told = list(pool.map(send, range(32)))
    for package in packages:
        receipts = {one[package.submission_id] for one in told}
        assert len(receipts) == 1
        assert rows_of(shared_intake._data_dir, package.submission_id) == [
            (package.submission_id, receipts.pop().to_json())
        ]


def test_eight_senders_on_one_upload_get_one_receipt(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, rows_of: RowsOf
) -> None:
    """The worst case: every sender took up the same remembered upload, and each displaces the others."""
    package = make_package(400_000)
    remembered: list[UploadState] = []
    _fault(
        lambda: client_of(shared_intake.url).deliver(
            package, remember=remembered.append, stopped=lambda: bool(remembered)
        )
    )

    def send(_: int) -> Receipt | SyncError:
        try:
            return client_of(shared_intake.url, chunk_bytes=64 * 1024).deliver(package, resume=remembered[0])
        except SyncError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(send, range(8)))
    faults = {result.fault for result in results if isinstance(result, SyncError)}
    assert faults <= {Fault.SERVER_FAULT, Fault.OFFLINE}
    receipt = client_of(shared_intake.url).deliver(package, resume=remembered[0])
    assert {result for result in results if isinstance(result, Receipt)} <= {receipt}
    assert rows_of(shared_intake._data_dir, package.submission_id) == [
        (package.submission_id, receipt.to_json())
    ]


def test_a_stop_is_heard_and_the_rest_is_sent_later(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, chaos: Callable[..., Any]
) -> None:
    package = make_package(2_000_000)
    proxy = chaos(shared_intake.url)
    client = client_of(proxy.url, chunk_bytes=64 * 1024)
    stop = threading.Event()
    remembered: list[UploadState] = []
    error = _fault(
        lambda: client.deliver(
            package,
            remember=remembered.append,
            report=lambda done, _total: stop.set() if done >= 500_000 else None,
            stopped=stop.is_set,
        )
    )
    assert error.fault is Fault.CANCELLED
    assert remembered[-1].offset >= 500_000
    client.deliver(package, resume=remembered[-1])
    assert proxy.sent_bytes() <= package.bytes + 1024 * 1024


def test_a_stop_is_heard_while_the_line_is_silent(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, chaos: Callable[..., Any]
) -> None:
    import time

    stop = threading.Event()

    def choose(method: str, _path: str, _number: int) -> str:
        if method != "PATCH":
            return "pass"
        stop.set()
        return "stall"

    client = client_of(chaos(shared_intake.url, choose).url, read_timeout_s=60)
    begun = time.monotonic()
    assert _fault(lambda: client.deliver(make_package(), stopped=stop.is_set)).fault is Fault.CANCELLED
    assert time.monotonic() - begun < 5


def test_a_forged_receipt_is_refused(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, tmp_path: Path
) -> None:
    package = make_package()
    with IntakeThread(tmp_path / "other") as other:
        others_key = client_of(other.url).hello().public_key_pem
    pinned = client_of(shared_intake.url, public_key_pem=others_key)
    assert _fault(lambda: pinned.deliver(package)).fault is Fault.RECEIPT_FORGED
    honest = client_of(shared_intake.url)
    pinned = client_of(shared_intake.url, public_key_pem=honest.hello().public_key_pem)
    receipt = pinned.deliver(package)
    with pytest.raises(SyncError):
        verify_receipt(replace(receipt, package_bytes=1), honest.hello().public_key_pem)


def test_only_known_stations_are_let_in(client_of: ClientOf, make_package: Make, tmp_path: Path) -> None:
    package = make_package()
    tokens = {"tram-01": "first secret", "tram-02": "second secret"}
    with IntakeThread(tmp_path / "guarded", tokens=tokens) as guarded:
        for token in (None, "wrong", "first secret "[:-2]):
            error = _fault(lambda token=token: client_of(guarded.url, token=token).deliver(package))  # type: ignore[misc]
            assert error.fault is Fault.UNAUTHORISED
            assert not error.passing
        first, second = (client_of(guarded.url, token=token) for token in tokens.values())
        receipt = first.deliver(package)
        assert second.receipt_of(package.submission_id) is None
        # Whoever brings the very bytes, as a courier's station does, is told the same.
        assert second.deliver(package) == receipt
        assert first.receipt_of(package.submission_id) == receipt


def test_stations_are_read_from_the_data_folder(
    client_of: ClientOf, make_package: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "guarded"
    folder.mkdir()
    (folder / "stations.json").write_text(f'{{"tram-01": "{hash_of_token("secret")}"}}')
    with IntakeThread(folder) as guarded:
        assert _fault(lambda: client_of(guarded.url).deliver(make_package())).fault is Fault.UNAUTHORISED
        client_of(guarded.url, token="secret").deliver(make_package())
    (folder / "stations.json").write_text("{}")
    with pytest.raises(SyncError) as caught, IntakeThread(folder):
        pass
    assert caught.value.fault is Fault.INTAKE_DATA


def test_a_package_too_large_for_the_server(
    client_of: ClientOf, make_package: Make, tmp_path: Path, rows_of: RowsOf
) -> None:
    with IntakeThread(tmp_path / "small", max_bytes=100_000) as small:
        error = _fault(lambda: client_of(small.url).deliver(make_package(200_000)))
        assert error.fault is Fault.TOO_LARGE
        assert not error.passing
        assert list((tmp_path / "small" / "uploads").iterdir()) == []


def test_a_package_harmed_on_our_own_disk(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make, rows_of: RowsOf
) -> None:
    package = make_package()
    body = bytearray(package.path.read_bytes())
    body[1000] ^= 1
    package.path.write_bytes(body)
    error = _fault(lambda: client_of(shared_intake.url).deliver(package))
    assert error.fault is Fault.PACKAGE_DAMAGED
    package.path.write_bytes(body[:-1])
    assert _fault(lambda: client_of(shared_intake.url).deliver(package)).fault is Fault.PACKAGE_DAMAGED
    package.path.unlink()
    assert _fault(lambda: client_of(shared_intake.url).deliver(package)).fault is Fault.FILE_UNREADABLE
    assert rows_of(shared_intake._data_dir, package.submission_id) == []


def test_a_package_that_holds_no_pdf_is_rejected_with_its_reason(
    intake: IntakeThread, client_of: ClientOf, tmp_path: Path, rows_of: RowsOf
) -> None:
    from sync import PackageFile, seal_package

    fake = tmp_path / "fake.pdf"
    fake.write_bytes(b"MZ this is a program")
    package = seal_package(
        tmp_path / "p.zip",
        submission_id=new_submission_id(),
        files=[PackageFile(fake, "data/fake.pdf", hashlib.sha256(fake.read_bytes()).hexdigest())],
        metadata={},
        events=[],
        sealed_at=datetime.now(UTC),
    )
    error = _fault(lambda: client_of(intake.url).deliver(package))
    assert (error.fault, error.facts["reason"]) == (Fault.REJECTED, "component-refused")
    assert not error.passing
    assert rows_of(intake._data_dir, package.submission_id) == []
    assert [path for path in (intake._data_dir / "packages").rglob("*") if path.is_file()] == []


def test_what_is_no_package_is_rejected(
    shared_intake: IntakeThread, client_of: ClientOf, tmp_path: Path, rows_of: RowsOf
) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(b"PK\3\4 nothing of a package")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    package = Package(path, sha256, path.stat().st_size, new_submission_id())
    error = _fault(lambda: client_of(shared_intake.url).deliver(package))
    assert (error.fault, error.facts["reason"]) == (Fault.REJECTED, "package-damaged")
    assert rows_of(shared_intake._data_dir, package.submission_id) == []


def test_a_package_sealed_for_another_submission_is_rejected(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make
) -> None:
    package = replace(make_package(), submission_id=new_submission_id())
    error = _fault(lambda: client_of(shared_intake.url).deliver(package))
    assert (error.fault, error.facts["reason"]) == (Fault.REJECTED, "other-submission")


def test_a_lapsed_upload_is_begun_again(client_of: ClientOf, make_package: Make, tmp_path: Path) -> None:
    package = make_package()
    remembered: list[UploadState] = []
    with IntakeThread(tmp_path / "brief", limits=Limits(upload_life_s=-10)) as brief:
        error = _fault(lambda: client_of(brief.url).deliver(package, remember=remembered.append))
        assert error.facts["reason"] == "upload-forgotten"
    with IntakeThread(tmp_path / "brief", limits=Limits()) as patient:
        state = replace(remembered[0], url=patient.url + "/uploads/" + remembered[0].url.rsplit("/", 1)[1])
        receipt = client_of(patient.url).deliver(package, resume=state)
        assert receipt.package_sha256 == package.sha256
        assert list((tmp_path / "brief" / "uploads").iterdir()) == []


def test_a_remembered_upload_of_another_server_or_package_is_left_alone(
    shared_intake: IntakeThread, client_of: ClientOf, make_package: Make
) -> None:
    package = make_package()
    elsewhere = UploadState("http://evil.invalid/uploads/x", 0, package.submission_id, package.sha256)
    other = UploadState(f"{shared_intake.url}/uploads/x", 0, package.submission_id, "0" * 64)
    for state in (elsewhere, other):
        assert client_of(shared_intake.url).deliver(package, resume=state).package_sha256 == package.sha256


@pytest.mark.parametrize(
    "address",
    ["", "tinh.gov.vn", "ftp://tinh.gov.vn", "http://", "http://a:b@c/", "http://[::1", "http://x?y"],
)
def test_an_address_that_is_none(address: str) -> None:
    assert _fault(lambda: IntakeClient(address)).fault is Fault.ADDRESS


def test_nobody_there_is_offline(client_of: ClientOf, make_package: Make) -> None:
    import socket

    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid"):
            error = _fault(lambda url=url: client_of(url).deliver(make_package()))  # type: ignore[misc]
            assert error.fault is Fault.OFFLINE
            assert error.passing


def test_only_the_systems_own_roots_vouch_for_a_server(
    tmp_path: Path, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _self_signed(tmp_path / "tls.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Silent(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    class Portal(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with Silent(("127.0.0.1", 0), Portal) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        try:
            assert _fault(client_of(url).hello).fault is Fault.CERTIFICATE
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            # Trusted now, and thereby found out to be no intake.
            assert _fault(client_of(url).hello).fault is Fault.SERVER_FAULT
        finally:
            server.shutdown()
            thread.join()


def test_a_proxy_that_wants_a_password_is_no_way_through(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.path.encode()
            self.send_response_only(407)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("no_proxy", "")
        error = _fault(client_of("http://intake.invalid").hello)
        thread.join()
    assert (error.fault, error.facts["status"]) == (Fault.CAPTIVE_PORTAL, 407)


def _self_signed(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
