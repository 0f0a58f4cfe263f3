"""Changes made in an incremental update after signing, which a reader would show or run.

The families are those published as shadow attacks, evil annotations, sneaky signatures and incremental
saving; each takes the bytes of a signed file and gives those of the altered one.
"""

from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, String

from tests.signing.forge_pdf import Revision, annotate
from tests.signing.forge_sound import filled_in, noted_on

Alter = Callable[[bytes], bytes]
EVIL = b"BT /F 12 Tf 72 700 Td (So tien: 9999) Tj ET"


def shadows() -> dict[str, Alter]:
    """Every alteration by its name."""
    return {
        **{name: _changed(change) for name, change in _ON_PAGES.items()},
        **{name: _changed(change) for name, change in _ON_THE_ROOT.items()},
        **{name: _changed(change) for name, change in _ON_FIELDS.items()},
        **{f"annotation-{kind}": _annotation(kind) for kind in _KINDS},
        "note": noted_on,
        "filled-over": lambda data: filled_in(data, ground=True),
        "field-value": lambda data: filled_in(data, field="TrichYeu", value="khac"),
        "page-freed": _freed,
    }


def _changed(change: Callable[[Revision], None]) -> Alter:
    def alter(data: bytes) -> bytes:
        revision = Revision(data)
        change(revision)
        return revision.write()

    return alter


def _page_content(revision: Revision) -> None:
    revision.page.Contents = revision.stream(EVIL)
    revision.touch(revision.page)


def _content_overwritten(revision: Revision) -> None:
    held = revision.page.Contents
    revision.overwrite(held, b"<</Length %d>>\nstream\n%s\nendstream" % (len(EVIL), EVIL))


def _content_appended(revision: Revision) -> None:
    page = revision.page
    page.Contents = Array([page.Contents, revision.stream(b"1 g 0 0 595 842 re f")])
    revision.touch(page)


def _new_page(revision: Revision) -> None:
    pages = revision.pdf.Root.Pages
    page = revision.add(
        Dictionary(
            Type=Name.Page, Parent=pages, MediaBox=Array([0, 0, 595, 842]), Contents=revision.stream(EVIL)
        )
    )
    pages.Kids.append(page)
    pages.Count += 1
    revision.touch(pages)


def _page_removed(revision: Revision) -> None:
    pages = revision.pdf.Root.Pages
    del pages.Kids[1]
    pages.Count -= 1
    revision.touch(pages)


def _pages_swapped(revision: Revision) -> None:
    pages = revision.pdf.Root.Pages
    pages.Kids = Array([pages.Kids[1], pages.Kids[0]])
    revision.touch(pages)


def _pages_replaced(revision: Revision) -> None:
    """A whole new page tree below a new catalogue entry."""
    page = revision.add(
        Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 595, 842]), Contents=revision.stream(EVIL))
    )
    other = revision.add(Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 595, 842])))
    tree = revision.add(Dictionary(Type=Name.Pages, Count=2, Kids=Array([page, other])))
    page.Parent = other.Parent = tree
    revision.pdf.Root.Pages = tree
    revision.touch(revision.pdf.Root)


def _set(key: str, value: Any) -> Callable[[Revision], None]:
    def change(revision: Revision) -> None:
        revision.page[key] = value
        revision.touch(revision.page)

    return change


def _font(revision: Revision) -> None:
    font = revision.page.Resources.Font.F
    font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array([48, Name.nine]))
    revision.touch(font)


def _resource_added_over(revision: Revision) -> None:
    page = revision.page
    page.Resources = Dictionary(
        Font=Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Symbol))
    )
    revision.touch(page)


def _signature_look(revision: Revision) -> None:
    field = _signature(revision)
    look = revision.stream(
        b"BT (Chu tich) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 60])
    )
    field.AP = Dictionary(N=look)
    revision.touch(field)


def _signature_moved(revision: Revision) -> None:
    field = _signature(revision)
    field.Rect = Array([40, 100, 240, 160])
    revision.touch(field)


def _signature_hidden(revision: Revision) -> None:
    field = _signature(revision)
    field.F = 2
    revision.touch(field)


def _signature_off_page(revision: Revision) -> None:
    page = revision.page
    kept = [one for one in page.Annots if str(one.get("/FT", "")) != "/Sig"]
    page.Annots = Array(kept)
    revision.touch(page)


def _signature_removed(revision: Revision) -> None:
    form = revision.pdf.Root.AcroForm
    form.Fields = Array([one for one in form.Fields if str(one.get("/FT", "")) != "/Sig"])
    revision.touch(form)


def _form_removed(revision: Revision) -> None:
    del revision.pdf.Root["/AcroForm"]
    revision.touch(revision.pdf.Root)


def _signature_emptied(revision: Revision) -> None:
    field = _signature(revision)
    del field["/V"]
    revision.touch(field)


def _signature(revision: Revision) -> Any:
    return next(one for one in revision.pdf.Root.AcroForm.Fields if str(one.get("/FT", "")) == "/Sig")


def _text_field(revision: Revision) -> Any:
    return next(one for one in revision.pdf.Root.AcroForm.Fields if str(one.get("/T", "")) == "TrichYeu")


def _field_removed(revision: Revision) -> None:
    form = revision.pdf.Root.AcroForm
    form.Fields = Array([one for one in form.Fields if str(one.get("/T", "")) != "TrichYeu"])
    revision.touch(form)


def _field_added(revision: Revision) -> None:
    form = revision.pdf.Root.AcroForm
    field = revision.add(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("Moi"),
            V=String("9999"),
            Rect=Array([72, 690, 200, 720]),
            P=revision.page,
        )
    )
    form.Fields.append(field)
    revision.touch(form)
    annotate(revision, revision.page, field)


def _field_look(revision: Revision) -> None:
    field = _text_field(revision)
    field.AP = Dictionary(
        N=revision.stream(EVIL, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 20]))
    )
    revision.touch(field)


def _field_moved(revision: Revision) -> None:
    field = _text_field(revision)
    field.Rect = Array([300, 300, 500, 320])
    revision.touch(field)


def _field_flags(revision: Revision) -> None:
    field = _text_field(revision)
    field.Ff = 4096
    revision.touch(field)


def _field_action(revision: Revision) -> None:
    field = _text_field(revision)
    field.AA = Dictionary(C=Dictionary(S=Name.JavaScript, JS=String("event.value=9")))
    revision.touch(field)


def _xfa(revision: Revision) -> None:
    form = revision.pdf.Root.AcroForm
    form.XFA = revision.stream(b"<xdp:xdp/>")
    revision.touch(form)


def _unsigned_look(revision: Revision) -> None:
    """A signature field that nobody signed, which shows a picture over the page (sneaky signature)."""
    form = revision.pdf.Root.AcroForm
    look = revision.stream(
        b"1 g 0 0 200 60 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 60])
    )
    field = revision.add(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("Gia"),
            Rect=Array([72, 690, 272, 750]),
            P=revision.page,
            AP=Dictionary(N=look),
        )
    )
    form.Fields.append(field)
    revision.touch(form)
    annotate(revision, revision.page, field)


def _root(key: str, value: Any) -> Callable[[Revision], None]:
    def change(revision: Revision) -> None:
        revision.pdf.Root[key] = value() if callable(value) else value
        revision.touch(revision.pdf.Root)

    return change


def _layers(revision: Revision) -> None:
    group = revision.add(Dictionary(Type=Name.OCG, Name=String("Lop")))
    revision.pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))
    revision.touch(revision.pdf.Root)


def _attached(revision: Revision) -> None:
    data = revision.stream(b"MZ", Type=Name.EmbeddedFile)
    spec = revision.add(Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=data)))
    revision.pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), spec])))
    revision.touch(revision.pdf.Root)


def _annotation(kind: str) -> Alter:
    def alter(data: bytes) -> bytes:
        revision = Revision(data)
        keys: dict[str, Any] = {"Subtype": Name(f"/{kind}"), "Rect": Array([72, 690, 300, 720]), "F": 4}
        look = revision.stream(
            b"1 g 0 0 228 30 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 228, 30])
        )
        keys["AP"] = Dictionary(N=look)
        if kind == "Link":
            keys["A"] = Dictionary(S=Name.URI, URI=String("http://evil.example"))
        annotate(revision, revision.page, revision.add(Dictionary(Type=Name.Annot, **keys)))
        return revision.write()

    return alter


def _freed(data: bytes) -> bytes:
    """The content's object is declared free, so that the page goes blank."""
    revision = Revision(data)
    number = revision.page.Contents.objgen[0]
    if b"xref\n0" in data[data.rindex(b"startxref") - 4000 :] or b"\nxref\n" in data:
        return revision.write(free=[number])
    revision.page.Contents = Array([])
    revision.touch(revision.page)
    return revision.write()


_KINDS = (
    "FreeText", "Stamp", "Square", "Highlight", "Redact", "Watermark", "FileAttachment", "Link", "Ink",
)  # fmt: skip
_ON_PAGES: dict[str, Callable[[Revision], None]] = {
    "page-content": _page_content,
    "content-overwritten": _content_overwritten,
    "content-appended": _content_appended,
    "new-page": _new_page,
    "page-removed": _page_removed,
    "pages-swapped": _pages_swapped,
    "pages-replaced": _pages_replaced,
    "rotated": _set("/Rotate", 90),
    "media-box": _set("/MediaBox", Array([0, 0, 300, 400])),
    "crop-box": _set("/CropBox", Array([0, 0, 300, 400])),
    "user-unit": _set("/UserUnit", 2),
    "page-action": _set("/AA", Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("1")))),
    "font": _font,
    "resources": _resource_added_over,
}
_ON_FIELDS: dict[str, Callable[[Revision], None]] = {
    "signature-look": _signature_look,
    "signature-moved": _signature_moved,
    "signature-hidden": _signature_hidden,
    "signature-off-page": _signature_off_page,
    "signature-removed": _signature_removed,
    "signature-emptied": _signature_emptied,
    "form-removed": _form_removed,
    "field-removed": _field_removed,
    "field-added": _field_added,
    "field-look": _field_look,
    "field-moved": _field_moved,
    "field-flags": _field_flags,
    "field-action": _field_action,
    "xfa": _xfa,
    "unsigned-look": _unsigned_look,
}
_SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}
_ON_THE_ROOT: dict[str, Callable[[Revision], None]] = {
    "open-action": _root("/OpenAction", lambda: Dictionary(**_SCRIPT)),
    "document-action": _root("/AA", lambda: Dictionary(WC=Dictionary(**_SCRIPT))),
    "named-script": _root(
        "/Names", lambda: Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(**_SCRIPT)])))
    ),
    "base-address": _root("/URI", lambda: Dictionary(Base=String("http://evil.example"))),
    "collection": _root("/Collection", lambda: Dictionary(View=Name.T)),
    "layers": _layers,
    "attachment": _attached,
}
