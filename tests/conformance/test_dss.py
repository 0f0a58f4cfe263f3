"""Does what we sign have the PAdES level that we claim? The EU's Digital Signature Service judges."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

import signing
from signing.training import TRAINING_PIN, TrainingAuthority, TrainingToken

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

Judge = Callable[..., list[dict[str, Any]]]
CLERK = "Lò Thị Ví Dụ"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingAuthority]:
    with TrainingAuthority(tmp_path_factory.mktemp("pki")) as services:
        yield services


@pytest.fixture(scope="module")
def session(
    authority: TrainingAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[signing.TokenSession]:
    folder = tmp_path_factory.mktemp("token")
    token = TrainingToken.prepare(folder, authority.pki, holder=CLERK, pin=TRAINING_PIN)
    with token.open(TRAINING_PIN) as opened:
        yield opened


@pytest.fixture(scope="module")
def lists(authority: TrainingAuthority, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("lists")
    for name in ("root", "issuing"):
        (folder / f"{name}.crl").write_bytes(authority.book.crl(name))
    return tuple(sorted(folder.iterdir()))


class Bench:
    """Signs a small PDF/A once at each level, and once more by a later extension."""

    def __init__(self, folder: Path, session: signing.TokenSession, authority: TrainingAuthority) -> None:
        self.folder, self._session = folder, session
        self._line = {"timestamp": signing.TimestampService(authority.tsa_url)}
        self._assurance = signing.Assurance(trust=[authority.pki.trust])
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(595, 842))
            pdfa.save(pdf, folder / "plain.pdf", "2b")

    def sign(self, source: Path, out: str, level: signing.Level) -> Path:
        block = signing.ClerkBlock(CLERK, datetime(2026, 5, 20, 1, 41, 7, tzinfo=UTC))
        done = signing.sign_pdf(
            source,
            self.folder / out,
            self._session,
            appearance=block,
            level=level,
            assurance=self._assurance,
            **self._line,
        )
        assert done.level == level
        return done.path

    def extend(self, source: Path, out: str, level: signing.Level) -> Path:
        return signing.extend_pdf(
            source, self.folder / out, level, assurance=self._assurance, **self._line
        ).path


@pytest.fixture(scope="module")
def bench(
    session: signing.TokenSession, authority: TrainingAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), session, authority)


@pytest.fixture(scope="module")
def made(bench: Bench) -> dict[str, tuple[Path, str]]:
    """Files by what was done, each with the level that its signatures claim."""
    plain = bench.folder / "plain.pdf"
    made = {level.value: (bench.sign(plain, f"{level}.pdf", level), level.value) for level in signing.Level}
    bare = made["B-B"][0]
    for level in (signing.Level.B_T, signing.Level.B_LT, signing.Level.B_LTA):
        made[f"B-B, later {level}"] = bench.extend(bare, f"later-{level}.pdf", level), level.value
    current = plain
    for number in range(1, 4):
        current = bench.sign(current, f"visible-{number}.pdf", signing.Level.B_LTA)
    made["three visible signatures"] = current, "B-LTA"
    return made


def claims(level: str) -> str:
    return "PAdES-BASELINE-" + level.removeprefix("B-")


def test_every_level_is_what_it_claims(
    signature_judge: Judge,
    made: dict[str, tuple[Path, str]],
    authority: TrainingAuthority,
    lists: tuple[Path, ...],
) -> None:
    files = [file for file, _ in made.values()]
    verdicts = signature_judge(*files, trust=authority.pki.trust, lists=lists)
    for (what, (_, level)), verdict in zip(made.items(), verdicts, strict=True):
        assert len(verdict["signatures"]) == (3 if what.startswith("three") else 1), what
        for found in verdict["signatures"]:
            assert (found["level"], found["indication"]) == (claims(level), "TOTAL_PASSED"), (what, found)


def test_long_term_files_need_no_server_and_no_list(
    signature_judge: Judge, made: dict[str, tuple[Path, str]], authority: TrainingAuthority
) -> None:
    files = [file for file, level in made.values() if level in {"B-LT", "B-LTA"}]
    for verdict in signature_judge(*files, trust=authority.pki.trust):
        assert {found["indication"] for found in verdict["signatures"]} == {"TOTAL_PASSED"}, verdict


def test_a_changed_byte_is_not_passed(
    signature_judge: Judge,
    made: dict[str, tuple[Path, str]],
    authority: TrainingAuthority,
    lists: tuple[Path, ...],
) -> None:
    data = bytearray(made["B-B"][0].read_bytes())
    data[data.index(b"MediaBox") + 9] ^= 1
    changed = made["B-B"][0].with_name("changed.pdf")
    changed.write_bytes(data)
    (verdict,) = signature_judge(changed, trust=authority.pki.trust, lists=lists)
    assert [found["indication"] for found in verdict["signatures"]] != ["TOTAL_PASSED"]


def test_every_level_is_still_pdf_a(judge: Judge, made: dict[str, tuple[Path, str]]) -> None:
    files = [file for file, _ in made.values()]
    for what, verdict in zip(made, judge(*files), strict=True):
        assert verdict["compliant"], (what, verdict["failures"])
