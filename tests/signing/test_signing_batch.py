"""Many documents under one login: progress, cancel, faults of files and tokens, a kill and a second start."""

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509 import load_der_x509_certificate

import signing
from signing import Assurance, BatchPlan, FakeToken, Level, Outcome, TimestampService, batch_items, sign_batch
from signing.durable import sweep
from signing.tokens.fake import digest_of_pin
from signing.training import TrainingPki

AWAY = TimestampService("http://127.0.0.1:9/", timeout_s=2)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def token(pki: TrainingPki, key: rsa.RSAPrivateKey) -> FakeToken:
    certificate = pki.issue(key.public_key(), "Lò Thị Ví Dụ")
    return FakeToken(certificate, key, digest_of_pin("1"), (pki.issuing_certificate,))


@pytest.fixture
def sources(make_pdf: Any, tmp_path: Path) -> list[Path]:
    return [make_pdf(tmp_path / f"{number:02d}.pdf") for number in range(8)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def outcomes(results: list[signing.BatchResult]) -> Counter[str]:
    return Counter(result.outcome.value for result in results)


def test_one_login_and_progress(
    token: FakeToken, sources: list[Path], folder: Path, block: signing.ClerkBlock, pki: TrainingPki
) -> None:
    told: list[tuple[int, int]] = []
    with token.open("1") as opened:
        plan = BatchPlan(appearance=lambda _source: block)
        results = list(
            sign_batch(
                batch_items(sources, folder),
                opened,
                plan,
                report=lambda done, total: told.append((done, total)),
            )
        )
    assert outcomes(results) == {"signed": 8}
    assert (token.logins, token.signatures) == (1, 8)
    assert told == [(number, 8) for number in range(1, 9)]
    for result in results:
        (finding,) = signing.verify_pdf(result.item.out, trust=[pki.trust])
        assert finding.sound


def test_a_bad_file_stops_nothing_and_a_second_start_does_the_rest(
    token: FakeToken, sources: list[Path], folder: Path
) -> None:
    good = sources[3].read_bytes()
    sources[1].write_bytes(b"%PDF-1.7 nothing of the kind")
    sources[2].unlink()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(sources[4], encryption=pikepdf.Encryption(owner="a", user="b"))
    (folder / "05.pdf").write_bytes(b"somebody's own")
    items = batch_items(sources, folder)
    with token.open("1") as opened:
        results = list(sign_batch(items, opened, BatchPlan()))
        codes = {result.item.source.name: result.error.code for result in results if result.error}
        assert codes == {
            "01.pdf": "sign.pdf-broken",
            "02.pdf": "sign.pdf-missing",
            "04.pdf": "sign.pdf-encrypted",
            "05.pdf": "sign.output-taken",
        }
        assert (folder / "05.pdf").read_bytes() == b"somebody's own"
        for source in (sources[1], sources[2], sources[4]):
            source.write_bytes(good)
        (folder / "05.pdf").unlink()
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        again = list(sign_batch(items, opened, BatchPlan()))
    assert outcomes(again) == {"kept": 4, "signed": 4}
    assert all((folder / name).read_bytes() == data for name, data in before.items())


def test_a_result_of_other_content_or_another_signer_is_left_alone(
    token: FakeToken, sources: list[Path], folder: Path, pki: TrainingPki, make_pdf: Any
) -> None:
    items = batch_items(sources[:1], folder)
    with token.open("1") as opened:
        list(sign_batch(items, opened, BatchPlan()))
        kept = items[0].out.read_bytes()
        make_pdf(sources[0], bars=())
        (other,) = sign_batch(items, opened, BatchPlan())
        assert other.error is not None
        assert other.error.code == "sign.output-taken"
    make_pdf(sources[0])
    if items[0].out.read_bytes().startswith(sources[0].read_bytes()):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        stranger = FakeToken(pki.issue(key.public_key(), "B"), key, digest_of_pin("1"))
        with stranger.open("1") as opened:
            (other,) = sign_batch(items, opened, BatchPlan())
        assert other.outcome is Outcome.FAILED
    assert items[0].out.read_bytes() == kept


def test_files_of_one_name(tmp_path: Path) -> None:
    sources = [tmp_path / "a" / "x.pdf", tmp_path / "b" / "X.PDF", tmp_path / "c" / "x.pdf"]
    assert [item.out.name for item in batch_items(sources, tmp_path)] == ["x.pdf", "X-2.PDF", "x-3.pdf"]


def test_cancelled_between_two_documents(token: FakeToken, sources: list[Path], folder: Path) -> None:
    with token.open("1") as opened:
        stopped = lambda: token.signatures >= 3  # noqa: E731
        results = list(sign_batch(batch_items(sources, folder), opened, BatchPlan(), stopped=stopped))
    assert outcomes(results) == {"signed": 3, "not-begun": 5}
    assert len(list(folder.iterdir())) == 3


def test_a_token_pulled_out_ends_the_batch_and_the_rest_comes_later(
    token: FakeToken, sources: list[Path], folder: Path
) -> None:
    items = batch_items(sources, folder)
    token.remove_after = 3
    with token.open("1") as opened:
        results = list(sign_batch(items, opened, BatchPlan()))
    assert outcomes(results) == {"signed": 3, "failed": 1, "not-begun": 4}
    assert next(result.error.code for result in results if result.error) == "sign.token-removed"
    token.present, token.remove_after = True, None
    with token.open("1") as opened:
        assert outcomes(list(sign_batch(items, opened, BatchPlan()))) == {"kept": 3, "signed": 5}


def test_owed_stamps_are_made_up_for_at_the_next_start(
    token: FakeToken, sources: list[Path], folder: Path, stamps: TimestampService
) -> None:
    items = batch_items(sources[:5], folder)
    down = BatchPlan(timestamp=AWAY, level=Level.B_T, stamp_later=True, assurance=Assurance(timeout_s=2))
    up = BatchPlan(timestamp=stamps, level=Level.B_T, stamp_later=True)
    with token.open("1") as opened:
        first = list(sign_batch(items, opened, down))
        assert outcomes(first) == {"signed": 5}
        assert {result.level for result in first} == {"B-B"}
        second = list(sign_batch(items, opened, down))
        assert {(result.outcome, result.level) for result in second} == {(Outcome.KEPT, "B-B")}
        third = list(sign_batch(items, opened, up))
        assert {(result.outcome, result.level) for result in third} == {(Outcome.RAISED, "B-T")}
        fourth = list(sign_batch(items, opened, up))
        assert {(result.outcome, result.level) for result in fourth} == {(Outcome.KEPT, "B-T")}


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from signing import BatchPlan, Pkcs12Token, batch_items, durable, sign_batch
    left = int(sys.argv[1])
    real = os.fsync
    def dying(handle):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        real(handle)
    os.fsync = dying
    work = Path(sys.argv[2])
    with Pkcs12Token(work / "key.p12").open(None) as opened:
        for result in sign_batch(batch_items(sorted(work.glob("*.pdf")), work / "out"), opened, BatchPlan()):
            print(result.outcome.value)
    """
)


def start(work: Path, kill_after: int) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(kill_after), str(work)],
        cwd=Path(signing.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_kill_is_survived_by_starting_again(
    pki: TrainingPki, key: rsa.RSAPrivateKey, sources: list[Path], folder: Path, tmp_path: Path
) -> None:
    certificate = load_der_x509_certificate(pki.issue(key.public_key(), "Lò Thị Ví Dụ"))
    sealed = pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, NoEncryption())
    (tmp_path / "key.p12").write_bytes(sealed)
    for kill_after in (0, 3, 2):
        assert start(tmp_path, kill_after)[0] == -signal.SIGKILL
    assert any(file.suffix == ".tmp" for file in folder.iterdir())
    code, told = start(tmp_path, 10_000)
    assert code == 0
    assert Counter(told) == {"signed": 8 - (kept := told.count("kept")), "kept": kept}
    assert kept >= 2
    assert sorted(file.name for file in folder.iterdir()) == [source.name for source in sources]
    for file in folder.iterdir():
        assert [one.integrity for one in signing.verify_pdf(file)] == ["valid"]


def test_only_dead_programs_of_this_machine_are_swept_after(tmp_path: Path) -> None:
    from signing.durable import _this_machine

    mine = tmp_path / f".sohoa-{_this_machine()}-{os.getpid()}-aa.tmp"
    dead = tmp_path / f".sohoa-{_this_machine()}-99999999-aa.tmp"
    elsewhere = tmp_path / ".sohoa-ffffff-99999999-aa.tmp"
    for file in (mine, dead, elsewhere, tmp_path / "other.tmp"):
        file.write_bytes(b"")
    assert sweep(tmp_path) == 1
    assert not dead.exists()
    assert mine.exists()
    assert elsewhere.exists()


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_five_hundred_documents(token: FakeToken, make_pdf: Any, tmp_path: Path, folder: Path) -> None:
    sources = [make_pdf(tmp_path / f"{number:03d}.pdf") for number in range(500)]
    sources[250].write_bytes(b"broken")
    with token.open("1") as opened:
        items = batch_items(sources, folder)
        half = list(sign_batch(items, opened, BatchPlan(), stopped=lambda: token.signatures >= 200))
        assert outcomes(half) == {"signed": 200, "not-begun": 300}
        rest = list(sign_batch(items, opened, BatchPlan()))
    assert outcomes(rest) == {"kept": 200, "signed": 299, "failed": 1}
    assert (token.logins, len(list(folder.iterdir()))) == (1, 499)
