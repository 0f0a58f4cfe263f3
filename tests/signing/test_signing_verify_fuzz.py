"""Whatever bytes come, the verifier answers: a verdict or a coded refusal, in bounded time, never a crash."""

import random
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

import signing
from signing import SigningError
from signing.verify.ber import as_der
from signing.verify.envelope import envelope_of
from signing.verify.moment import pdf_time
from signing.verify.pairs import Pairs, TooMuchError
from tests.signing.forge_cms import Recipe, Stamper, indefinite, signed_data, tlv
from tests.signing.forge_pdf import Revision, base_pdf, contents_of, sign, with_contents
from tests.signing.forge_people import House
from tests.signing.forge_sound import maker

REFUSALS = {"sign.pdf-broken", "sign.pdf-encrypted"}
INTEGRITIES = {"valid", "invalid", "undetermined"}
CHAINS = {"trusted", "untrusted", "incomplete", "revoked", "expired"}
CHANGES = {"none", "harmless", "suspicious"}


@pytest.fixture(scope="module")
def signed(house: House) -> bytes:
    recipe = Recipe(house.clerk, certificates=[house.clerk, house.middle], stamp=Stamper(house.stamper))
    data = sign(base_pdf(fields=True), maker(recipe))
    return sign(data, maker(recipe.but(stamp=None)), field="ChuKy2", rect=(300, 700, 400, 740))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "a.pdf"


def answered(data: bytes, file: Path, trust: Path) -> tuple[signing.SignatureFinding, ...]:
    """The findings, empty for a refusal; whatever else happens fails the test."""
    file.write_bytes(data)
    try:
        findings = signing.verify_pdf(file, trust=[trust])
    except SigningError as error:
        assert error.code in REFUSALS  # noqa: PT017
        return ()
    for finding in findings:
        told = finding.to_dict()
        assert told["integrity"] in INTEGRITIES
        assert told["chain"] in CHAINS
        assert told["changes"] in CHANGES
        assert all(told["why"])
    return findings


FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def edits(draw: Any) -> list[tuple[int, int, bytes]]:
    """Places (per mille of the file), how many bytes go, and what comes."""
    words = (
        b" << >> [ ] ( endobj null 0~R stream xref startxref %%EOF /ByteRange /Contents /V~1~0~R /Kids "
        b"/Parent~1~0~R 99999999999 \0"
    )
    tokens = st.sampled_from([word.replace(b"~", b" ") for word in words.split(b" ")])
    edit = st.tuples(st.integers(0, 1000), st.integers(0, 40), tokens | st.binary(max_size=12))
    return draw(st.lists(edit, min_size=1, max_size=6))


@FEW
@given(changes=edits())
def test_edited_files(
    changes: list[tuple[int, int, bytes]], signed: bytes, scratch: Path, trusted: Path
) -> None:
    data = signed
    for place, gone, come in changes:
        at = place * len(data) // 1000
        data = data[:at] + come + data[at + gone :]
    findings = answered(data, scratch, trusted)
    if data != signed and not data.startswith(signed):
        assert not any(one.sound and one.changes == "none" and not one.quirks for one in findings)


@FEW
@given(noise=st.binary(max_size=400), tail=st.booleans())
def test_bytes_that_are_anything(noise: bytes, tail: bool, scratch: Path, trusted: Path) -> None:
    answered(
        b"%PDF-1.7\n" + noise + (b"\ntrailer<</Root 1 0 R>>startxref\n0\n%%EOF" if tail else b""),
        scratch,
        trusted,
    )


@FEW
@given(cms=st.binary(max_size=300))
def test_contents_that_are_anything(cms: bytes, signed: bytes, scratch: Path, trusted: Path) -> None:
    findings = answered(with_contents(signed, cms), scratch, trusted)
    assert findings[-1].integrity != "valid"


@FEW
@given(seed=st.integers(0, 1 << 30))
def test_cms_with_bytes_exchanged(seed: int, signed: bytes, scratch: Path, trusted: Path) -> None:
    chance = random.Random(seed)
    contents = bytearray(contents_of(signed).rstrip(b"\0"))
    for _ in range(chance.randrange(1, 6)):
        contents[chance.randrange(len(contents))] = chance.randrange(256)
    answered(with_contents(signed, bytes(contents)), scratch, trusted)


@FEW
@given(data=st.binary(max_size=200))
def test_ber_is_read_or_refused(data: bytes) -> None:
    try:
        der, end, _ = as_der(data)
    except ValueError:
        return
    assert 0 < end <= len(data)
    assert as_der(der)[0] == der
    assert not as_der(der)[2]


def test_ber_becomes_the_same_der(house: House) -> None:
    der = signed_data(b"x", Recipe(house.clerk))
    for depth in range(1, 6):
        again, end, changed = as_der(indefinite(der, depth) + b"\0\0\0")
        assert (again, changed) == (der, True)
        assert end == len(indefinite(der, depth))
    assert as_der(der + b"\0\0") == (der, len(der), False)
    pieces = tlv(0x24, tlv(4, b"ab") + tlv(4, b"cd"))
    assert as_der(pieces)[0] == tlv(4, b"abcd")
    with pytest.raises(ValueError, match="nested"):
        as_der(b"\x30\x80" * 500)


@FEW
@given(text=st.text(max_size=30) | st.from_regex(r"D:\d{4,14}([+-]\d\d'\d\d'?|Z)?", fullmatch=True))
def test_dates_are_read_or_left(text: str) -> None:
    moment, without_zone = pdf_time(text)
    assert moment is None or moment.tzinfo is not None
    assert moment is not None or not without_zone


def test_rubbish_is_no_envelope() -> None:
    for rubbish in (b"", b"0", b"\x30\x00", b"\x30\x82\xff\xff", tlv(0x30, b"\x06\x01\x2a"), b"\x30\x80\0\0"):
        with pytest.raises(ValueError, match=r"."):
            envelope_of(rubbish)


# Structures made to exhaust: each has to be answered, which the test's own time limit watches.


def grown(change: Any) -> bytes:
    revision = Revision(base_pdf())
    change(revision)
    return revision.write()


def _deep_page_tree(revision: Revision) -> None:
    """A tree of 64 levels in which every node has the same two kids: 2^64 ways down."""
    node = revision.add(Dictionary(Type=Name.Pages, Kids=Array([]), Count=0))
    for _ in range(63):
        node = revision.add(Dictionary(Type=Name.Pages, Kids=Array([node, node]), Count=2))
    revision.pdf.Root.Pages = node
    revision.touch(revision.pdf.Root)


def _circle_of_pages(revision: Revision) -> None:
    pages = revision.pdf.Root.Pages
    pages.Kids = Array([pages, revision.page])
    revision.touch(pages)


def _circle_of_fields(revision: Revision) -> None:
    field = revision.add(Dictionary(FT=Name.Sig, T=String("A")))
    field.Kids = Array([field, field])
    field.Parent = field
    revision.pdf.Root.AcroForm = revision.add(Dictionary(Fields=Array([field])))
    revision.touch(revision.pdf.Root)


def _many_annotations(revision: Revision) -> None:
    made = [
        revision.add(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 1, place])))
        for place in range(800)
    ]
    revision.page.Annots = Array(made)
    revision.touch(revision.page)


def _long_lists(revision: Revision) -> None:
    """Two linked rings whose lengths have no common divisor: every pair would be met."""
    for name, size in (("/A", 499), ("/B", 500)):
        first = link = revision.add(Dictionary())
        for _ in range(size - 1):
            following = revision.add(Dictionary())
            link.Next = following
            link = following
        link.Next = first
        revision.page[name] = first
    revision.touch(revision.page)


@pytest.mark.parametrize(
    "change", [_deep_page_tree, _circle_of_pages, _circle_of_fields, _many_annotations, _long_lists]
)
def test_structures_made_to_exhaust(change: Any, house: House, scratch: Path, trusted: Path) -> None:
    recipe = Recipe(house.clerk, certificates=[house.clerk, house.middle])
    before = sign(base_pdf(), maker(recipe))
    revision = Revision(before)
    change(revision)
    (finding,) = answered(revision.write(), scratch, trusted)
    assert finding.changes == "suspicious"
    if change in (_many_annotations, _long_lists):
        again = sign(grown(change), maker(recipe))
        revision = Revision(again)
        change(revision)
        assert answered(revision.write(), scratch, trusted)


def test_pairs_give_up() -> None:
    pdf = pikepdf.new()
    pairs = Pairs()
    pairs._steps = 3_000_000
    with pytest.raises(TooMuchError):
        pairs.same(pdf.Root, pdf.Root)


def test_a_flood_of_ranges_and_fields(signed: bytes, scratch: Path, trusted: Path) -> None:
    ranges = b"".join(b"/ByteRange [0 %d 100 100]\n" % place for place in range(1, 20_000))
    assert answered(signed + b"% " + ranges, scratch, trusted)
    nested = b"[" * 100_000
    assert answered(signed + nested, scratch, trusted)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_long_fuzz(seed: int, signed: bytes, scratch: Path, trusted: Path) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        data = bytearray(signed)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(data))
            if chance.random() < 0.3:
                source = chance.randrange(len(data))
                data[at : at + 60] = data[source : source + 60]
            else:
                data[at] = chance.randrange(256)
        answered(bytes(data), scratch, trusted)
