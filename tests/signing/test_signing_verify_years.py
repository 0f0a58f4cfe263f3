"""Who and when over the years: archives that outlive servers and certificates, and revocation."""

import asyncio
import re
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509 import ReasonFlags, load_der_x509_certificate, load_pem_x509_certificate

import resources
import signing
from signing import SignatureFinding
from signing.training import TrainingAuthority
from signing.verify.anchors import anchors
from signing.verify.quirks import Quirk
from tests.signing.forge_cms import Recipe, Stamper
from tests.signing.forge_pdf import base_pdf, sign, with_dss
from tests.signing.forge_people import DAY, NOW, YEAR, House, Person, ocsp_answer, revocation_list
from tests.signing.forge_sound import maker

FIVE_YEARS_ON = NOW + 5 * YEAR


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails the test."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("the verifier asked the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


@pytest.fixture(scope="module")
def short(house: House) -> Person:
    """A signer whose certificate ends in a year."""
    return house.signer("Ngắn Hạn", house.rsa("short"), until=NOW + YEAR)


@pytest.fixture(scope="module")
def stampers(house: House) -> tuple[Person, Person]:
    """A time stamper for two years, and one for ten."""
    return (
        house.stamping("Dấu hai năm", house.rsa("stamper2"), until=NOW + 2 * YEAR),
        house.stamping("Dấu mười năm", house.rsa("stamper10"), until=NOW + 10 * YEAR),
    )


def archived(house: House, signer: Person, stampers: tuple[Person, Person], *, level: str) -> bytes:
    """A signature of level B-B, B-T, B-LT or B-LTA, put together by hand."""
    first, last = stampers
    stamp = None if level == "B-B" else Stamper(first)
    recipe = Recipe(signer, certificates=[signer, house.middle], stamp=stamp)
    data = sign(base_pdf(), maker(recipe))
    if level in ("B-LT", "B-LTA"):
        data = with_dss(
            data,
            certs=[house.middle.der, house.root.der, first.der],
            answers=[ocsp_answer(signer), ocsp_answer(first)],
            lists=[revocation_list(house.root), revocation_list(house.middle)],
        )
    if level == "B-LTA":
        later = Stamper(last, NOW + timedelta(minutes=1))
        data = sign(data, later, field="Tem", sub_filter="/ETSI.RFC3161", shown=False, claimed=None)
    return data


def first_of(data: bytes, file: Path, trust: Path, at: datetime | None = None) -> SignatureFinding:
    file.write_bytes(data)
    return signing.verify_pdf(file, trust=[trust], at=at)[0]


@pytest.fixture
def root_only(house: House, tmp_path: Path) -> Path:
    """Nothing is trusted but the root: the archive brings the rest."""
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "root.pem").write_bytes(house.root.pem)
    return folder


@pytest.mark.usefixtures("no_network")
def test_an_archive_outlives_servers_and_certificates(
    house: House, short: Person, stampers: tuple[Person, Person], tmp_path: Path, root_only: Path
) -> None:
    data = archived(house, short, stampers, level="B-LTA")
    for at in (None, FIVE_YEARS_ON):
        finding = first_of(data, tmp_path / "a.pdf", root_only, at)
        assert (finding.integrity, finding.chain, finding.changes) == ("valid", "trusted", "harmless")
        assert finding.sound
        assert finding.time["source"] == "timestamp"
        assert Quirk.STAMP_AUTHORITY_EXPIRED not in finding.quirks
        assert "Chứng thư chưa bị thu hồi vào thời điểm ký, theo dữ liệu kèm theo." in finding.why
    whole = signing.verify_pdf(tmp_path / "a.pdf", trust=[root_only], at=FIVE_YEARS_ON)
    assert [finding.kind for finding in whole] == ["signature", "timestamp"]
    assert all(finding.sound for finding in whole)


def test_what_we_archive_stands_with_all_servers_off(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program's own B-LTA file, its authorities stopped, five years on."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    out = tmp_path / "lta.pdf"
    with TrainingAuthority(tmp_path / "pki") as services:
        certificate = load_der_x509_certificate(services.pki.issue(key.public_key(), "Nguyễn Văn Ví Dụ"))
        chain = [load_der_x509_certificate(services.pki.issuing_certificate)]
        sealed = pkcs12.serialize_key_and_certificates(b"k", key, certificate, chain, NoEncryption())
        (tmp_path / "key.p12").write_bytes(sealed)
        with signing.Pkcs12Token(tmp_path / "key.p12").open(None) as session:
            signing.sign_pdf(
                plain,
                out,
                session,
                appearance=None,
                timestamp=signing.TimestampService(services.tsa_url),
                level=signing.Level.B_LTA,
                assurance=signing.Assurance(trust=[services.pki.trust], timeout_s=5),
            )
        root = tmp_path / "root.pem"
        root.write_bytes(services.pki.trust.read_bytes())
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the verifier asked the network"))
    findings = signing.verify_pdf(out, trust=[root], at=FIVE_YEARS_ON)
    assert [(one.kind, one.sound) for one in findings] == [("signature", True), ("timestamp", True)]
    assert findings[0].time["source"] == "timestamp"
    assert "Chứng thư chưa bị thu hồi vào thời điểm ký, theo dữ liệu kèm theo." in findings[0].why
    assert not any(Quirk.STAMP_AUTHORITY_EXPIRED in one.quirks for one in findings)


@pytest.mark.usefixtures("no_network")
def test_lesser_levels_five_years_on_are_told_apart(
    house: House, short: Person, stampers: tuple[Person, Person], tmp_path: Path, root_only: Path
) -> None:
    told = {}
    for level in ("B-B", "B-T", "B-LT"):
        data = archived(house, short, stampers, level=level)
        finding = first_of(data, tmp_path / "a.pdf", root_only, FIVE_YEARS_ON)
        told[level] = (str(finding.chain), Quirk.STAMP_AUTHORITY_EXPIRED in finding.quirks)
    assert told == {"B-B": ("expired", False), "B-T": ("trusted", True), "B-LT": ("trusted", True)}


def test_a_claimed_time_counts_until_it_is_doubted(house: House, tmp_path: Path, root_only: Path) -> None:
    gone = house.signer("Đã Hết Hạn", house.rsa("short"), since=NOW - 3 * YEAR, until=NOW - YEAR)
    recipe = Recipe(gone, certificates=[gone, house.middle], signing_time=NOW - 2 * YEAR)
    data = sign(base_pdf(), maker(recipe), claimed=None)
    finding = first_of(data, tmp_path / "a.pdf", root_only)
    assert (finding.chain, Quirk.EXPIRED_SINCE in finding.quirks) == ("trusted", True)
    assert first_of(data, tmp_path / "a.pdf", root_only, NOW).chain == "expired"


def test_a_document_stamp_proves_an_unstamped_signature(
    house: House, short: Person, stampers: tuple[Person, Person], tmp_path: Path, root_only: Path
) -> None:
    data = sign(base_pdf(), maker(Recipe(short, certificates=[short, house.middle])))
    data = sign(
        data, Stamper(stampers[1]), field="Tem", sub_filter="/ETSI.RFC3161", shown=False, claimed=None
    )
    finding = first_of(data, tmp_path / "a.pdf", root_only, FIVE_YEARS_ON)
    assert finding.time["source"] == "document-timestamp"
    assert (finding.chain, finding.time["authority"]) == ("trusted", "Dấu mười năm")


@pytest.mark.parametrize(
    ("reason", "stamped", "chain"),
    [
        (ReasonFlags.key_compromise, True, "trusted"),
        (ReasonFlags.superseded, True, "trusted"),
        (ReasonFlags.superseded, False, "trusted"),
        (ReasonFlags.affiliation_changed, False, "trusted"),
        (ReasonFlags.key_compromise, False, "revoked"),
        (None, False, "revoked"),
        (ReasonFlags.remove_from_crl, False, "trusted"),
    ],
)
def test_revoked_after_signing(
    reason: ReasonFlags | None, stamped: bool, chain: str, house: House, tmp_path: Path, trusted: Path
) -> None:
    """A time stamp proves that the signature was there; without one only harmless reasons let it be."""
    signed_at = NOW - 20 * DAY
    recipe = Recipe(
        house.clerk,
        certificates=[house.clerk, house.middle],
        signing_time=signed_at,
        stamp=Stamper(house.stamper, signed_at) if stamped else None,
    )
    data = sign(base_pdf(), maker(recipe), claimed=None)
    held = revocation_list(house.middle, [(house.clerk, NOW - 5 * DAY, reason)])
    finding = first_of(with_dss(data, lists=[held]), tmp_path / "a.pdf", trusted)
    assert finding.chain == chain
    later = chain == "trusted" and reason is not ReasonFlags.remove_from_crl
    assert (Quirk.REVOKED_LATER in finding.quirks) == later
    if chain == "revoked":
        assert any("không có dấu thời gian nào chứng minh" in line for line in finding.why)


@pytest.mark.parametrize(
    "kind", ["forged-list", "list-of-another", "forged-answer", "answer-of-a-signer", "rubbish"]
)
def test_false_revocations_count_for_nothing(kind: str, house: House, tmp_path: Path, trusted: Path) -> None:
    stranger = House("Nhà Lạ")
    entry = [(house.clerk, NOW - 5 * DAY, ReasonFlags.key_compromise)]
    lists, answers = [], []
    if kind == "forged-list":
        lists = [revocation_list(house.middle, entry, signer=stranger.middle)]
    elif kind == "list-of-another":
        lists = [revocation_list(house.root, entry)]
    elif kind == "forged-answer":
        answers = [ocsp_answer(house.clerk, revoked_at=NOW - 5 * DAY, responder=stranger.clerk)]
    elif kind == "answer-of-a-signer":
        answers = [ocsp_answer(house.clerk, revoked_at=NOW - 5 * DAY, responder=house.chief)]
    else:
        lists, answers = [b"0\x03abc", b""], [b"\x30\x80", b"x" * 99]
    data = sign(base_pdf(), maker(Recipe(house.clerk, certificates=[house.clerk, house.middle])))
    finding = first_of(with_dss(data, lists=lists, answers=answers), tmp_path / "a.pdf", trusted)
    assert finding.chain == "trusted"
    assert any("chưa kiểm tra được chứng thư có bị thu hồi" in line for line in finding.why)


def test_old_good_news_is_no_news(house: House, tmp_path: Path, trusted: Path) -> None:
    data = sign(base_pdf(), maker(Recipe(house.clerk, certificates=[house.clerk, house.middle])))
    old = ocsp_answer(house.clerk, at=NOW - 60 * DAY, until=NOW - 50 * DAY)
    for answers, known in (([old], False), ([ocsp_answer(house.clerk)], True)):
        finding = first_of(with_dss(data, answers=answers), tmp_path / "a.pdf", trusted)
        assert finding.chain == "trusted"
        assert ("Chứng thư chưa bị thu hồi vào thời điểm ký, theo dữ liệu kèm theo." in finding.why) == known


def test_lists_and_answers_among_the_trusted(house: House, tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.pem").write_bytes(house.root.pem)
    data = sign(base_pdf(), maker(Recipe(house.clerk, certificates=[house.clerk, house.middle])))
    assert first_of(data, tmp_path / "a.pdf", trust).chain == "trusted"
    (trust / "a.ors").write_bytes(ocsp_answer(house.clerk, revoked_at=NOW - 9 * DAY))
    assert first_of(data, tmp_path / "a.pdf", trust).chain == "revoked"


def test_a_missing_middle_says_where_to_get_it(house: House, tmp_path: Path, root_only: Path) -> None:
    where = "http://ca.example/trung-gian.crt"
    away = house.ca("Trung gian vắng", house.rsa("away"), house.root)
    orphan = house.signer("Mồ Côi", house.rsa("short"), issuer=away, where=where)
    data = sign(base_pdf(), maker(Recipe(orphan)))
    finding = first_of(data, tmp_path / "a.pdf", root_only)
    assert (finding.integrity, finding.chain) == ("valid", "incomplete")
    assert Quirk.MISSING_MIDDLE_CA in finding.quirks
    (line,) = (line for line in finding.why if "chưa kiểm tra được chuỗi" in line)
    assert where in line
    (root_only / "trung-gian.crt").write_bytes(away.der)
    assert first_of(data, tmp_path / "a.pdf", root_only).chain == "trusted"


def test_a_signer_who_is_trusted_by_himself(house: House, tmp_path: Path) -> None:
    from tests.signing.forge_people import issue

    lone = issue("Tự Ký", house.rsa("short"), None)
    trust = tmp_path / "lone.pem"
    data = sign(base_pdf(), maker(Recipe(lone)))
    trust.write_bytes(house.root.pem)
    assert first_of(data, tmp_path / "a.pdf", trust).chain == "untrusted"
    trust.write_bytes(lone.pem)
    assert first_of(data, tmp_path / "a.pdf", trust).chain == "trusted"
    child = issue("Con", house.rsa("other"), lone)
    other = sign(base_pdf(), maker(Recipe(child, certificates=[child, lone])))
    assert first_of(other, tmp_path / "a.pdf", trust).chain != "trusted"


def test_names_that_repeat_an_attribute(house: House, tmp_path: Path, trusted: Path) -> None:
    data = sign(base_pdf(), maker(Recipe(house.clerk, certificates=[house.clerk])))
    assert first_of(data, tmp_path / "a.pdf", trusted).signer == "Lò Thị Ví Dụ"


def test_the_shipped_certificates_are_those_that_are_listed() -> None:
    """`resources/trust/README.md` names each file with its fingerprint; nothing else is trusted."""
    folder = resources.path("trust")
    listed = dict(
        re.findall(
            r"^\| `([^`]+\.pem)` .* `([0-9a-f]{64})` \|$", (folder / "README.md").read_text("utf-8"), re.M
        )
    )
    held = {
        file.name: load_pem_x509_certificate(file.read_bytes()).fingerprint(SHA256()).hex()
        for file in folder.glob("*.pem")
    }
    assert held == listed
    assert {one.hex() for one in anchors().by_name} <= set(held.values())


def test_it_can_be_asked_inside_an_event_loop(house: House, tmp_path: Path, trusted: Path) -> None:
    data = sign(base_pdf(), maker(Recipe(house.clerk)))

    async def asked() -> SignatureFinding:
        return first_of(data, tmp_path / "a.pdf", trusted)

    assert asyncio.run(asked()).sound


def test_names_with_characters_newer_than_the_rule(house: House, tmp_path: Path, trusted: Path) -> None:
    """Names are compared by the Unicode of 2002 (RFC 4518); later characters mustn't end the program."""
    odd = house.signer("Người \U0001f600\U000e0080", house.rsa("short"))
    alone = sign(base_pdf(), maker(Recipe(odd, certificates=[odd, house.middle])))
    finding = first_of(alone, tmp_path / "a.pdf", trusted)
    assert (finding.integrity, finding.chain) == ("valid", "untrusted")
    beside = Recipe(house.clerk, certificates=[house.clerk, odd, house.middle])
    assert first_of(sign(base_pdf(), maker(beside)), tmp_path / "a.pdf", trusted).sound
