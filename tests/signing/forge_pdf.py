"""PDFs of every structure, and incremental updates written by hand: to sign, to go on with, to forge."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.signing.forge_people import NOW

CLAIMED = (NOW + timedelta(hours=7)).strftime("D:%Y%m%d%H%M%S+07'00'")
GAP = 24_000
"""Hexadecimal digits kept free for a signature."""


def base_pdf(
    kind: str = "plain", *, pages: int = 2, fields: bool = False, encrypt: bool = False, names: bool = False
) -> bytes:
    """A small PDF: `plain` (table), `streams` (object and cross-reference streams), `linear`, `hybrid`,
    `old` (version 1.3), `tagged`, `shared` (one content stream for all pages), `deep` (nested page tree)."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    shared = pdf.make_stream(b"BT /F 12 Tf 72 700 Td (So tien: 1000) Tj ET")
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Contents = (
            shared
            if kind == "shared"
            else pdf.make_stream(b"BT /F 12 Tf 72 700 Td (Trang %d: 1000) Tj ET" % number)
        )
        page.obj.Resources = Dictionary(Font=Dictionary(F=font))
    if names:  # a resource called by bytes that are no UTF-8, as old Vietnamese fonts have them
        pdf.pages[0].obj.Resources.Font[b"/T\xa9".decode("latin-1")] = font
    if fields:
        _add_fields(pdf, font)
    if kind == "tagged":
        pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        pdf.Root.MarkInfo = Dictionary(Marked=True)
    if kind == "deep":
        _nest(pdf)
    out = io.BytesIO()
    modes: dict[str, Any] = {
        "streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        "linear": {"linearize": True},
        "old": {"force_version": "1.3"},
    }
    secret = {"encryption": pikepdf.Encryption(owner="chu", user="", R=6)} if encrypt else {}
    plain = {"object_stream_mode": pikepdf.ObjectStreamMode.disable}
    pdf.save(out, deterministic_id=not encrypt, **{**plain, **modes.get(kind, {}), **secret})
    return hybrid(out.getvalue()) if kind == "hybrid" else out.getvalue()


def _add_fields(pdf: pikepdf.Pdf, font: Any) -> None:
    page = pdf.pages[0].obj
    made = []
    for name, value, rect in (
        ("So", None, [300, 700, 380, 720]),
        ("TrichYeu", "Tờ trình", [72, 600, 300, 620]),
    ):
        one = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String(name),
            Rect=Array(rect),
            F=4,
            P=page,
            DA=String("/F 12 Tf 0 g"),
        )
        if value:
            one.V = String(value)
        made.append(pdf.make_indirect(one))
    page.Annots = pdf.make_indirect(Array(made))
    form = Dictionary(Fields=Array(made), DA=String("/F 12 Tf 0 g"), DR=Dictionary(Font=Dictionary(F=font)))
    pdf.Root.AcroForm = pdf.make_indirect(form)


def _nest(pdf: pikepdf.Pdf) -> None:
    """Put each page below two more nodes of the page tree."""
    root = pdf.Root.Pages
    kids = []
    for page in list(root.Kids):
        inner = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=1, Kids=Array([page])))
        outer = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=1, Kids=Array([inner]), Parent=root))
        inner.Parent = outer
        page.Parent = inner
        kids.append(outer)
    root.Kids = Array(kids)


class Revision:
    """An incremental update over `base`: change objects of `pdf`, name them with `touch`, then `write`."""

    def __init__(self, base: bytes) -> None:
        self.base = base
        self.pdf = pikepdf.open(io.BytesIO(base))
        self._touched: dict[tuple[int, int], bytes | None] = {}

    def touch(self, *objects: Any) -> None:
        for one in objects:
            assert one.is_indirect
            self._touched.setdefault(one.objgen, None)

    def add(self, value: Any) -> Any:
        held = self.pdf.make_indirect(value)
        self.touch(held)
        return held

    def stream(self, data: bytes, **keys: Any) -> Any:
        held = self.pdf.make_stream(data, Dictionary(**keys))
        self.touch(held)
        return held

    def raw(self, body: bytes) -> Any:
        """A new object whose bytes are written as they are."""
        held = self.pdf.make_indirect(Dictionary())
        self._touched[held.objgen] = body
        return held

    def overwrite(self, held: Any, body: bytes) -> None:
        self._touched[held.objgen] = body

    @property
    def page(self) -> Any:
        return self.pdf.pages[0].obj

    def write(self, *, free: Sequence[int] = (), xref: bool = True, tail: bytes = b"") -> bytes:
        out = bytearray(self.base)
        if not out.endswith((b"\n", b"\r")):
            out += b"\n"
        places: dict[tuple[int, int], int] = {}
        for objgen in sorted(self._touched):
            places[objgen] = len(out)
            body = self._touched[objgen]
            if body is None:
                body = _body(self.pdf.get_object(objgen))
            out += b"%d %d obj\n%s\nendobj\n" % (*objgen, body)
        if not xref:
            return bytes(out) + tail
        previous = int(re.findall(rb"startxref\s+(\d+)", self.base)[-1])
        # qpdf counts from %PDF
        header = self.base.find(b"%PDF-")
        places = {number: place - header for number, place in places.items()}
        start = len(out) - header
        table = self.base[previous + header : previous + header + 4] == b"xref"
        out += (
            _table(self.pdf, places, previous, free)
            if table
            else _stream_table(self.pdf, places, previous, start)
        )
        out += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(out) + tail


def _body(held: Any) -> bytes:
    if isinstance(held, pikepdf.Stream):
        data = held.read_raw_bytes()
        keys = Dictionary({key: held[key] for key in held})
        keys.Length = len(data)
        return keys.unparse() + b"\nstream\n" + data + b"\nendstream"
    return held.unparse(resolved=True)


def _trailer(pdf: pikepdf.Pdf, previous: int, places: dict[tuple[int, int], int]) -> bytes:
    size = max([int(pdf.trailer.Size), *(number + 1 for number, _ in places)])
    more = b"".join(
        b"/%s %s " % (key.encode(), pdf.trailer[f"/{key}"].unparse())
        for key in ("Info", "ID", "Encrypt")
        if f"/{key}" in pdf.trailer
    )
    return b"/Size %d /Root %d 0 R /Prev %d %s" % (size, pdf.Root.objgen[0], previous, more)


def _table(pdf: pikepdf.Pdf, places: dict[tuple[int, int], int], previous: int, free: Sequence[int]) -> bytes:
    rows = {
        number: b"%010d %05d n \n" % (place, generation) for (number, generation), place in places.items()
    }
    rows |= dict.fromkeys(free, b"0000000000 65535 f \n")
    told = b"".join(b"%d 1\n%s" % (number, row) for number, row in sorted(rows.items())) or b"0 0\n"
    return b"xref\n" + told + b"trailer\n<< " + _trailer(pdf, previous, places) + b">>\n"


def _stream_table(pdf: pikepdf.Pdf, places: dict[tuple[int, int], int], previous: int, start: int) -> bytes:
    own = max([int(pdf.trailer.Size) - 1, *(number for number, _ in places)]) + 1
    rows = {**{number: place for (number, _), place in places.items()}, own: start}
    data = b"".join(b"\x01" + place.to_bytes(4, "big") + b"\0" for _, place in sorted(rows.items()))
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    keys = _trailer(pdf, previous, {(own, 0): start, **places})
    return (
        b"%d 0 obj\n<< /Type /XRef /W [1 4 1] /Index [%s] /Length %d %s>>\nstream\n%s\nendstream\nendobj\n"
        % (
            own,
            index,
            len(data),
            keys,
            data,
        )
    )


def hybrid(base: bytes) -> bytes:
    """A hybrid-reference file (ISO 32000-1 §7.5.8.4): a table whose trailer names a stream."""
    revision = Revision(base)
    place = len(base)
    number = int(revision.pdf.trailer.Size)
    held = b"%d 0 " % number + b"(hybrid)"
    body = b"%d 0 obj\n<< /Type /ObjStm /N 1 /First %d /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        number + 1,
        len(b"%d 0 " % number),
        len(held),
        held,
    )
    at = place + len(body)
    rows = b"\x02" + (number + 1).to_bytes(4, "big") + b"\0" + b"\x01" + place.to_bytes(4, "big") + b"\0"
    rows += b"\x01" + at.to_bytes(4, "big") + b"\0"
    head = b"%d 0 obj\n<< /Type /XRef /W [1 4 1] /Index [%d 3] /Size %d /Length %d >>\n"
    stream = head + b"stream\n%s\nendstream\nendobj\n"
    body += stream % (number + 2, number, number + 3, len(rows), rows)
    start = place + len(body)
    previous = int(re.findall(rb"startxref\s+(\d+)", base)[-1])
    trailer = b"/Size %d /Root %d 0 R /Prev %d /XRefStm %d" % (
        number + 3,
        revision.pdf.Root.objgen[0],
        previous,
        at,
    )
    return base + body + b"xref\n0 0\ntrailer\n<< " + trailer + b" >>\nstartxref\n%d\n%%%%EOF\n" % start


Made = Callable[[bytes], bytes]
"""Makes /Contents for the signed bytes."""


def sign(
    base: bytes,
    made: Made,
    *,
    field: str = "ChuKy1",
    sub_filter: str = "/ETSI.CAdES.detached",
    claimed: str | None = CLAIMED,
    shown: bool = True,
    rect: Sequence[float] = (40, 760, 240, 820),
    docmdp: int | None = None,
    locked: bytes | None = None,
    style: str = "usual",
    certificates: Sequence[bytes] = (),
    reuse: bool = False,
    in_form: bool = True,
    gap: int = GAP,
    tail: bytes = b"",
    pad: bytes = b"0",
) -> bytes:
    """Append a signature to `base`. `style` says how /ByteRange and the gap are written:

    `usual`, `spaced` (blanks in the array), `tight`, `indirect` (array of references), `inner` (the brackets
    are signed too), `blanks` (blanks beside the brackets left out too), `upper` (digits in capitals),
    `contents-first`, `literal` (a string in round brackets).
    """
    revision = Revision(base)
    pdf, page, root = revision.pdf, revision.page, revision.pdf.Root
    marker = b"0" * gap
    array = {"spaced": b"[  0   %s  ]", "tight": b"[0 %s]", "usual": b"[0 %s ]"}.get(style, b"[ 0 %s ]")
    hole = b" ".join(b"*" * 10 for _ in range(3))
    when = b"/M(%s)" % claimed.encode() if claimed else b""
    references = b""
    if docmdp is not None:
        references += (
            b"<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P %d/V/1.2>>>>"
            % docmdp
        )
    if locked is not None:
        references += (
            b"<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2%s>>>>"
            % locked
        )
    kind = b"/DocTimeStamp" if sub_filter == "/ETSI.RFC3161" else b"/Sig"
    head = b"/Type%s/Filter/Adobe.PPKLite/SubFilter%s%s" % (kind, sub_filter.encode(), when)
    if references:
        head += b"/Reference[%s]" % references
    if certificates:
        head += b"/Cert[%s]" % b"".join(b"<%s>" % der.hex().encode() for der in certificates)
    contents = b"/Contents <%s>" % marker if style != "blanks" else b"/Contents  <%s>  " % marker
    span = b"/ByteRange " + array % hole
    body = b"<<%s%s%s>>" % ((head, contents, span) if style == "contents-first" else (head, span, contents))
    value = revision.raw(body)
    _put_field(revision, page, value, field=field, shown=shown, rect=rect, reuse=reuse, in_form=in_form)
    if docmdp is not None:
        root.Perms = Dictionary(DocMDP=value)
        revision.touch(root)
    out = bytearray(revision.write())
    del pdf
    open_at = out.index(b"<" + marker + b">")
    close = open_at + len(marker) + 2
    until, again = {"inner": (open_at + 1, close - 1), "blanks": (open_at - 1, close + 1)}.get(
        style, (open_at, close)
    )
    out += tail
    header = out.find(b"%PDF-")
    edges = b"%d %d %d" % (until - header, again - header, len(out) - again)
    spot = out.index(hole)
    out[spot : spot + len(hole)] = edges.ljust(len(hole))
    told = made(bytes(out[header:until] + out[again:])).hex().encode()
    assert len(told) <= len(marker), len(told)
    out[open_at + 1 : open_at + 1 + len(told)] = told.upper() if style == "upper" else told
    if pad != b"0":
        rest = len(marker) - len(told)
        out[close - 1 - rest : close - 1] = (pad * rest)[:rest]
    return bytes(out)


def _put_field(
    revision: Revision,
    page: Any,
    value: Any,
    *,
    field: str,
    shown: bool,
    rect: Sequence[float],
    reuse: bool,
    in_form: bool,
) -> None:
    root = revision.pdf.Root
    form = root.get("/AcroForm")
    if reuse:
        held = next(one for one in form.Fields if str(one.get("/T", "")) == field)
        held.V = value
        revision.touch(held)
        return
    held = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Sig,
        T=String(field),
        V=value,
        F=132,
        P=page,
        Rect=Array(list(rect) if shown else [0, 0, 0, 0]),
    )
    if shown:
        look = revision.stream(
            b"q 1 0 0 RG 1 1 198 58 re S Q", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 60])
        )
        held.AP = Dictionary(N=look)
    held = revision.add(held)
    annotate(revision, page, held)
    if not in_form:
        return
    if form is None:
        root.AcroForm = revision.add(Dictionary(Fields=Array([held]), SigFlags=3))
        revision.touch(root)
        return
    form.Fields.append(held)
    form.SigFlags = 3
    revision.touch(form if form.is_indirect else root)
    if form.Fields.is_indirect:
        revision.touch(form.Fields)


def annotate(revision: Revision, page: Any, held: Any) -> None:
    """Hang an annotation on a page."""
    if "/Annots" not in page:
        page.Annots = Array([held])
        revision.touch(page)
        return
    page.Annots.append(held)
    revision.touch(page.Annots if page.Annots.is_indirect else page)


def with_dss(
    base: bytes, *, certs: Sequence[bytes] = (), answers: Sequence[bytes] = (), lists: Sequence[bytes] = ()
) -> bytes:
    """Append a document security store."""
    revision = Revision(base)
    held = Dictionary(
        Type=Name.DSS,
        Certs=Array([revision.stream(der) for der in certs]),
        OCSPs=Array([revision.stream(der) for der in answers]),
        CRLs=Array([revision.stream(der) for der in lists]),
    )
    revision.pdf.Root.DSS = revision.add(held)
    revision.touch(revision.pdf.Root)
    return revision.write()


def span_of(data: bytes, last: bool = True) -> tuple[int, int, int, int]:
    """The byte range of the last (or first) signature."""
    found = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)
    first, length, second, rest = (int(edge) for edge in found[-1 if last else 0])
    return first, length, second, rest


def contents_of(data: bytes, last: bool = True) -> bytes:
    _, length, second, _ = span_of(data, last)
    return bytes.fromhex(data[length + 1 : second - 1].decode())


def with_contents(data: bytes, contents: bytes, last: bool = True) -> bytes:
    """Other /Contents in the same place."""
    _, length, second, _ = span_of(data, last)
    told = contents.hex().encode()
    room = second - length - 2
    assert len(told) <= room
    return data[: length + 1] + told.ljust(room, b"0") + data[second - 1 :]
