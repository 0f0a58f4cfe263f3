"""The signed seal: short enough for its symbol, believed only when genuine, naming the field that differs."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import signing
from signing import SealState, SigningError, Verdict
from signing.codes import base45
from signing.codes.qr import symbol_for

FIELDS = {
    "code": "H18.19_QĐ_000021_V1",
    "number": "147/QĐ-UBND",
    "date": "14/03/2026",
    "kind": "Quyết định",
    "signer": "Lò Thị Ví Dụ",
    "agency": "ỦY BAN NHÂN DÂN XÃ MƯỜNG VÍ DỤ",
    "pages": "3",
    "subject": "Hỗ trợ kinh phí sửa chữa nhà ở cho hộ gia đình khó khăn trên địa bàn bản Thí Dụ và bản Mẫu",
}


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("khoa") / "khoa.pem"
    signing.new_seal_key(file, "mật khẩu dài")
    return file


@pytest.fixture(scope="module")
def key(key_file: Path) -> signing.SealKey:
    return signing.load_seal_key(key_file, "mật khẩu dài")


@pytest.mark.parametrize(
    ("data", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"", "")]
)
def test_base45_as_its_standard_has_it(data: bytes, text: str) -> None:
    assert base45.encoded(data) == text
    assert base45.decoded(text) == data


@given(st.binary(max_size=80))
def test_base45_gives_the_bytes_back(data: bytes) -> None:
    assert base45.decoded(base45.encoded(data)) == data


@pytest.mark.parametrize("text", ["A", "GGW", "::", ":::", "ab", "AB8a", "é" * 3])
def test_what_is_no_base45(text: str) -> None:
    with pytest.raises(ValueError, match="base45"):
        base45.decoded(text)


def test_a_seal_says_what_was_sealed(key: signing.SealKey) -> None:
    text = signing.sealed_text(FIELDS, key)
    assert len(text) <= 267
    assert symbol_for(text).side_mm <= 20.5
    opened = signing.open_seal(text, [key.trusted])
    assert opened.state is SealState.GENUINE
    told = dict(opened.fields)
    assert FIELDS["subject"].startswith(told.pop("subject").removesuffix("…"))
    assert told == {name: value for name, value in FIELDS.items() if name != "subject"}
    assert text == signing.sealed_text(FIELDS, key)  # the same every time


@given(
    st.fixed_dictionaries(
        {"code": st.just("H18.19_QĐ_000021_V1")},
        optional={
            "number": st.from_regex(r"[0-9]{1,5}/[A-ZĐ]{2,4}-[A-ZĐ]{2,6}", fullmatch=True),
            "date": st.dates().map("{:%d/%m/%Y}".format),
            "subject": st.text(
                st.characters(min_codepoint=32, max_codepoint=0x1EF9, exclude_categories=("Cc", "Cs")),
                max_size=400,
            ),
            "pages": st.integers(1, 999).map(str),
        },
    )
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_fields_fit_and_come_back(key: signing.SealKey, fields: dict[str, str]) -> None:
    text = signing.sealed_text(fields, key)
    assert len(text) <= 267
    opened = signing.open_seal(text, [key.trusted])
    assert opened.state is SealState.GENUINE
    assert opened.fields["code"] == fields["code"]
    assert opened.fields.get("pages") == fields.get("pages")


def test_what_a_seal_can_not_hold(key: signing.SealKey) -> None:
    for fields in ({"owner": "x"}, {"code": "a\x1fb"}, {"code": "a\nb"}):
        with pytest.raises(ValueError, match="seal"):
            signing.sealed_text(fields, key)
    with pytest.raises(SigningError) as refused:
        signing.sealed_text({"agency": "".join(chr(0x4E00 + 37 * n) for n in range(300))}, key)
    assert refused.value.code == "sign.code-too-long"


def test_a_changed_seal_is_a_forgery(key: signing.SealKey) -> None:
    text = signing.sealed_text(FIELDS, key)
    body = bytearray(base45.decoded(text.removeprefix("SH1:")))
    for place in range(5, len(body), 3):  # behind format and key name
        changed = bytearray(body)
        changed[place] ^= 0x10
        opened = signing.open_seal("SH1:" + base45.encoded(bytes(changed)), [key.trusted])
        assert opened.state is SealState.FORGED
        assert opened.fields == {}


def test_a_key_that_is_not_here_says_nothing(key: signing.SealKey, tmp_path: Path) -> None:
    other = signing.new_seal_key(tmp_path / "khac.pem", "mật khẩu khác")
    opened = signing.open_seal(signing.sealed_text(FIELDS, key), signing.trusted_seal_keys([other]))
    assert (opened.state, opened.key, opened.fields) == (SealState.UNKNOWN_KEY, key.name.hex(), {})


@pytest.mark.parametrize(
    "text", ["", "SH1:", "SH1:a", "SH1:000", "SH1:" + "0" * 300, "SH2:BB8", "https://vi-du.vn", "SH1:Đ"]
)
def test_what_is_no_seal(text: str, key: signing.SealKey) -> None:
    with pytest.raises(SigningError) as refused:
        signing.open_seal(text, [key.trusted])
    assert refused.value.code == "sign.seal-broken"


def test_a_body_that_swells_is_stopped(key: signing.SealKey) -> None:
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    swelling = packer.compress(b"a" * 1_000_000) + packer.flush()
    signed = b"\x01" + key.name + swelling
    text = "SH1:" + base45.encoded(signed + key.sign(b"sohoa seal 1\x00" + signed))
    with pytest.raises(SigningError) as refused:
        signing.open_seal(text, [key.trusted])
    assert refused.value.code == "sign.seal-broken"


@pytest.mark.parametrize(
    ("field", "found", "verdict"),
    [
        ("number", "147/QD-UBND", Verdict.SAME),  # a mark that reading lost
        ("number", "148/QĐ-UBND", Verdict.DIFFERENT),
        ("date", "14/03/2025", Verdict.DIFFERENT),
        ("date", None, Verdict.NOT_READ),
        ("signer", "Lò Thị Vì Dụ", Verdict.SAME),
        ("signer", "Lò Văn Mẫu", Verdict.DIFFERENT),
        (
            "subject",
            "Hỗ trợ kinh phí sửa chữa nhà ở cho hộ gia đinh khó khăn trên địa bàn bản Thí Dụ và bản Mẫu",
            Verdict.SAME,
        ),
        ("subject", "Hỗ trợ kinh phí xây mới trường học cho xã", Verdict.DIFFERENT),
        ("pages", "2", Verdict.DIFFERENT),
        ("agency", "ỦY BẠN NHÂN DÂN XÃ MƯỜNG VÍ DỤ", Verdict.SAME),
    ],
)
def test_the_field_that_differs_is_named(
    key: signing.SealKey, field: str, found: str | None, verdict: Verdict
) -> None:
    sealed = signing.open_seal(signing.sealed_text(FIELDS, key), [key.trusted]).fields
    lines = {line.field: line for line in signing.compared(sealed, {**FIELDS, field: found})}
    assert lines[field].verdict is verdict
    assert {line.verdict for name, line in lines.items() if name != field} == {Verdict.SAME}


def test_keys_and_their_faults(key_file: Path, tmp_path: Path) -> None:
    assert key_file.stat().st_mode & 0o077 == 0
    assert b"ENCRYPTED" in key_file.read_bytes()
    with pytest.raises(SigningError) as taken:
        signing.new_seal_key(key_file, "mật khẩu dài")
    assert taken.value.code == "sign.output-taken"
    with pytest.raises(ValueError, match="8 characters"):
        signing.new_seal_key(tmp_path / "a.pem", "ngắn")
    for file, passphrase, reason in (
        (key_file, "sai mật khẩu", "passphrase"),
        (key_file, "", "passphrase"),
        (tmp_path / "khong-co.pem", "x", "missing"),
    ):
        with pytest.raises(SigningError) as refused:
            signing.load_seal_key(file, passphrase)
        assert refused.value.facts == {"reason": reason}
    (tmp_path / "note.pem").write_text("no key")
    public = key_file.with_suffix(".pub.pem")
    assert len(signing.trusted_seal_keys([public, key_file.parent, tmp_path])) == 2
    with pytest.raises(SigningError):
        signing.trusted_seal_keys([tmp_path / "nowhere"])
