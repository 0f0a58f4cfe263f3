"""Is it still PDF/A-2b? (chuẩn lưu trữ ISO 19005-2)

pikepdf's validator approves what it knows and knows neither interactive forms, which every signed document
has, nor the document security store of long-term signatures. So the form is checked here (ISO 19005-2 §6.4:
signature fields only, nothing to run, nothing for the viewer to draw by itself), and the store (ISO 32000-2
§12.8.4.3: plain streams, nothing outside the file). The validator then judges the document once more with the
signature widgets shown as stamp annotations: their appearances, fonts and colours are judged by the same
rules.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    import pikepdf

FLAVOUR = "2b"
_MOST_FIELDS = 1000
_MOST_STREAMS = 20_000
_SIGNATURE_EXTENSIONS = {"/ESIC", "/ISO_", "/ETSI"}


def require_pdfa(pdf: Path, stage: str) -> None:
    """Raise unless the file as written conforms to PDF/A-2b.

    `stage` is "before" or "after"; the facts name the first broken rule. A missing file is
    `sign.pdf-missing`, one that isn't a PDF `sign.pdf-broken`, an encrypted one `sign.pdf-encrypted`.
    """
    import pikepdf

    if not pdf.is_file():
        raise SigningError(SigningFault.PDF_MISSING)
    try:
        # Inherited attributes stay where they are: copied into each page they would hide from the validator.
        with pikepdf.open(pdf, inherit_page_attributes=False) as document:
            if document.is_encrypted:
                raise SigningError(SigningFault.PDF_ENCRYPTED)
            open_points = _open_points(document)
    except pikepdf.PasswordError as error:
        raise SigningError(SigningFault.PDF_ENCRYPTED) from error
    except (pikepdf.PdfError, OSError, RuntimeError) as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__) from error
    if open_points:
        raise SigningError(
            SigningFault.PDFA_BROKEN,
            stage=stage,
            rule=open_points[0].rule,
            where=open_points[0].where[:120],
            findings=len(open_points),
        )


def _open_points(document: "pikepdf.Pdf") -> list[Any]:
    """What is wrong with the form, with the store, or with the rest. `document` is changed in memory.

    The validator is asked of the open document, taken as it was written: one walk instead of two.
    """
    from pikepdf.pdfa import Finding, _engine

    try:
        if not _form_conforms(document):
            return [Finding("ISO_19005_2:6.4", "AcroForm", "not a form of signatures alone")]
        if not _store_conforms(document):
            return [Finding("ISO_19005_2:6.1.7", "DSS", "not a store of plain streams")]
        _show_widgets_as_stamps(document)
    except (AttributeError, LookupError, TypeError, ValueError):
        return [Finding("ISO_19005_2:6.4", "AcroForm", "not a form that can be read")]
    return list(_engine.run(document, FLAVOUR).findings)


def _form_conforms(document: "pikepdf.Pdf") -> bool:
    """ISO 19005-2 §6.4.1–6.4.3: no XFA, no NeedAppearances, no actions, and every field a signature's."""
    import pikepdf

    form = document.Root.get("/AcroForm", pikepdf.Dictionary())
    if "/XFA" in form or bool(form.get("/NeedAppearances", False)):
        return False
    fields = list(form.get("/Fields", ()))
    return len(fields) <= _MOST_FIELDS and all(_field_conforms(field) for field in fields)


def _field_conforms(field: Any) -> bool:
    """A signature field that is its own widget; one of some size has a normal appearance, a stream."""
    import pikepdf

    if str(field.get("/FT", "")) != "/Sig" or "/A" in field or "/AA" in field or "/Kids" in field:
        return False
    left, bottom, right, top = (float(edge) for edge in field.get("/Rect", (0, 0, 0, 0)))
    if left == right or bottom == top:
        return True
    appearance = field.get("/AP", pikepdf.Dictionary())
    return list(appearance.keys()) == ["/N"] and isinstance(appearance.N, pikepdf.Stream)


def _store_conforms(document: "pikepdf.Pdf") -> bool:
    """ISO 19005-2 §6.1.7: the streams of the security store lie in the file and aren't packed with LZW."""
    import pikepdf

    store = document.Root.get("/DSS", pikepdf.Dictionary())
    groups = [store, *store.get("/VRI", pikepdf.Dictionary()).as_dict().values()]
    streams = [
        one
        for group in groups
        for name in ("/Certs", "/OCSPs", "/CRLs", "/Cert", "/OCSP", "/CRL")
        for one in group.get(name, ())
    ]
    return len(streams) <= _MOST_STREAMS and all(
        isinstance(one, pikepdf.Stream)
        and not {"/F", "/FFilter", "/FDecodeParms"} & set(one.keys())
        and "LZW" not in repr(one.get("/Filter", ""))
        for one in streams
    )


def _show_widgets_as_stamps(document: "pikepdf.Pdf") -> None:
    import pikepdf

    for ours in ("/AcroForm", "/DSS"):
        if ours in document.Root:
            del document.Root[ours]
    extensions = document.Root.get("/Extensions", pikepdf.Dictionary())
    for name in _SIGNATURE_EXTENSIONS & set(extensions.keys()):
        del extensions[name]
    if not extensions.keys() and "/Extensions" in document.Root:
        del document.Root["/Extensions"]
    for page in document.pages:
        annotations: Any = page.obj.get("/Annots", ())
        for number, annotation in enumerate(annotations):
            if str(annotation.get("/Subtype", "")) == "/Widget":
                annotations[number] = _stamp_like(document, annotation)


def _stamp_like(document: "pikepdf.Pdf", widget: "pikepdf.Object") -> "pikepdf.Object":
    import pikepdf

    kept = {key: widget[key] for key in ("/Rect", "/F", "/P", "/AP", "/A", "/AA") if key in widget}
    stamp: pikepdf.Object = document.make_indirect(
        pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Stamp, **kept})
    )
    return stamp
