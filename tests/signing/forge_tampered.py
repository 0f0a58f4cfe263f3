"""Files that were tampered with, family by family, each with what a truthful verifier must see in it."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ReasonFlags
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signing.forge_cms import Recipe, Stamper, digest_info, hashed, raw_rsa, signed_data
from tests.signing.forge_pdf import (
    Revision,
    base_pdf,
    contents_of,
    sign,
    span_of,
    with_contents,
    with_dss,
)
from tests.signing.forge_people import DAY, NOW, YEAR, House, issue, ocsp_answer, revocation_list
from tests.signing.forge_shadow import shadows
from tests.signing.forge_sound import maker

BYTES = "integrity isn't valid"
CHAIN = "chain isn't trusted"
CHANGES = "changes are suspicious"
TIME = "the time stamp isn't leant on"
ANY = "anything of these, or a quirk"


@dataclass(frozen=True)
class Tampered:
    """A file, the family it belongs to, and what must be seen (`BYTES`, `CHAIN`, …)."""

    name: str
    data: bytes
    seen: str
    chain: str = ""


def tampered_files(house: House, *, seed: int = 1, more: int = 1) -> Iterator[Tampered]:
    """More than three hundred of them; `more` multiplies the flips."""
    plain = Recipe(house.clerk, certificates=[house.clerk, house.middle])
    chance = random.Random(seed)
    yield from _content_flips(plain, chance, 24 * more)
    yield from _value_flips(plain, chance, 20 * more)
    yield from _gaps(plain, chance)
    yield from _ranges(plain)
    yield from shadow_files(house, plain)
    yield from _incremental_saving(plain)
    yield from _universal_forgery(plain)
    yield from _wrapping(plain)
    yield from _people(house, plain)
    yield from _revoked(house, plain)
    yield from _stamps(house, plain)
    yield from _blocks(house, plain)


def _content_flips(plain: Recipe, chance: random.Random, count: int) -> Iterator[Tampered]:
    for structure in ("plain", "streams", "linear", "hybrid"):
        data = sign(base_pdf(structure), maker(plain))
        _, length, second, _ = span_of(data)
        places = [chance.randrange(9, length) for _ in range(count // 2)]
        places += [chance.randrange(second, len(data)) for _ in range(count // 4)]
        places += [chance.randrange(length - 400, length) for _ in range(count // 4)]
        for at in places:
            flipped = bytearray(data)
            flipped[at] ^= 1 << chance.randrange(8)
            yield Tampered(f"content-flip/{structure}/{at}", bytes(flipped), BYTES)
        yield Tampered(f"content-cut/{structure}", data[: second + 40], BYTES)
        inserted = data[:200] + b" " + data[200:]
        yield Tampered(f"content-insert/{structure}", inserted, BYTES)


def _value_flips(plain: Recipe, chance: random.Random, count: int) -> Iterator[Tampered]:
    data = sign(base_pdf(), maker(plain.but(certificates=[plain.person])))
    contents = contents_of(data).rstrip(b"\0")
    signature = _signature_of(contents)
    at = contents.rindex(signature)
    attributes = contents.rindex(bytes.fromhex("06092a864886f70d010904"))  # message digest
    certificate = contents.index(plain.person.der)
    size = len(plain.person.der)
    for kind, low, high, seen in (
        ("value", at, at + len(signature), BYTES),
        ("attributes", attributes - 20, attributes + 40, BYTES),
        ("certificate", certificate + 8, certificate + size, ANY),
        ("head", 26, certificate, ANY),
    ):
        for place in chance.sample(range(low, high), min(count, high - low)):
            flipped = bytearray(contents)
            flipped[place] ^= 1 << chance.randrange(8)
            yield Tampered(f"{kind}-flip/{place}", with_contents(data, bytes(flipped)), seen)
    yield Tampered("value-cut", with_contents(data, contents[:-9]), BYTES)
    yield Tampered("value-of-another", with_contents(data, signed_data(b"other", plain)), BYTES)


def _signature_of(contents: bytes) -> bytes:
    from asn1crypto import cms

    return bytes(cms.ContentInfo.load(contents)["content"]["signer_infos"][0]["signature"].native)


def _gaps(plain: Recipe, chance: random.Random) -> Iterator[Tampered]:
    data = sign(base_pdf(), maker(plain))
    _, length, second, _ = span_of(data)
    for _ in range(8):
        flipped = bytearray(data)
        flipped[chance.randrange(second - 4000, second - 2)] = ord("7")
        yield Tampered("gap-filled", bytes(flipped), CHANGES)
    for at, byte in (
        (length, b" "),
        (second - 1, b" "),
        (length + 5, b"("),
        (second - 9, b"z"),
        (second - 9, b">"),
    ):
        yield Tampered(f"gap-bracket/{at - length}", data[:at] + byte + data[at + 1 :], BYTES)
    comment = b"%" + b"evil" * 8 + b"\n"
    hidden = data[: second - 200] + b">" + comment + b"<" + data[second - 200 + len(comment) + 2 :]
    yield Tampered("gap-comment", hidden, BYTES)


def _ranges(plain: Recipe) -> Iterator[Tampered]:
    data = sign(base_pdf(), maker(plain), claimed=None)
    first, length, second, rest = span_of(data)
    held = re.search(rb"/ByteRange\s*\[[^\]]*\]", data)
    assert held
    told = [
        (first, length - 1, second, rest),
        (first, length, second + 1, rest - 1),
        (first, length - 9, second + 9, rest - 9),
        (first, length, second, rest - 20),
        (1, length - 1, second, rest),
        (first, length, second, rest + 5),
        (first, length, second, rest * 1000),
        (first, 0, 0, len(data)),
        (0, 0, 0, 0),
        (first, len(data), 0, 0),
        (second, rest, first, length),
        (first, length, length, rest),
        (-1, length, second, rest),
        (first, length, second),
        (first, length, second, rest, 0, 4),
        (),
    ]
    for edges in told:
        array = b"/ByteRange [" + b" ".join(b"%d" % edge for edge in edges)
        if len(array) >= len(held.group()):
            array = array.replace(b" ", b"", 1)
        if len(array) >= len(held.group()):
            continue
        wrong = array.ljust(len(held.group()) - 1) + b"]"
        yield Tampered(f"range/{edges}", data.replace(held.group(), wrong), BYTES)
    for value in (b"null", b"true", b"(0)", b"/Null", b"[/A /B /C /D]", b"<<>>", b"[1.5 2.5 3.5 4.5]"):
        wrong = (b"/ByteRange " + value).ljust(len(held.group()))
        yield Tampered(f"range/{value!r}", data.replace(held.group(), wrong), BYTES)


def shadow_files(house: House, plain: Recipe) -> Iterator[Tampered]:
    """Changes in an update after signing that a reader would show or run."""
    for structure in ("plain", "streams", "hybrid"):
        signed = sign(base_pdf(structure, fields=True), maker(plain))
        for name, alter in shadows().items():
            yield Tampered(f"shadow/{name}/{structure}", alter(signed), CHANGES)
    certified = sign(base_pdf(fields=True), maker(plain), docmdp=2)
    for name in ("page-content", "note", "field-value", "filled-over", "new-page"):
        yield Tampered(f"shadow-certified/{name}", shadows()[name](certified), CHANGES)
    from tests.signing.forge_sound import filled_in

    closed = sign(base_pdf(fields=True), maker(plain), docmdp=1)
    yield Tampered("filled-though-forbidden", filled_in(closed), CHANGES)
    for action in (b"/Action/All", b"/Action/Include/Fields[(So)]", b"/Action/Exclude/Fields[(Khac)]"):
        locked = sign(base_pdf(fields=True), maker(plain), locked=action)
        yield Tampered(f"locked/{action!r}", filled_in(locked), CHANGES)
    twins = sign(sign(base_pdf(), maker(plain)), maker(plain), rect=(300, 760, 500, 820))
    yield Tampered("twins/signature-look", shadows()["signature-look"](twins), CHANGES)
    between = shadows()["page-content"](sign(base_pdf(), maker(plain)))
    yield Tampered(
        "changed-between-two", sign(between, maker(plain), field="ChuKy2", rect=(300, 700, 400, 740)), CHANGES
    )


def _incremental_saving(plain: Recipe) -> Iterator[Tampered]:
    """Updates that no strict reader sees and a lenient one shows (ISA)."""
    for structure in ("plain", "streams"):
        data = sign(base_pdf(structure), maker(plain))
        start = re.findall(rb"startxref\s+(\d+)", data)[-1]
        for name, tail in (
            ("no-table", b""),
            ("no-table-eof", b"%%EOF\n"),
            ("old-startxref", b"startxref\n" + start + b"\n%%EOF\n"),
            ("trailer-only", b"trailer\n<</Root 1 0 R /Size 99>>\nstartxref\n0\n%%EOF\n"),
            ("bad-startxref", b"startxref\n99999999\n%%EOF\n"),
        ):
            revision = Revision(data)
            revision.overwrite(
                revision.page.Contents, b"<</Length 27>>\nstream\nBT /F 12 Tf (9999) Tj ET   \nendstream"
            )
            yield Tampered(f"isa/{name}/{structure}", revision.write(xref=False, tail=tail), CHANGES)
        revision = Revision(data)
        revision.page.Rotate = 90
        revision.touch(revision.page)
        yield Tampered(f"isa/after-end/{structure}", data + b"5 0 obj\n<</A 1>>\nendobj\n", CHANGES)
    evil = b"4 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n"
    yield Tampered("isa/before-header", evil + sign(base_pdf(), maker(plain)), CHANGES)


def _universal_forgery(plain: Recipe) -> Iterator[Tampered]:
    """A signature whose parts are missing, so that a careless verifier skips the check (USF)."""
    data = sign(base_pdf(), maker(plain))
    _, length, second, _ = span_of(data)
    hole = second - length
    for name, value in (
        ("empty", b"<>"),
        ("null", b"null"),
        ("zero", b"<00>"),
        ("zeros", b"<" + b"00" * 64 + b">"),
        ("integer", b"0"),
        ("name", b"/A"),
        ("one-byte", b"<30>"),
        ("empty-sequence", b"<3000>"),
    ):
        forged = data[:length] + value.ljust(hole) + data[second:]
        yield Tampered(f"usf/contents-{name}", forged, BYTES)
    yield Tampered("usf/no-contents", data.replace(b"/Contents <", b"/Content5 <"), BYTES)
    yield Tampered("usf/no-range", data.replace(b"/ByteRange", b"/ByteRang3"), BYTES)
    yield Tampered("usf/no-both", data.replace(b"/ByteRange", b"/B").replace(b"/Contents <", b"/C <"), BYTES)
    for held in (
        b"<<>>",
        b"<</Type/Sig>>",
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached>>",
    ):
        revision = Revision(base_pdf())
        from pikepdf import Array, Dictionary, Name, String

        value = revision.raw(held)
        field = revision.add(
            Dictionary(FT=Name.Sig, T=String("ChuKy1"), V=value, Type=Name.Annot, Subtype=Name.Widget)
        )
        revision.pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        revision.touch(revision.pdf.Root)
        yield Tampered(f"usf/{held!r}", revision.write(), BYTES)


def _wrapping(plain: Recipe) -> Iterator[Tampered]:
    """The second part of the range is moved away and something is put between (SWA)."""
    data = sign(base_pdf(), maker(plain))
    first, length, second, rest = span_of(data)
    held = re.search(rb"/ByteRange\s*\[[^\]]*\]", data)
    assert held
    evil = b"\n4 0 obj\n<</Length 33>>\nstream\nBT /F 12 Tf (So tien: 9999) Tj ET\nendstream\nendobj\n"
    for name, between in (
        ("object", evil),
        ("object-hidden", b" " * 400 + evil),
        ("string", b"<" + b"00" * 200 + b">" + evil),
        ("xref", evil + b"xref\n0 0\ntrailer\n<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % second),
    ):
        moved = second + len(between)
        told = b"/ByteRange [%d %d %d %d" % (first, length, moved, rest)
        if len(told) < len(held.group()):
            wrapped = data[:second] + between + data[second:]
            wrapped = wrapped.replace(held.group(), told.ljust(len(held.group()) - 1) + b"]")
            yield Tampered(f"swa/{name}", wrapped, BYTES)
        inside = data[: second - 1] + between + data[second - 1 :]
        yield Tampered(f"swa-inside/{name}", inside, BYTES)


def _people(house: House, plain: Recipe) -> Iterator[Tampered]:
    """The wrong person, or a person who mayn't."""
    base = base_pdf()
    other = house.signer("Người khác", house.rsa("other"))
    twin = issue("Lò Thị Ví Dụ", house.clerk.key, house.middle)
    stranger = House("Nhà Lạ")
    wrong_key = plain.but(shown=other, certificates=[other], bound=other)
    yield Tampered("swapped/other-key", sign(base, maker(wrong_key)), BYTES)
    yield Tampered(
        "swapped/other-key-bound", sign(base, maker(plain.but(shown=other, certificates=[other]))), BYTES
    )
    yield Tampered("swapped/same-key", sign(base, maker(plain.but(shown=twin, certificates=[twin]))), BYTES)
    yield Tampered("swapped/bound-elsewhere", sign(base, maker(plain.but(bound=other))), BYTES)
    yield Tampered("swapped/none", sign(base, maker(plain.but(certificates=[]))), BYTES)
    lone = issue("Lò Thị Ví Dụ", rsa.generate_private_key(65537, 2048), None)
    uses = (
        ("self-signed", lone, "untrusted"),
        ("stranger", stranger.clerk, "untrusted"),
        ("time-stamper", house.stamper, "untrusted"),
        ("authority", house.middle, "untrusted"),
        (
            "encryption-only",
            house.signer("Mã hóa", house.rsa("other"), uses=frozenset({"key_encipherment"})),
            "untrusted",
        ),
        (
            "answers-only",
            house.signer("OCSP", house.rsa("other"), purposes=[ExtendedKeyUsageOID.OCSP_SIGNING]),
            "untrusted",
        ),
        (
            "web-server",
            house.signer("Máy chủ", house.rsa("other"), purposes=[ExtendedKeyUsageOID.SERVER_AUTH]),
            "untrusted",
        ),
        ("expired", house.signer("Hết hạn", house.rsa("other"), until=NOW - DAY), "expired"),
        ("not-yet", house.signer("Chưa tới", house.rsa("other"), since=NOW + 2 * DAY), "expired"),
        ("issued-by-a-signer", issue("Con", house.rsa("other"), house.clerk), "untrusted"),
    )
    for name, person, chain in uses:
        held = [one for one in (person, person.issuer) if one is not None]
        yield Tampered(f"people/{name}", sign(base, maker(Recipe(person, certificates=held))), CHAIN, chain)
    tired = house.ca(
        "Trung gian cũ", house.rsa("tired"), house.root, since=NOW - 9 * YEAR, until=NOW - 3 * YEAR
    )
    late = house.signer("Muộn", house.rsa("other"), issuer=tired)
    yield Tampered(
        "people/issuer-expired", sign(base, maker(Recipe(late, certificates=[late, tired]))), CHAIN, "expired"
    )
    away = house.ca("Trung gian vắng", house.rsa("away"), house.root)
    for name, where in (("with-address", "http://ca.example/trung-gian.crt"), ("without-address", "")):
        orphan = house.signer("Mồ côi", house.rsa("other"), issuer=away, where=where)
        yield Tampered(
            f"people/middle-missing/{name}", sign(base, maker(Recipe(orphan))), CHAIN, "incomplete"
        )
    forged = house.ca("Trung gian", rsa.generate_private_key(65537, 2048), None)
    fake = issue("Lò Thị Ví Dụ", house.rsa("other"), forged)
    yield Tampered(
        "people/forged-middle",
        sign(base, maker(Recipe(fake, certificates=[fake, forged]))),
        CHAIN,
        "untrusted",
    )


def _revoked(house: House, plain: Recipe) -> Iterator[Tampered]:
    before = NOW - 9 * DAY
    base = sign(base_pdf(), maker(plain))
    compromise = ReasonFlags.key_compromise
    lists = {
        "list": [revocation_list(house.middle, [(house.clerk, before, compromise)])],
        "list-no-reason": [revocation_list(house.middle, [(house.clerk, before, None)])],
        "list-hold": [revocation_list(house.middle, [(house.clerk, before, ReasonFlags.certificate_hold)])],
        "list-soft": [revocation_list(house.middle, [(house.clerk, before, ReasonFlags.superseded)])],
        "middle": [revocation_list(house.root, [(house.middle, before, compromise)])],
        "list-old": [revocation_list(house.middle, [(house.clerk, before, compromise)], at=before)],
    }
    for name, held in lists.items():
        yield Tampered(f"revoked/{name}", with_dss(base, lists=held), CHAIN, "revoked")
    responder = house.signer("OCSP", house.rsa("other"), purposes=[ExtendedKeyUsageOID.OCSP_SIGNING])
    for name, speaker in (("answer", None), ("answer-delegated", responder)):
        told = ocsp_answer(house.clerk, revoked_at=before, responder=speaker)
        yield Tampered(f"revoked/{name}", with_dss(base, answers=[told]), CHAIN, "revoked")
    both = [ocsp_answer(house.clerk), ocsp_answer(house.clerk, revoked_at=before)]
    yield Tampered("revoked/contradicted", with_dss(base, answers=both), CHAIN, "revoked")
    inside = [("adobe_revocation_info_archival", {"crl": [_crl(lists["list"][0])]})]
    yield Tampered("revoked/inside", sign(base_pdf(), maker(plain.but(more_signed=inside))), CHAIN, "revoked")
    since = revocation_list(house.middle, [(house.clerk, NOW + timedelta(seconds=-1), compromise)])
    claimed = sign(base_pdf(), maker(plain.but(signing_time=NOW - DAY)), claimed=None)
    yield Tampered("revoked/backdated", with_dss(claimed, lists=[since]), CHAIN, "revoked")


def _crl(der: bytes) -> Any:
    from asn1crypto import crl

    return crl.CertificateList.load(der)


def _stamps(house: House, plain: Recipe) -> Iterator[Tampered]:
    base = base_pdf()
    stranger = House("Nhà Lạ")
    old = Stamper(house.stamper)(b"another signature")
    unfit = house.signer("Không phải máy dấu", house.rsa("other"))
    expired = house.stamping("Máy dấu hết hạn", house.rsa("other"), until=NOW - DAY)
    makers: dict[str, Callable[[bytes], bytes]] = {
        "replayed": lambda _: old,
        "imprint": Stamper(house.stamper, imprint=hashed("sha256", b"x")),
        "flipped": Stamper(house.stamper, flip_value=True),
        "unfit": Stamper(unfit),
        "stranger": Stamper(stranger.stamper),
        "expired": Stamper(expired),
        "no-certificate": Stamper(house.stamper, certificates=[]),
        "signer-as-stamper": Stamper(house.clerk),
        "not-a-stamp": Stamper(house.stamper, eci="data"),
    }
    for name, stamp in makers.items():
        yield Tampered(f"stamp/{name}", sign(base, maker(plain.but(stamp=stamp))), TIME)
    token = Stamper(house.stamper)
    for name, made in (
        ("flipped", Stamper(house.stamper, flip_value=True)),
        ("imprint", Stamper(house.stamper, imprint=hashed("sha256", b"x"))),
        ("unfit", Stamper(unfit)),
    ):
        stamped = sign(sign(base, maker(plain)), made, field="Tem", sub_filter="/ETSI.RFC3161", shown=False)
        yield Tampered(f"document-stamp/{name}", stamped, BYTES)
    whole = sign(sign(base, maker(plain)), token, field="Tem", sub_filter="/ETSI.RFC3161", shown=False)
    revoked = revocation_list(house.middle, [(house.stamper, NOW - 9 * DAY, ReasonFlags.key_compromise)])
    yield Tampered("document-stamp/revoked", with_dss(whole, lists=[revoked]), CHAIN)
    flipped = bytearray(whole)
    flipped[60] ^= 1
    yield Tampered("document-stamp/content", bytes(flipped), BYTES)


def _blocks(house: House, plain: Recipe) -> Iterator[Tampered]:
    """RSA blocks and ECDSA values that a careless check takes."""
    key = house.clerk.key

    def forged(block: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        def made(signed: bytes) -> bytes:
            good = signed_data(signed, plain)
            value = _signature_of(good)
            from asn1crypto import cms

            signer = cms.ContentInfo.load(good)["content"]["signer_infos"][0]
            message = b"\x31" + signer["signed_attrs"].dump()[1:]
            return good.replace(value, block(message))

        return made

    info = {
        "trailing": lambda told: digest_info("sha256", hashed("sha256", told)) + b"\0" * 32,
        "junk-parameters": lambda told: digest_info("sha256", hashed("sha256", told)).replace(
            b"\x05\0", b"\x05\x01", 1
        ),
        "bare-digest": lambda told: hashed("sha256", told),
        "other-digest": lambda told: digest_info("sha256", hashed("sha256", told + b"x")),
        "named-otherwise": lambda told: digest_info("sha512", hashed("sha512", told + b"x")),
        "leading": lambda told: b"\x30\x00" + digest_info("sha256", hashed("sha256", told)),
    }
    for name, made in info.items():
        block = lambda told, made=made: raw_rsa(key, made(told))  # noqa: E731
        yield Tampered(f"block/{name}", sign(base_pdf(), forged(block)), BYTES)
    size = (key.key_size + 7) // 8
    for name, value in (
        ("zero", b"\0" * size),
        ("one", b"\0" * (size - 1) + b"\1"),
        ("large", b"\xff" * size),
    ):
        yield Tampered(f"block/{name}", sign(base_pdf(), forged(lambda _, value=value: value)), BYTES)
    chief = plain.but(person=house.chief, certificates=[house.chief, house.middle])
    for name, text in (("zeros", "3006020100020100"), ("ones", "3006020101020101")):
        value = bytes.fromhex(text)

        def made(signed: bytes, value: bytes = value) -> bytes:
            good = signed_data(signed, chief)
            from asn1crypto import cms

            info = cms.ContentInfo.load(good)
            info["content"]["signer_infos"][0]["signature"] = value
            return bytes(info.dump(force=True))

        yield Tampered(f"ecdsa/{name}", sign(base_pdf(), made), BYTES)
