"""What was changed after a signature? (thay đổi sau khi ký)

The signed bytes are read as a PDF of their own, as the signer had it, and compared with what followed: pages,
their content, resources and annotations, form fields, scripts and attachments. Further signatures,
validation data and metadata are harmless; what a certification allows is told apart; anything else that a
reader could see or run is suspicious.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from signing.verify.appearances import covers_ground, paints
from signing.verify.fields import Field, array_of, fields_of, full_name, inherited, kind_of, name_of_kind
from signing.verify.pairs import Pairs, TooMuchError

if TYPE_CHECKING:
    import pikepdf

_PAGE_KEYS_ASIDE = frozenset(
    {
        "/Annots",
        "/Parent",
        "/LastModified",
        "/Metadata",
        "/PieceInfo",
        "/Tabs",
        "/StructParents",
        "/Thumb",
        "/Type",
    }
)
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_ROOT_KEYS = ("/Names", "/OpenAction", "/AA", "/OCProperties", "/Requirements", "/Collection", "/AF", "/URI")
_FIELD_KEYS = ("/FT", "/Ff", "/Opt", "/MaxLen", "/AA", "/A", "/TI", "/I")
_WIDGET_VALUE = frozenset({"/V", "/AP", "/AS", "/M", "/MK", "/I"})
_LARGEST_SHARE = 0.5
_MOST_PAGES = 20_000
_MOST_NODES = 60_000
_DEEPEST_TREE = 64
_MOST_TRIES = 20_000


class Event(StrEnum):
    """Something that followed a signature and isn't an alteration in itself."""

    SIGNED = "signed"
    """A further signature, in a new field or in one that was empty."""
    STAMPED = "stamped"
    """A document time stamp."""
    FIELD_ADDED = "field-added"
    """An empty signature field that shows nothing."""
    FILLED = "filled"
    """An empty form field got a value."""
    ANNOTATED = "annotated"
    """Something was laid on a page: a note, a mark, a link."""


@dataclass(frozen=True)
class Difference:
    """`bad` names an alteration (`page-content`, …) or is empty; `events` are (kind, field) pairs."""

    bad: str = ""
    events: frozenset[tuple[Event, str]] = frozenset()

    def __add__(self, later: "Difference") -> "Difference":
        return Difference(self.bad or later.bad, self.events | later.events)


class ChangedError(Exception):
    """Something that a reader could see or run isn't as it was signed; the argument names it."""


def compare(before: "pikepdf.Pdf", after: "pikepdf.Pdf", *, same_start: bool = True) -> Difference:
    """What `after` shows otherwise than `before`; `same_start`: the file of one begins with the other's."""
    import pikepdf

    comparison = _Comparison(before, after, same_start=same_start)
    try:
        comparison.run()
    except ChangedError as change:
        return Difference(str(change), frozenset(comparison.events))
    except TooMuchError:
        return Difference("too-much", frozenset(comparison.events))
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, IndexError, RuntimeError):
        return Difference("unreadable", frozenset(comparison.events))
    return Difference("", frozenset(comparison.events))


class _Comparison:
    """One comparison of two revisions: what was filled in or signed is gathered in `events`."""

    def __init__(self, before: "pikepdf.Pdf", after: "pikepdf.Pdf", *, same_start: bool) -> None:
        self._before, self._after = before, after
        self._pairs = Pairs(_unmoved(before, after) if same_start else frozenset())
        self.events: set[tuple[Event, str]] = set()
        self._signed: set[str] = set()
        self._filled: set[str] = set()
        self._tries = 0

    def run(self) -> None:
        """Raises ChangedError at the first alteration."""
        self._compare_fields()
        old_pages, new_pages = list(_pages(self._before)), list(_pages(self._after))
        if len(old_pages) != len(new_pages):
            raise ChangedError("page-count")
        for old, new in zip(old_pages, new_pages, strict=True):
            self._compare_page(old, new)
        old_root, new_root = self._before.Root, self._after.Root
        for key in _ROOT_KEYS:
            if not self._pairs.same(old_root.get(key), new_root.get(key)):
                raise ChangedError("document-actions")

    def _compare_fields(self) -> None:
        """Every field there was is there with its value; every new one is a signature field."""
        old_form, new_form = self._before.Root.get("/AcroForm"), self._after.Root.get("/AcroForm")
        if not self._pairs.same(_entry(old_form, "/XFA"), _entry(new_form, "/XFA")):
            raise ChangedError("xfa")
        before, after = _by_name(self._before), _by_name(self._after)
        for place, field in before.items():
            now = after.get(place)
            if now is None:
                raise ChangedError("field-removed")
            self._compare_field(field.name, field, now)
        for place, field in after.items():
            if place not in before:
                if field.kind != "/Sig":
                    raise ChangedError("new-field")
                self._signature_added(field.name, field)

    def _compare_field(self, name: str, old: Field, new: Field) -> None:
        if old.kind == "/Sig" and _empty(old.value):
            if not _empty(new.value):
                self._signature_added(name, new)
            return
        own = {key: (inherited(old.dictionary, key), inherited(new.dictionary, key)) for key in _FIELD_KEYS}
        if not all(self._pairs.same(*values) for values in own.values()):
            raise ChangedError("field-value")
        if self._pairs.same(old.value, new.value):
            return
        if old.kind == "/Sig" or not _empty(old.value):
            raise ChangedError("field-value")
        self._filled.add(name)
        self.events.add((Event.FILLED, name))

    def _signature_added(self, name: str, field: Field) -> None:
        if _empty(field.value):
            self.events.add((Event.FIELD_ADDED, name))
            return
        self._signed.add(name)
        stamping = name_of_kind(field.value.get("/SubFilter")) == "/ETSI.RFC3161"
        self.events.add((Event.STAMPED if stamping else Event.SIGNED, name))

    def _compare_page(self, old: Any, new: Any) -> None:
        if not self._pairs.same(old, new, _PAGE_KEYS_ASIDE | set(_INHERITED)):
            raise ChangedError("page-content")
        if not all(self._pairs.same(inherited(old, key), inherited(new, key)) for key in _INHERITED):
            raise ChangedError("page-content")
        before, waiting = array_of(old.get("/Annots")), array_of(new.get("/Annots"))
        numbers = {one.objgen: at for at, one in enumerate(waiting) if getattr(one, "is_indirect", False)}
        taken: set[int] = set()
        for annotation in before:
            taken.add(self._counterpart(annotation, waiting, numbers, taken))
        for at, added in enumerate(waiting):
            if at not in taken and _is_dictionary(added):
                self._compare_added(added, new)

    def _counterpart(
        self, old: Any, waiting: list[Any], numbers: dict[tuple[int, int], int], taken: set[int]
    ) -> int:
        """The place of the annotation that `old` has become."""
        first = numbers.get(old.objgen) if getattr(old, "is_indirect", False) else None
        order = [] if first is None else [first]
        order += [at for at in range(len(waiting)) if at != first]
        for at in order:
            if at in taken:
                continue
            self._tries += 1
            if self._tries > _MOST_TRIES + len(waiting):
                raise TooMuchError
            if self._same_annotation(old, waiting[at]):
                return at
        raise ChangedError("annotation")

    def _same_annotation(self, old: Any, new: Any) -> bool:
        """The same, or a field's widget of the same name and place that has been signed or filled since."""
        if not _is_dictionary(old) or not _is_dictionary(new):
            return not _is_dictionary(old) and not _is_dictionary(new)
        if self._pairs.same(old, new, frozenset({"/M"})):
            return True
        name = full_name(old)
        if not _is_widget(old) or not _is_widget(new) or full_name(new) != name:
            return False
        if not self._pairs.same(old.get("/Rect"), new.get("/Rect")):
            return False
        if kind_of(old) == "/Sig":
            return name in self._signed and _empty(inherited(old, "/V"))
        return (
            name in self._filled and self._pairs.same(old, new, _WIDGET_VALUE) and not covers_ground(old, new)
        )

    def _compare_added(self, added: Any, page: Any) -> None:
        if not _is_widget(added):
            self.events.add((Event.ANNOTATED, ""))
            return
        if kind_of(added) != "/Sig":
            raise ChangedError("new-field")
        if full_name(added) not in self._signed and paints(added):
            raise ChangedError("unsigned-field-shown")
        if _share(added, page) > _LARGEST_SHARE:
            raise ChangedError("covering-signature")


def _unmoved(before: "pikepdf.Pdf", after: "pikepdf.Pdf") -> frozenset[tuple[int, int]]:
    """The objects that both cross-reference tables find at the same place."""
    places = after.get_xref_table()
    found = set()
    for number, entry in before.get_xref_table().items():
        other = places.get(number)
        if other is not None and entry.type == other.type == 1 and entry.offset == other.offset:
            found.add(number)
    return frozenset(found)


def _by_name(pdf: "pikepdf.Pdf") -> dict[tuple[str, int], Field]:
    """The fields by name and by which of that name: careless programs call every field the same."""
    found: dict[tuple[str, int], Field] = {}
    counted: dict[str, int] = {}
    for field in fields_of(pdf):
        counted[field.name] = counted.get(field.name, 0) + 1
        found[field.name, counted[field.name]] = field
    return found


def _entry(form: Any, key: str) -> Any:
    return form.get(key) if _is_dictionary(form) else None


def _empty(value: Any) -> bool:
    import pikepdf

    if isinstance(value, pikepdf.String):
        return not bytes(value).removeprefix(b"\xfe\xff").strip()
    if isinstance(value, pikepdf.Name):
        return str(value) == "/Off"
    if isinstance(value, pikepdf.Array):
        return not len(value)
    return value is None


def _is_dictionary(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.Dictionary)


def _is_widget(annotation: Any) -> bool:
    return name_of_kind(annotation.get("/Subtype")) == "/Widget"


def _share(annotation: Any, page: Any) -> float:
    """The part of the page that an annotation's rectangle covers."""
    box, rectangle = array_of(inherited(page, "/MediaBox")), array_of(annotation.get("/Rect"))
    if len(box) != 4 or len(rectangle) != 4:
        return 0.0
    return _area(rectangle) / max(_area(box), 1.0)


def _area(rectangle: list[Any]) -> float:
    left, bottom, right, top = (float(edge) for edge in rectangle)
    return abs(right - left) * abs(top - bottom)


def _pages(pdf: "pikepdf.Pdf") -> "Iterator[Any]":
    """The pages in their order, as they hang in the tree: qpdf's own list would repair it."""
    stack, pages, nodes = [(pdf.Root.Pages, 0)], 0, 0
    while stack:
        node, depth = stack.pop()
        nodes += 1
        if nodes > _MOST_NODES or depth > _DEEPEST_TREE or not _is_dictionary(node):
            raise ChangedError("page-tree")
        if "/Kids" not in node:
            pages += 1
            if pages > _MOST_PAGES:
                raise ChangedError("page-tree")
            yield node
        else:
            stack += [(kid, depth + 1) for kid in reversed(array_of(node.get("/Kids")))]
