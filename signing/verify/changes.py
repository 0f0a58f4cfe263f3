"""What was changed after a signature? (thay đổi sau khi ký)

The signed bytes are read as a PDF of their own, as the signer had it, and compared with the whole file as
it shows now: pages, their content, resources and annotations, form fields, scripts and attachments. New
signature fields and new metadata are harmless; anything else that a reader could see or run is suspicious.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_PAGE_KEYS_ASIDE = {"/Annots", "/Parent", "/LastModified", "/Metadata", "/PieceInfo", "/Tabs"}
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_ROOT_KEYS = ("/Names", "/OpenAction", "/AA", "/OCProperties", "/Requirements", "/Collection")
_LARGEST_SHARE = 0.5
_MOST_PAGES = 20_000
_DEEPEST_TREE = 64


class Changes(StrEnum):
    """The verdict on what follows a signature (thay đổi về sau)."""

    NONE = "none"
    HARMLESS = "harmless"
    SUSPICIOUS = "suspicious"


class ChangedError(Exception):
    """Something that a reader could see or run isn't as it was signed; the argument names it."""


def compare(signed: "PdfFileReader", current: "PdfFileReader") -> str:
    """Empty when `current` shows what `signed` showed; else the part that differs (`page-content`, …)."""
    try:
        before, after = signed.root, current.root
        old_pages, new_pages = list(_pages(before)), list(_pages(after))
        if len(old_pages) != len(new_pages):
            raise ChangedError("page-count")
        pairs = _Pairs()
        for old, new in zip(old_pages, new_pages, strict=True):
            _compare_pages(pairs, old, new)
        _compare_fields(pairs, before.get("/AcroForm"), after.get("/AcroForm"))
        for key in _ROOT_KEYS:
            if not pairs.same(_raw(before, key), _raw(after, key)):
                raise ChangedError("document-actions")
    except ChangedError as change:
        return str(change)
    return ""


def _compare_pages(pairs: "_Pairs", old: Any, new: Any) -> None:
    keys = {*old, *new} - _PAGE_KEYS_ASIDE - set(_INHERITED)
    if not all(pairs.same(_raw(old, key), _raw(new, key)) for key in keys):
        raise ChangedError("page-content")
    if not all(pairs.same(_inherited(old, key), _inherited(new, key)) for key in _INHERITED):
        raise ChangedError("page-content")
    before, after = items_of(old.get("/Annots")), items_of(new.get("/Annots"))
    unmatched = list(after)
    for annotation in before:
        for candidate in unmatched:
            if _same_annotation(pairs, annotation, candidate):
                unmatched.remove(candidate)
                break
        else:
            raise ChangedError("annotation")
    for added in unmatched:
        if not _is_signature(added):
            raise ChangedError("new-annotation")
        if _share(added, new) > _LARGEST_SHARE:
            raise ChangedError("covering-signature")


def _same_annotation(pairs: "_Pairs", old: Any, new: Any) -> bool:
    """The same, or a signature field of the same name and place that has been signed since."""
    if pairs.same(old, new):
        return True
    return (
        _is_signature(old)
        and _is_signature(new)
        and "/V" not in old
        and _resolved(old.get("/T")) == _resolved(new.get("/T"))
        and items_of(old.get("/Rect")) == items_of(new.get("/Rect"))
    )


def _compare_fields(pairs: "_Pairs", old: Any, new: Any) -> None:
    """Every field there was is there with its value; every new one is a signature field."""
    before, after = dict(_fields(old)), dict(_fields(new))
    for name, field in before.items():
        now = after.get(name)
        if now is None:
            raise ChangedError("field-removed")
        if "/V" not in field and _kind(field) == "/Sig":
            continue
        if not pairs.same(_raw(field, "/V"), _raw(now, "/V")):
            raise ChangedError("field-value")
    if any(_kind(field) != "/Sig" for name, field in after.items() if name not in before):
        raise ChangedError("new-field")


def _fields(form: Any) -> "Iterator[tuple[str, Any]]":
    stack = [("", field, 0) for field in items_of((_resolved(form) or {}).get("/Fields"))]
    while stack:
        prefix, field, depth = stack.pop()
        name = f"{prefix}.{_resolved(field.get('/T')) or ''}"
        kids = [kid for kid in items_of(field.get("/Kids")) if "/T" in kid]
        if kids and depth < _DEEPEST_TREE:
            stack += [(name, kid, depth + 1) for kid in kids]
        else:
            yield name, field


def field_names(form: Any) -> "Iterator[str]":
    """The full names of all fields of a form, empty without one."""
    return (name.removeprefix(".") for name, _ in _fields(form))


def _kind(field: Any) -> Any:
    for _ in range(_DEEPEST_TREE):
        if "/FT" in field:
            return field["/FT"]
        if "/Parent" not in field:
            break
        field = field["/Parent"]
    return None


def _is_signature(annotation: Any) -> bool:
    return bool(_resolved(annotation.get("/Subtype")) == "/Widget" and _kind(annotation) == "/Sig")


def _share(annotation: Any, page: Any) -> float:
    """The part of the page that an annotation's rectangle covers."""
    box, rectangle = _inherited(page, "/MediaBox"), annotation.get("/Rect")
    if box is None or rectangle is None:
        return 0.0
    return _area(rectangle) / max(_area(box), 1.0)


def _area(rectangle: Any) -> float:
    left, bottom, right, top = (float(edge) for edge in items_of(rectangle))
    return abs(right - left) * abs(top - bottom)


def _pages(root: Any) -> "Iterator[Any]":
    stack, count = [(root["/Pages"], 0)], 0
    while stack:
        node, depth = stack.pop()
        if "/Kids" not in node:
            count += 1
            if count > _MOST_PAGES:
                raise ChangedError("page-tree")
            yield node
        elif depth > _DEEPEST_TREE:
            raise ChangedError("page-tree")
        else:
            stack += [(kid, depth + 1) for kid in reversed(items_of(node["/Kids"]))]


def _inherited(page: Any, key: str) -> Any:
    for _ in range(_DEEPEST_TREE):
        if key in page:
            return _raw(page, key)
        if "/Parent" not in page:
            break
        page = page["/Parent"]
    return None


def items_of(array: Any) -> list[Any]:
    """The elements of an array with references resolved; an absent array is empty."""
    return [_resolved(item) for item in _resolved(array) or ()]


def _raw(holder: Any, key: str) -> Any:
    return holder.raw_get(key) if key in holder else None


class _Pairs:
    """Deep comparison of objects of two readers; a pair once found equal isn't walked again."""

    def __init__(self) -> None:
        self._equal: set[tuple[tuple[int, int], tuple[int, int]]] = set()

    def same(self, old: Any, new: Any) -> bool:
        """Whether two object graphs are equal; page parents and annotations' pages are left out."""
        from pyhanko.pdf_utils import generic

        stack = [(old, new)]
        while stack:
            left, right = stack.pop()
            if isinstance(left, generic.IndirectObject) and isinstance(right, generic.IndirectObject):
                pair = ((left.idnum, left.generation), (right.idnum, right.generation))
                if pair in self._equal:
                    continue
                self._equal.add(pair)
            left, right = _resolved(left), _resolved(right)
            inner = _inner(left, right)
            if inner is None:
                self._equal.clear()
                return False
            stack += inner
        return True


def _resolved(value: Any) -> Any:
    from pyhanko.pdf_utils import generic

    for _ in range(8):
        if not isinstance(value, generic.IndirectObject):
            break
        value = value.get_object()  # type: ignore[no-untyped-call,unused-ignore]
    return None if isinstance(value, generic.NullObject) else value


def _inner(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    """The pairs inside two containers, empty for equal plain values, None for a difference."""
    from pyhanko.pdf_utils import generic

    if isinstance(left, generic.DictionaryObject) and isinstance(right, generic.DictionaryObject):
        if getattr(left, "encoded_data", None) != getattr(right, "encoded_data", None):
            return None
        keys = {*left, *right} - {"/Parent", "/P", "/Length"}
        if "/TransformMethod" in left:
            keys -= {"/Data"}  # a certification points back at the whole catalogue
        return [(_raw(left, key), _raw(right, key)) for key in keys]
    if isinstance(left, generic.ArrayObject) and isinstance(right, generic.ArrayObject):
        if len(left) != len(right):
            return None
        return [(left.raw_get(i), right.raw_get(i)) for i in range(len(left))]
    if isinstance(left, (generic.DictionaryObject, generic.ArrayObject)) or isinstance(
        right, (generic.DictionaryObject, generic.ArrayObject)
    ):
        return None
    return [] if left == right else None
