"""Verdicts: real Government documents with all their quirks, and every way of cheating that we know."""

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

import signing
from signing import ClerkBlock, SigningError, TokenSession
from signing.training import TrainingPki
from signing.verify.integrity import judge
from signing.verify.keys import SignedBytes
from signing.verify.quirks import Quirk
from signing.verify.verdict import Integrity

GENUINE = {
    "184.pdf": ({Quirk.RSA_OID_WITH_PSS}, 4),
    "2352___07-CT-UBND_.signed_20250221_092046.pdf": ({Quirk.SHA1, Quirk.MISSING_MIDDLE_CA}, 1),
    "316.pdf": ({Quirk.JUNK_BEFORE_HEADER, Quirk.LOCAL_TIME_AS_UTC}, 5),
    "373-QDUB_congbothutuchanhchinhlinhvucquanlycongsanmoiND08.2025.pdf": (
        {Quirk.DIGEST_INFO_WITHOUT_NULL},
        4,
    ),
    "464-ttg.signed.pdf": ({Quirk.LOCAL_TIME_AS_UTC}, 1),
    "575_UB.signed_20250510_124908.pdf": ({Quirk.LOCAL_TIME_AS_UTC}, 1),
    "BTPQD86TTHCBTP.pdf": ({Quirk.LATER_REVISIONS}, 2),
    "DM_TTHC_signed1.pdf": ({Quirk.LATER_REVISIONS}, 4),
    "Quyet_dinh_signed.pdf": ({Quirk.DIGEST_INFO_WITHOUT_NULL}, 4),
}


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_documents(name: str, real_data: Path) -> None:
    quirks, count = GENUINE[name]
    findings = signing.verify_pdf(real_data / "signed" / name)
    assert len(findings) == count
    assert all(finding.integrity == "valid" for finding in findings)
    assert all(finding.chain in {"trusted", "incomplete"} for finding in findings)
    assert all(finding.changes == "harmless" for finding in findings[:-1])
    assert findings[-1].changes == "none"
    assert quirks <= {quirk for finding in findings for quirk in finding.quirks}
    g1 = [finding for finding in findings if "Co quan chung thuc" in finding.issuer]
    assert all(Quirk.MISSING_MIDDLE_CA in finding.quirks for finding in g1)
    assert all(any("Thiếu chứng thư trung gian" in line for line in finding.why) for finding in g1)


def test_a_genuine_document_changed_by_one_byte(real_data: Path, tmp_path: Path) -> None:
    data = bytearray((real_data / "signed" / "464-ttg.signed.pdf").read_bytes())
    spot = data.index(b"stream") + 60
    data[spot] ^= 1
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(data)
    (finding,) = signing.verify_pdf(changed)
    assert finding.integrity == "invalid"
    assert not finding.sound


@pytest.fixture
def signed(plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock) -> Path:
    return signing.sign_pdf(plain, tmp_path / "signed.pdf", session, appearance=block, timestamp=None).path


def only(pdf: Path, pki: TrainingPki) -> signing.SignatureFinding:
    (finding,) = signing.verify_pdf(pdf, trust=[pki.trust])
    return finding


def spans(data: bytes) -> tuple[int, int, int, int]:
    found = re.search(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", data)
    assert found
    first, length, second, rest = (int(number) for number in found.groups())
    return first, length, second, rest


def test_unsigned_file_has_no_findings(plain: Path) -> None:
    assert signing.verify_pdf(plain) == ()


def test_a_flip_in_the_content(signed: Path, pki: TrainingPki) -> None:
    data = bytearray(signed.read_bytes())
    data[data.index(b"/Extensions") + 5] ^= 1
    signed.write_bytes(data)
    finding = only(signed, pki)
    assert finding.integrity == "invalid"
    assert "mã băm không khớp" in finding.why[0]


def cms_of(data: bytes) -> tuple[cms.ContentInfo, int, int]:
    _, length, second, _ = spans(data)
    return cms.ContentInfo.load(bytes.fromhex(data[length + 1 : second - 1].decode())), length, second


def put_cms(data: bytes, content: cms.ContentInfo, start: int, end: int) -> bytes:
    told = content.dump(force=True).hex().encode()
    return data[: start + 1] + told.ljust(end - start - 2, b"0") + data[end - 1 :]


def test_a_flip_in_the_signature_value(signed: Path, pki: TrainingPki) -> None:
    content, start, end = cms_of(signed.read_bytes())
    value = bytearray(content["content"]["signer_infos"][0]["signature"].native)
    value[100] ^= 1
    content["content"]["signer_infos"][0]["signature"] = bytes(value)
    signed.write_bytes(put_cms(signed.read_bytes(), content, start, end))
    assert only(signed, pki).integrity == "invalid"


def swapped(signed: Path, der: bytes) -> None:
    """Put another certificate in the place of the signer's, and let the signer's name point at it."""
    data = signed.read_bytes()
    content, start, end = cms_of(data)
    body, other = content["content"], x509.Certificate.load(der)
    body["certificates"] = cms.CertificateSet([cms.CertificateChoices("certificate", other)])
    named = {"issuer": other.issuer, "serial_number": other.serial_number}
    body["signer_infos"][0]["sid"] = cms.SignerIdentifier("issuer_and_serial_number", named)
    signed.write_bytes(put_cms(data, content, start, end))


def test_a_swapped_certificate_of_another_key(signed: Path, pki: TrainingPki) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    swapped(signed, pki.issue(stranger.public_key(), "Người khác"))
    assert only(signed, pki).integrity == "invalid"


def test_a_swapped_certificate_of_the_same_key(signed: Path, session: TokenSession, pki: TrainingPki) -> None:
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(session.certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    swapped(signed, pki.issue(key, "Người khác"))
    finding = only(signed, pki)
    assert finding.integrity == "invalid"
    assert "không phải chứng thư mà người ký đã dùng" in finding.why[0]


def test_no_certificate_at_all(signed: Path, pki: TrainingPki) -> None:
    data = signed.read_bytes()
    content, start, end = cms_of(data)
    content["content"]["certificates"] = cms.CertificateSet([])
    signed.write_bytes(put_cms(data, content, start, end))
    finding = only(signed, pki)
    assert (finding.integrity, finding.sound) == ("undetermined", False)


def shadow(signed: Path, change: Any) -> None:
    """Append an update that `change(writer)` makes."""
    with signed.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        change(writer)
        writer.write_in_place()


def test_a_shadow_update_of_the_content(signed: Path, pki: TrainingPki) -> None:
    def overwrite(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 595 842 re f"))
        writer.update_container(page)

    shadow(signed, overwrite)
    finding = only(signed, pki)
    assert (finding.integrity, finding.changes, finding.sound) == ("valid", "suspicious", False)
    assert "Nội dung trang đã thay đổi sau chữ ký này." in finding.why


def test_a_note_laid_over_the_page(signed: Path, pki: TrainingPki) -> None:
    def cover(writer: Any) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        note = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"),
                generic.pdf_name("/Rect"): generic.ArrayObject(
                    [generic.FloatObject(edge) for edge in (0, 0, 500, 500)]
                ),
            }
        )
        page["/Annots"].append(writer.add_object(note))
        writer.update_container(page["/Annots"])

    shadow(signed, cover)
    finding = only(signed, pki)
    assert (finding.integrity, finding.changes) == ("valid", "suspicious")


def test_the_shown_signature_exchanged(signed: Path, pki: TrainingPki) -> None:
    def exchange(writer: Any) -> None:
        widget = writer.root["/Pages"]["/Kids"][0]["/Annots"][0]
        form = generic.StreamObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/Form"),
                generic.pdf_name("/BBox"): widget["/AP"]["/N"]["/BBox"],
            },
            stream_data=b"0 0 9 9 re f",
        )
        widget["/AP"] = generic.DictionaryObject({generic.pdf_name("/N"): writer.add_object(form)})
        writer.update_container(widget)

    shadow(signed, exchange)
    assert only(signed, pki).changes == "suspicious"


def test_a_script_added_later(signed: Path, pki: TrainingPki) -> None:
    def script(writer: Any) -> None:
        action = {
            generic.pdf_name("/S"): generic.pdf_name("/JavaScript"),
            generic.pdf_name("/JS"): generic.pdf_string("app.alert(1)"),
        }
        writer.root["/OpenAction"] = generic.DictionaryObject(action)
        writer.update_root()

    shadow(signed, script)
    assert only(signed, pki).changes == "suspicious"


def test_new_metadata_is_harmless(signed: Path, pki: TrainingPki) -> None:
    def touch(writer: Any) -> None:
        writer.set_info(
            writer.add_object(generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string("A")}))
        )

    shadow(signed, touch)
    finding = only(signed, pki)
    assert (finding.integrity, finding.changes) == ("valid", "harmless")
    assert finding.quirks == (Quirk.LATER_REVISIONS,)


def test_pages_rewritten_altogether(signed: Path, pki: TrainingPki, tmp_path: Path) -> None:
    with pikepdf.open(signed) as pdf:
        pdf.save(tmp_path / "rewritten.pdf")
    (finding,) = signing.verify_pdf(tmp_path / "rewritten.pdf", trust=[pki.trust])
    assert finding.integrity != "valid"
    assert finding.changes == "suspicious"


def test_a_range_that_leaves_more_out(signed: Path, pki: TrainingPki) -> None:
    data = signed.read_bytes()
    _, length, second, rest = spans(data)
    old = re.search(rb"/ByteRange ?\[[^\]]*\]", data)
    assert old
    wider = f"/ByteRange [0 {length} {second + 9} {rest - 9}".encode().ljust(len(old.group()) - 1) + b"]"
    signed.write_bytes(data.replace(old.group(), wider))
    finding = only(signed, pki)
    assert finding.integrity != "valid"
    assert finding.changes == "suspicious"


def test_junk_before_the_header(signed: Path, pki: TrainingPki) -> None:
    signed.write_bytes(b"\r\n--boundary--\r\n" + signed.read_bytes())
    finding = only(signed, pki)
    assert (finding.integrity, finding.changes) == ("valid", "none")
    assert finding.quirks == (Quirk.JUNK_BEFORE_HEADER,)


def test_validity_at_another_time(signed: Path, pki: TrainingPki) -> None:
    later = datetime.now(UTC) + timedelta(days=365 * 20)
    (finding,) = signing.verify_pdf(signed, trust=[pki.trust], at=later)
    assert (finding.integrity, finding.chain) == ("valid", "expired")


def test_revoked_before_signing(
    signed: Path, pki: TrainingPki, session: TokenSession, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509 import (
        CertificateRevocationListBuilder,
        RevokedCertificateBuilder,
        load_der_x509_certificate,
    )

    own = load_der_x509_certificate(session.certificate)
    past = datetime.now(UTC) - timedelta(hours=2)
    entry = RevokedCertificateBuilder().serial_number(own.serial_number).revocation_date(past).build()
    builder = CertificateRevocationListBuilder().issuer_name(own.issuer).last_update(past)
    builder = builder.next_update(past + timedelta(days=30)).add_revoked_certificate(entry)
    trust = tmp_path / "trust"
    trust.mkdir()
    revocations = builder.sign(pki._issuing_key, hashes.SHA256()).public_bytes(Encoding.DER)
    (trust / "issuing.crl").write_bytes(revocations)
    (trust / "root.pem").write_bytes(pki.trust.read_bytes())
    (finding,) = signing.verify_pdf(signed, trust=[trust])
    assert (finding.integrity, finding.chain) == ("valid", "revoked")


def test_trust_that_is_no_certificate(signed: Path, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for wrong in (tmp_path / "no.pem", tmp_path / "absent"):
        with pytest.raises(SigningError) as caught:
            signing.verify_pdf(signed, trust=[wrong])
        assert caught.value.code == "sign.trust-broken"


def test_the_missing_null_is_accepted_and_trailing_bytes_are_not() -> None:
    """A DigestInfo is compared whole: nothing may hide behind a digest that matches (CVE-2006-4339)."""
    import hashlib

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [hashlib.sha256(b"x").digest()]},
        ]
    )
    value = hashlib.sha256(attributes.dump()).digest()
    identifier = bytes.fromhex("300b0609608648016503040201")
    without_null = b"\x30\x2f" + identifier + b"\x04\x20" + value
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n

    def signature_of(info: bytes) -> bytes:
        block = b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info
        return pow(int.from_bytes(block, "big"), numbers.d, modulus).to_bytes(256, "big")

    from cryptography import x509 as builder
    from cryptography.hazmat.primitives import hashes

    name = builder.Name([builder.NameAttribute(builder.NameOID.COMMON_NAME, "A")])
    now = datetime.now(UTC)
    made = builder.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = x509.Certificate.load(made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))

    def verdict(info: bytes) -> Any:
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number", {"issuer": certificate.issuer, "serial_number": 1}
                ),
                "digest_algorithm": {"algorithm": "sha256"},
                "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
                "signed_attrs": attributes,
                "signature": signature_of(info),
            }
        )
        return judge(cms.SignerInfo.load(signer.dump()), attributes.dump(), certificate, SignedBytes.of(b"x"))

    good = verdict(without_null)
    assert (good.integrity, good.quirks) == (Integrity.VALID, (Quirk.DIGEST_INFO_WITHOUT_NULL,))
    assert verdict(without_null + b"junk").integrity is Integrity.INVALID
    other = hashlib.sha256(b"other").digest()
    assert verdict(b"\x30\x2f" + identifier + b"\x04\x20" + other).integrity is Integrity.INVALID


@pytest.fixture(scope="module")
def specimen(make_pdf: Any, tmp_path_factory: pytest.TempPathFactory, token: Any, pki: TrainingPki) -> bytes:
    folder = tmp_path_factory.mktemp("specimen")
    source = make_pdf(folder / "a.pdf")
    with token.open("123456") as opened:
        signing.sign_pdf(source, folder / "b.pdf", opened, appearance=None, timestamp=None)
    return (folder / "b.pdf").read_bytes()


@pytest.mark.parametrize("seed", range(8))
def test_any_flip_or_cut_is_never_sound(seed: int, specimen: bytes, tmp_path: Path, pki: TrainingPki) -> None:
    chance = random.Random(seed)
    _, length, second, _ = spans(specimen)
    file = tmp_path / "broken.pdf"
    for turn in range(12):
        broken = bytearray(specimen)
        if turn % 4:
            signed_part = chance.choice(
                (range(length), range(max(length - 1500, 0), length), range(second, len(broken)))
            )
            broken[chance.choice(signed_part)] ^= 1 << chance.randrange(8)
        else:
            del broken[chance.randrange(1, len(broken) - 20) :]
        file.write_bytes(broken)
        try:
            findings = signing.verify_pdf(file, trust=[pki.trust])
        except SigningError as error:
            assert error.code in {"sign.pdf-broken", "sign.pdf-encrypted"}  # noqa: PT017
            continue
        assert not any(finding.sound for finding in findings)


def test_a_long_tail_without_an_end_is_told(specimen: bytes, tmp_path: Path, pki: TrainingPki) -> None:
    file = tmp_path / "tail.pdf"
    file.write_bytes(specimen + b"\n" + b"x" * 5_000_000)
    (finding,) = signing.verify_pdf(file, trust=[pki.trust])
    assert (finding.integrity, finding.changes) == ("valid", "harmless")
    assert {Quirk.JUNK_AFTER_END, Quirk.STRUCTURE_REBUILT} <= set(finding.quirks)


def test_files_that_are_no_pdf(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.pdf", tmp_path / "text.pdf"
    empty.write_bytes(b"")
    text.write_bytes(b"%PDF-1.7\n" + b"0" * 5000)
    for file in (empty, text):
        with pytest.raises(SigningError) as caught:
            signing.verify_pdf(file)
        assert caught.value.code == "sign.pdf-broken"
    with pytest.raises(SigningError) as caught:
        signing.verify_pdf(tmp_path / "absent.pdf")
    assert caught.value.code == "sign.pdf-missing"
