"""`sohoa verify` as a person and a program meet it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli.root import program
from tests.signing.forge_cms import Recipe
from tests.signing.forge_pdf import base_pdf, sign
from tests.signing.forge_people import NOW, YEAR, House
from tests.signing.forge_shadow import shadows
from tests.signing.forge_sound import maker

KEYS = {"field", "signer", "integrity", "chain", "time", "changes", "quirks", "why"}


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli.words import language

    language.cache_clear()
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "admin.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def file(house: House, tmp_path: Path) -> Path:
    recipe = Recipe(house.clerk, certificates=[house.clerk, house.middle])
    file = tmp_path / "quyết định.pdf"
    file.write_bytes(sign(base_pdf(), maker(recipe)))
    return file


def run(*words: object) -> Result:
    return CliRunner().invoke(program, ["verify", *map(str, words)])


def as_json(*words: object) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_the_json_is_as_promised(file: Path, trusted: Path) -> None:
    (told,) = as_json(file, "--trust", trusted)
    assert told.keys() == {"file", "error", "signatures"}
    assert (Path(told["file"]).name, told["error"]) == (file.name, None)
    (signature,) = told["signatures"]
    assert signature.keys() == KEYS
    assert (signature["integrity"], signature["chain"], signature["changes"]) == ("valid", "trusted", "none")
    assert signature["time"]["source"] == "claimed"
    assert signature["quirks"] == []
    assert signature["why"][0].startswith("Nội dung đã ký còn nguyên vẹn")


def test_one_bad_file_leaves_the_others_judged(file: Path, trusted: Path, tmp_path: Path) -> None:
    broken, plain = tmp_path / "hỏng.pdf", tmp_path / "chưa ký.pdf"
    broken.write_bytes(b"%PDF-1.7\nrubbish")
    plain.write_bytes(base_pdf())
    ended = run(file, broken, tmp_path / "không có.pdf", plain, file, "--trust", trusted, "--json")
    told = json.loads(ended.stdout)
    assert ended.exit_code == 1
    assert [one["error"] for one in told] == [None, "sign.pdf-broken", "sign.pdf-missing", None, None]
    assert [len(one["signatures"]) for one in told] == [1, 0, 0, 0, 1]
    assert run(file, plain, "--trust", trusted).exit_code == 0


def test_a_bad_signature_is_a_verdict_and_no_failure(file: Path, trusted: Path) -> None:
    file.write_bytes(shadows()["page-content"](file.read_bytes()))
    ended = run(file, "--trust", trusted)
    assert ended.exit_code == 0
    assert "✗" in ended.stderr
    assert "Nội dung trang đã thay đổi sau chữ ký này." in ended.stderr


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S+07:00", "%Y-%m-%d"])
def test_another_moment_of_looking(written: str, file: Path, trusted: Path) -> None:
    later = (NOW + 30 * YEAR).strftime(written)
    (told,) = as_json(file, "--trust", trusted, "--at", later)
    assert told["signatures"][0]["chain"] == "expired"
    assert run(file, "--at", "hôm qua").exit_code == 2


def test_it_speaks_english_too(file: Path, trusted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_LANGUAGE", "en")
    shown = run(file, "--trust", trusted).stderr
    assert "the hash and the signer's key agree" in shown
    assert (as_json(file))[0]["signatures"][0]["why"][0].startswith("Nội dung")


def test_trust_that_is_none(file: Path, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    ended = run(file, "--trust", tmp_path / "no.pem", "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)[0]["error"] == "sign.trust-broken"
