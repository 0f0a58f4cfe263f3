"""Files whose signatures are sound though they look unusual, as programs in use write them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from pikepdf import Array, Dictionary, Name, String

from signing.verify.quirks import Quirk
from tests.signing.forge_cms import Recipe, Stamper, digest_info, hashed, raw_rsa, signed_data, tlv
from tests.signing.forge_pdf import Made, Revision, annotate, base_pdf, sign, with_dss
from tests.signing.forge_people import NOW, House, ocsp_answer, revocation_list


@dataclass(frozen=True)
class Sound:
    """A sound file, how many signatures it has, its quirks, and what must be said of the first one."""

    name: str
    data: bytes
    quirks: frozenset[Quirk] = frozenset()
    signatures: int = 1
    changes: str = "none"
    source: str = "claimed"


def maker(recipe: Recipe) -> Made:
    return lambda signed: signed_data(signed, recipe)


STRUCTURES = ("plain", "streams", "linear", "hybrid", "old", "tagged", "shared", "deep")
STYLES = {
    "usual": (),
    "spaced": (),
    "tight": (),
    "upper": (),
    "contents-first": (),
    "inner": (Quirk.UNUSUAL_GAP,),
    "blanks": (Quirk.UNUSUAL_GAP,),
}


def recipes(house: House) -> dict[str, tuple[Recipe, tuple[Quirk, ...]]]:
    """Every way to sign, with the quirks that each has."""
    plain = Recipe(house.clerk, certificates=[house.clerk, house.middle])
    chief = plain.but(person=house.chief, certificates=[house.chief, house.middle])
    pool = plain.but(person=house.brainpool, certificates=[house.brainpool, house.middle])
    known: dict[str, tuple[Recipe, tuple[Quirk, ...]]] = {
        "rsa-sha256": (plain, ()),
        "rsa-sha1": (plain.but(digest="sha1"), (Quirk.SHA1,)),
        "rsa-sha224": (plain.but(digest="sha224"), ()),
        "rsa-sha384": (plain.but(digest="sha384"), ()),
        "rsa-sha512": (plain.but(digest="sha512"), ()),
        "rsa-sha3": (plain.but(digest="sha3_256"), ()),
        "rsa-md5": (plain.but(digest="md5"), (Quirk.MD5,)),
        "no-null": (plain.but(null=False), (Quirk.DIGEST_INFO_WITHOUT_NULL,)),
        "no-null-sha1": (plain.but(null=False, digest="sha1"), (Quirk.DIGEST_INFO_WITHOUT_NULL, Quirk.SHA1)),
        "no-null-sha512": (plain.but(null=False, digest="sha512"), (Quirk.DIGEST_INFO_WITHOUT_NULL,)),
        "pss": (plain.but(scheme="pss"), ()),
        "pss-sha512": (plain.but(scheme="pss", digest="sha512"), ()),
        "pss-short-salt": (plain.but(scheme="pss", salt=20), ()),
        "pss-no-salt": (plain.but(scheme="pss", salt=0), ()),
        "pss-salt-misstated": (plain.but(scheme="pss", stated_salt=20), (Quirk.PSS_PARAMETERS_WRONG,)),
        "pss-as-rsa": (plain.but(scheme="pss", oid="1.2.840.113549.1.1.1"), (Quirk.RSA_OID_WITH_PSS,)),
        "sha256rsa-oid": (plain.but(oid="1.2.840.113549.1.1.11"), ()),
        "digest-misnamed": (plain.but(named_digest="sha512"), (Quirk.ALGORITHM_MISNAMED,)),
        "leaf-only": (plain.but(certificates=[house.clerk]), ()),
        "whole-chain": (plain.but(certificates=[house.clerk, house.middle, house.root]), ()),
        "certificate-twice": (plain.but(certificates=[house.clerk, house.clerk, house.middle]), ()),
        "others-first": (plain.but(certificates=[house.root, house.middle, house.chief, house.clerk]), ()),
        "key-identifier": (plain.but(sid="ski"), ()),
        "wrong-serial": (plain.but(sid="wrong"), (Quirk.SIGNER_NAMED_WRONGLY,)),
        "no-binding": (plain.but(binding=""), (Quirk.NO_SIGNING_CERTIFICATE,)),
        "binding-v1": (plain.but(binding="v1"), ()),
        "binding-misnamed": (plain.but(binding="v2-misnamed"), (Quirk.SIGNING_CERTIFICATE_UNCLEAR,)),
        "unordered": (plain.but(order="reverse"), (Quirk.ATTRIBUTES_NOT_DER,)),
        "no-content-type": (plain.but(content_type=""), (Quirk.CONTENT_TYPE_WRONG,)),
        "no-time": (plain.but(signing_time=None), ()),
        "no-attributes": (
            plain.but(attributes=False), (Quirk.NO_SIGNED_ATTRIBUTES, Quirk.NO_SIGNING_CERTIFICATE)),
        "ber": (plain.but(ber=True), (Quirk.BER_ENCODED,)),
        "version-3": (plain.but(version="v3"), ()),
        "ecdsa": (chief, ()),
        "ecdsa-sha384": (chief.but(digest="sha384"), ()),
        "ecdsa-plain": (chief.but(scheme="plain"), (Quirk.ECDSA_PLAIN,)),
        "ecdsa-no-attributes": (
            chief.but(attributes=False), (Quirk.NO_SIGNED_ATTRIBUTES, Quirk.NO_SIGNING_CERTIFICATE)),
        "ecdsa-ber": (chief.but(ber=True), (Quirk.BER_ENCODED,)),
        "p384": (plain.but(person=house.p384, certificates=[house.p384], digest="sha384"), ()),
        "brainpool": (pool, ()),
        "brainpool-plain": (pool.but(scheme="plain"), (Quirk.ECDSA_PLAIN,)),
        "ed25519": (plain.but(person=house.edwards, certificates=[house.edwards], digest="sha512"), ()),
        "dsa": (plain.but(person=house.old_dsa, certificates=[house.old_dsa]), (Quirk.SHORT_KEY,)),
        "stamped": (plain.but(stamp=Stamper(house.stamper, NOW + timedelta(seconds=9))), ()),
        "stamped-sha1": (plain.but(stamp=Stamper(house.stamper, digest="sha1")), ()),
        "stamp-without-certificate": (plain.but(
            certificates=[house.clerk, house.middle, house.stamper],
            stamp=Stamper(house.stamper, certificates=[house.stamper])), ()),
        "two-signer-infos": (plain.but(signers=2), (Quirk.SEVERAL_SIGNERS,)),
        "local-as-utc": (
            plain.but(signing_time=NOW + timedelta(hours=7), stamp=Stamper(house.stamper, NOW)),
            (Quirk.LOCAL_TIME_AS_UTC,),
        ),
        "clock-ahead": (
            plain.but(signing_time=NOW + timedelta(hours=2), stamp=Stamper(house.stamper, NOW)),
            (Quirk.CLAIMED_AFTER_TIMESTAMP, Quirk.TIMES_DIFFER),
        ),
    }  # fmt: skip
    return known


def sound_files(house: House) -> Iterator[Sound]:
    """More than two hundred of them."""
    known = recipes(house)
    plain = known["rsa-sha256"][0]
    for structure in STRUCTURES:
        for style, quirks in STYLES.items():
            yield Sound(
                f"{structure}/{style}",
                sign(base_pdf(structure), maker(plain), style=style),
                frozenset(quirks),
            )
    for name, (recipe, quirks) in known.items():
        source = "timestamp" if recipe.stamp else "claimed"
        for structure, sub_filter in (("plain", "/ETSI.CAdES.detached"), ("streams", "/adbe.pkcs7.detached")):
            wanted = frozenset(quirks) - (
                {Quirk.NO_SIGNING_CERTIFICATE} if sub_filter.startswith("/adbe") else frozenset()
            )
            data = sign(base_pdf(structure), maker(recipe), sub_filter=sub_filter)
            yield Sound(f"{name}/{sub_filter}", data, wanted, source=source)
    yield from _formats(house, plain)
    yield from _times(house, plain)
    yield from _places(plain)
    yield from _several(house, plain)
    yield from _later(house, plain)


def _formats(house: House, plain: Recipe) -> Iterator[Sound]:
    for digest in ("sha1", "sha256"):
        yield Sound(
            f"pkcs7.sha1/{digest}",
            sign(base_pdf(), partial(_hashed_inside, plain, digest), sub_filter="/adbe.pkcs7.sha1"),
            frozenset({Quirk.LEGACY_FORMAT}),
        )
    for digest, null in (("sha1", True), ("sha1", False), ("sha256", True)):
        yield Sound(
            f"x509.rsa_sha1/{digest}/{null}",
            sign(
                base_pdf(),
                partial(_bare, house.clerk.key, digest, null),
                sub_filter="/adbe.x509.rsa_sha1",
                certificates=[house.clerk.der, house.middle.der],
            ),
            frozenset({Quirk.LEGACY_FORMAT, Quirk.NO_SIGNED_ATTRIBUTES})
            | (set() if null else {Quirk.DIGEST_INFO_WITHOUT_NULL}),
        )
    elsewhere = plain.but(certificates=[])
    yield Sound(
        "certificate-in-the-dictionary",
        sign(base_pdf(), maker(elsewhere), certificates=[house.clerk.der, house.middle.der]),
        frozenset({Quirk.CERTIFICATE_FROM_ELSEWHERE}),
    )
    yield Sound(
        "certificate-in-the-store",
        with_dss(sign(base_pdf(), maker(elsewhere)), certs=[house.clerk.der, house.middle.der]),
        frozenset({Quirk.CERTIFICATE_FROM_ELSEWHERE, Quirk.LATER_REVISIONS}),
        changes="harmless",
    )
    yield Sound(
        "encrypted-without-password",
        sign(base_pdf(encrypt=True), maker(plain)),
        frozenset({Quirk.ENCRYPTED_FILE}),
    )
    yield Sound("names-no-utf8", sign(base_pdf(names=True), maker(plain)))
    for gap in (GAP_SMALL, 60_000):
        yield Sound(f"gap-{gap}", sign(base_pdf(), maker(plain), gap=gap))
    yield Sound("blank-padding", sign(base_pdf(), maker(plain), pad=b" "))


def _hashed_inside(plain: Recipe, digest: str, signed: bytes) -> bytes:
    return signed_data(signed, plain.but(content=hashed(digest, signed), digest=digest))


def _bare(key: Any, digest: str, null: bool, signed: bytes) -> bytes:
    return tlv(4, raw_rsa(key, digest_info(digest, hashed(digest, signed), null=null)))


GAP_SMALL = 8_000


def _times(house: House, plain: Recipe) -> Iterator[Sound]:
    said: dict[str, tuple[Quirk, ...]] = {
        "D:20260520084107+07'00'": (),
        "D:20260520014107Z": (),
        "D:20260520084107+07'00": (),
        "D:20260520": (Quirk.TIME_WITHOUT_ZONE,),
        "20260520084107": (Quirk.TIME_WITHOUT_ZONE,),
        "D:20260520084107": (Quirk.TIME_WITHOUT_ZONE,),
    }
    for text, quirks in said.items():
        recipe = plain.but(signing_time=None)
        yield Sound(f"M/{text}", sign(base_pdf(), maker(recipe), claimed=text), frozenset(quirks))
    for text in (None, "", "hôm nay", "D:99999999999999"):
        recipe = plain.but(signing_time=None)
        yield Sound(f"M/{text}", sign(base_pdf(), maker(recipe), claimed=text), source="none")
    spoken = plain.but(signing_time=NOW)
    late = (NOW + timedelta(hours=7)).strftime("D:%Y%m%d%H%M%S+07'00'")
    yield Sound(
        "M-and-attribute-differ",
        sign(base_pdf(), maker(spoken), claimed="D:20200101000000+07'00'"),
        frozenset({Quirk.TIMES_DIFFER}),
    )
    yield Sound(
        "attribute-local-M-right",
        sign(base_pdf(), maker(plain.but(signing_time=NOW + timedelta(hours=7))), claimed=late),
        frozenset({Quirk.LOCAL_TIME_AS_UTC}),
    )
    stranger = House("Nhà Lạ")
    yield Sound(
        "stamp-of-a-stranger",
        sign(base_pdf(), maker(plain.but(stamp=Stamper(stranger.stamper)))),
        source="timestamp-untrusted",
    )
    stamped = sign(base_pdf(), maker(plain))
    stamped = sign(stamped, Stamper(house.stamper), field="Tem1", sub_filter="/ETSI.RFC3161", shown=False)
    yield Sound(
        "document-timestamp",
        stamped,
        frozenset({Quirk.LATER_REVISIONS}),
        2,
        "harmless",
        "document-timestamp",
    )


def _places(plain: Recipe) -> Iterator[Sound]:
    for junk in (b"\r\n--boundary--\r\n", bytes(range(1, 22)), b"\xef\xbb\xbf", b"\n"):
        data = sign(base_pdf(), maker(plain))
        yield Sound(f"junk-before/{len(junk)}", junk + data, frozenset({Quirk.JUNK_BEFORE_HEADER}))
    for tail in (b"\r\n\r\n", b"\0" * 512, b"  "):
        yield Sound(f"blank-tail/{len(tail)}", sign(base_pdf(), maker(plain)) + tail)
    yield Sound(
        "mail-tail",
        sign(base_pdf(), maker(plain)) + b"\r\n------=_Part_1--\r\n",
        frozenset({Quirk.JUNK_AFTER_END, Quirk.LATER_REVISIONS}),
        changes="harmless",
    )
    yield Sound("signed-tail", sign(base_pdf(), maker(plain), tail=b"\n\n"))
    yield Sound(
        "field-not-in-form",
        sign(base_pdf(), maker(plain), in_form=False),
        frozenset({Quirk.FIELD_NOT_IN_FORM}),
    )


def _several(house: House, plain: Recipe) -> Iterator[Sound]:
    people = (house.clerk, house.chief, house.brainpool, house.p384)
    for count in (2, 3, 4, 8, 16):
        for structure in ("plain", "streams"):
            data = base_pdf(structure)
            for place in range(count):
                person = people[place % len(people)]
                recipe = plain.but(person=person, certificates=[person, house.middle])
                data = sign(
                    data,
                    maker(recipe),
                    field=f"ChuKy{place}",
                    rect=(40, 700 - 30 * place, 140, 720 - 30 * place),
                )
            yield Sound(
                f"{count}-signatures/{structure}",
                data,
                frozenset({Quirk.LATER_REVISIONS}),
                count,
                "harmless",
            )
    twins = sign(sign(base_pdf(), maker(plain)), maker(plain), rect=(300, 760, 500, 820))
    yield Sound("two-fields-of-one-name", twins, frozenset({Quirk.LATER_REVISIONS}), 2, "harmless")
    for level in (1, 2, 3):
        data = sign(base_pdf(), maker(plain), docmdp=level)
        yield Sound(f"certified-{level}", data)
        more = sign(data, maker(plain), field="ChuKy2", rect=(300, 760, 500, 820))
        quirks = {Quirk.LATER_REVISIONS} | ({Quirk.CERTIFIED_THEN_SIGNED} if level == 1 else set())
        yield Sound(f"certified-{level}-then-signed", more, frozenset(quirks), 2, "harmless")


def _later(house: House, plain: Recipe) -> Iterator[Sound]:
    """Revisions that change nothing which the signer saw, or what the signer allowed."""
    harmless = frozenset({Quirk.LATER_REVISIONS})
    for structure in ("plain", "streams", "hybrid", "linear"):
        for name, follow in _followers(house).items():
            data = sign(base_pdf(structure, fields=True), maker(plain))
            yield Sound(f"then-{name}/{structure}", follow(data), harmless, changes="harmless")
    for level, locked in ((None, None), (2, None), (3, None), (None, b"/Action/Include/Fields[(TrichYeu)]")):
        data = sign(base_pdf(fields=True), maker(plain), docmdp=level, locked=locked)
        filled = frozenset({Quirk.LATER_REVISIONS, Quirk.FILLED_LATER})
        yield Sound(f"then-filled/{level}/{locked}", filled_in(data), filled, changes="harmless")
    noted = noted_on(sign(base_pdf(), maker(plain), docmdp=3))
    yield Sound("note-allowed", noted, harmless | {Quirk.ANNOTATED_AS_ALLOWED}, changes="harmless")
    empty = _with_empty_field(base_pdf())
    yield Sound("prepared-field", sign(empty, maker(plain), field="Cho", reuse=True))
    twice = sign(
        sign(empty, maker(plain), field="Truoc", rect=(300, 700, 400, 740)),
        maker(plain),
        field="Cho",
        reuse=True,
    )
    yield Sound("prepared-field-signed-later", twice, harmless, 2, "harmless")


def _followers(house: House) -> dict[str, Callable[[bytes], bytes]]:
    def metadata(data: bytes) -> bytes:
        revision = Revision(data)
        revision.pdf.Root.Metadata = revision.stream(b"<x:xmpmeta/>", Type=Name.Metadata, Subtype=Name.XML)
        revision.touch(revision.pdf.Root)
        return revision.write()

    def information(data: bytes) -> bytes:
        revision = Revision(data)
        revision.pdf.trailer.Info = revision.add(Dictionary(Title=String("Tờ trình")))
        return revision.write()

    def store(data: bytes) -> bytes:
        lists = [revocation_list(house.middle), revocation_list(house.root)]
        return with_dss(data, certs=[house.middle.der], answers=[ocsp_answer(house.clerk)], lists=lists)

    def same_again(data: bytes) -> bytes:
        """Objects written once more as they were, under the same and under new numbers."""
        revision = Revision(data)
        page = revision.page
        page.Resources = revision.add(Dictionary(Font=page.Resources.Font))
        revision.touch(page)
        return revision.write()

    def renumbered(data: bytes) -> bytes:
        revision = Revision(data)
        page = revision.page
        page.Contents = revision.stream(page.Contents.read_bytes())
        if "/Filter" in page.Contents:
            del page.Contents["/Filter"]
        revision.touch(page)
        return revision.write()

    def extensions(data: bytes) -> bytes:
        revision = Revision(data)
        revision.pdf.Root.Extensions = Dictionary(ESIC=Dictionary(BaseVersion=Name("/1.7"), ExtensionLevel=2))
        revision.pdf.Root.Version = Name("/1.7")
        revision.touch(revision.pdf.Root)
        return revision.write()

    def empty_field(data: bytes) -> bytes:
        return _with_empty_field(data)

    def outline(data: bytes) -> bytes:
        revision = Revision(data)
        revision.pdf.Root.Outlines = revision.add(Dictionary(Type=Name.Outlines))
        revision.touch(revision.pdf.Root)
        return revision.write()

    def widget_date(data: bytes) -> bytes:
        revision = Revision(data)
        widget = revision.pdf.Root.AcroForm.Fields[0]
        widget.M = String("D:20260601000000Z")
        revision.touch(widget)
        return revision.write()

    return {
        "metadata": metadata,
        "information": information,
        "store": store,
        "same-again": same_again,
        "renumbered": renumbered,
        "extensions": extensions,
        "empty-field": empty_field,
        "outline": outline,
        "widget-date": widget_date,
        "nothing": lambda data: Revision(data).write(),
    }


def _with_empty_field(data: bytes) -> bytes:
    revision = Revision(data)
    root = revision.pdf.Root
    held = revision.add(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("Cho"),
            Rect=Array([40, 500, 240, 560]),
            P=revision.page,
            F=4,
        )
    )
    annotate(revision, revision.page, held)
    if "/AcroForm" in root:
        root.AcroForm.Fields.append(held)
        revision.touch(root.AcroForm)
    else:
        root.AcroForm = revision.add(Dictionary(Fields=Array([held])))
        revision.touch(root)
    return revision.write()


def filled_in(data: bytes, *, field: str = "So", value: str = "1469", ground: bool = False) -> bytes:
    """Fill a text field in, with an appearance; `ground` paints a white ground below."""
    revision = Revision(data)
    held = next(one for one in revision.pdf.Root.AcroForm.Fields if str(one.get("/T", "")) == field)
    held.V = String(value)
    painted = b"1 g 0 0 200 20 re f " if ground else b""
    drawn = painted + b"/Tx BMC q BT /F 12 Tf 2 5 Td (%s) Tj ET Q EMC" % value.encode("latin-1", "replace")
    held.AP = Dictionary(
        N=revision.stream(drawn, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 80, 20]))
    )
    revision.touch(held)
    return revision.write()


def noted_on(data: bytes) -> bytes:
    """Lay a note on the first page."""
    revision = Revision(data)
    note = revision.add(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=Array([10, 10, 30, 30]), Contents=String("xem lại")
        )
    )
    annotate(revision, revision.page, note)
    return revision.write()
