"""`sohoa sign`, `sohoa stamp`, `sohoa tokens` as they are typed."""

import json
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509 import load_der_x509_certificate
from pikepdf import pdfa

import signing
from app.cli.root import program
from app.workflow import sign_files
from signing.training import TrainingAuthority

PASSWORD = "mật khẩu"
Run = Callable[..., Result]


@pytest.fixture
def authority(tmp_path: Path):  # type: ignore[no-untyped-def]
    with TrainingAuthority(tmp_path / "pki") as services:
        yield services


@pytest.fixture
def key_file(authority: TrainingAuthority, tmp_path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = load_der_x509_certificate(authority.pki.issue(key.public_key(), "Nguyễn Văn Ví Dụ"))
    chain = [load_der_x509_certificate(authority.pki.issuing_certificate)]
    sealed = BestAvailableEncryption(PASSWORD.encode())
    file = tmp_path / "key.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, sealed))
    return file


@pytest.fixture
def papers(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"{number}.pdf" for number in range(3)]
    for file in files:
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(595, 842))
            pdfa.save(pdf, file, "2b")
    return files


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setenv("SOHOA_PIN", PASSWORD)

    def invoke(*words: object) -> Result:
        told = ["--data", str(tmp_path / "data"), *map(str, words)]
        return CliRunner().invoke(program, told, catch_exceptions=False)

    return invoke


def test_many_files_one_password_and_a_second_start(
    run: Run, papers: list[Path], key_file: Path, authority: TrainingAuthority, tmp_path: Path
) -> None:
    papers[1].write_bytes(b"nothing")
    out = tmp_path / "out"
    words = [*papers, "-o", out, "--p12", key_file, "--level", "B-LTA", "--tsa", authority.tsa_url]
    words += ["--trust", authority.pki.trust, "--name", "Nguyễn Văn Ví Dụ", "--json"]
    first = run("sign", *words)
    assert first.exit_code == 1
    told = json.loads(first.stdout)
    assert [one["outcome"] for one in told] == ["signed", "failed", "signed"]
    assert told[1] == {
        "file": str(papers[1].resolve()),
        "out": None,
        "outcome": "failed",
        "level": None,
        "error": "sign.pdf-broken",
    }
    papers[1].write_bytes(papers[0].read_bytes())
    second = run("sign", *words)
    assert second.exit_code == 0
    assert [one["outcome"] for one in json.loads(second.stdout)] == ["kept", "signed", "kept"]
    assert {one["level"] for one in json.loads(second.stdout)} == {"B-LTA"}
    assert sorted(file.name for file in out.iterdir()) == ["0.pdf", "1.pdf", "2.pdf"]
    for file in out.iterdir():
        assert all(one.sound for one in signing.verify_pdf(file, trust=[authority.pki.trust]))
    assert PASSWORD not in first.output + second.output


def test_one_file_with_the_agencys_block(
    run: Run, papers: list[Path], key_file: Path, tmp_path: Path
) -> None:
    lacking = run("sign", papers[0], "-o", tmp_path / "x.pdf", "--p12", key_file, "--appearance", "sao-y")
    assert lacking.exit_code == 1
    assert "sign.appearance-incomplete" in lacking.output
    done = run(
        "sign", papers[0], "-o", tmp_path / "x.pdf", "--p12", key_file,
        "--appearance", "sao-y", "--agency", "UBND xã Ví Dụ", "--at", "1:120,6",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        left, _, _, top = (float(edge) for edge in pdf.pages[0].Annots[0].Rect)
    assert (left * 25.4 / 72, (842 - top) * 25.4 / 72) == pytest.approx((120, 6), abs=0.1)
    taken = run("sign", tmp_path / "x.pdf", "-o", tmp_path / "y.pdf", "--p12", key_file, "--at", "1:120,6",
                "--name", "A")  # fmt: skip
    assert taken.exit_code == 1
    assert "sign.place-taken" in taken.output
    assert "8,4" in taken.output
    assert run("sign", papers[0], "-o", "x.pdf", "--at", "nowhere").exit_code == 2


def test_without_a_time_service_a_level_is_refused(
    run: Run, papers: list[Path], key_file: Path, tmp_path: Path
) -> None:
    told = run(
        "sign", papers[0], "-o", tmp_path / "x.pdf", "--p12", key_file, "--level", "B-T", "--name", "A"
    )
    assert told.exit_code == 1
    assert "station.no-time-service" in told.output
    assert not (tmp_path / "x.pdf").exists()


def test_a_stamp_that_is_owed_comes_later(
    run: Run, papers: list[Path], key_file: Path, authority: TrainingAuthority, tmp_path: Path
) -> None:
    url, out = authority.tsa_url, tmp_path / "out"
    authority.stop()
    words = [*papers, "-o", out, "--p12", key_file, "--level", "B-T", "--tsa", url, "--invisible"]
    refused = run("sign", *words, "--json")
    assert {one["error"] for one in json.loads(refused.stdout)} == {"sign.tsa-away"}
    signed = run("sign", *words, "--stamp-later", "--json")
    assert signed.exit_code == 0
    assert {one["level"] for one in json.loads(signed.stdout)} == {"B-B"}
    assert run("stamp", "--tsa", url).exit_code == 1
    authority.start()
    for entry in (tmp_path / "data" / "training" / "stamps").glob("*.json"):
        told = json.loads(entry.read_bytes())
        assert told["fault"] == "sign.tsa-away"
        entry.write_text(json.dumps({**told, "due": 0}))
    assert run("stamp", "--tsa", url).exit_code == 0
    assert {signing.standing_level(file).value for file in out.iterdir()} == {"B-T"}
    raised = run("stamp", out / "0.pdf", "--tsa", url, "--level", "B-LT", "--trust", authority.pki.trust)
    assert raised.exit_code == 0, raised.output
    assert signing.standing_level(out / "0.pdf") is signing.Level.B_LT
    assert run("stamp", papers[0], "--tsa", url).exit_code == 1


def test_tokens_are_listed_without_a_pin(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_files.signing, "find_tokens", lambda _lists: ())
    assert json.loads(run("tokens", "--json").stdout) == []
    assert run("tokens").exit_code == 0
