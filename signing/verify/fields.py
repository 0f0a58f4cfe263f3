"""The fields of a PDF's form (trường biểu mẫu), read from a document that may be hostile."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_DEEPEST = 64
_MOST_FIELDS = 50_000


@dataclass(frozen=True)
class Field:
    """A field that holds a value: its full name, its kind (`/Sig`, `/Tx`, …), its value, its dictionary."""

    name: str
    kind: str
    value: Any
    dictionary: Any


def fields_of(pdf: "pikepdf.Pdf") -> Iterator[Field]:
    """Every terminal field (ISO 32000-1 §12.7.3), each once; empty without a form."""
    import pikepdf

    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    stack: list[tuple[Any, str, str, Any, int]] = [
        (one, "", "", None, 0) for one in reversed(array_of(form.get("/Fields")))
    ]
    seen: set[tuple[int, int]] = set()
    given = 0
    while stack and given < _MOST_FIELDS:
        held, above, kind, value, depth = stack.pop()
        if not isinstance(held, pikepdf.Dictionary) or depth > _DEEPEST:
            continue
        if held.is_indirect:
            if held.objgen in seen:
                continue
            seen.add(held.objgen)
        name = f"{above}.{text_of(held.get('/T'))}" if "/T" in held else above
        kind = name_of_kind(held.get("/FT")) or kind
        value = held.get("/V", value)
        kids = [kid for kid in array_of(held.get("/Kids")) if isinstance(kid, pikepdf.Dictionary)]
        children = [kid for kid in kids if "/T" in kid]
        given += 1
        if children:
            stack += [(kid, name, kind, value, depth + 1) for kid in reversed(children)]
        else:
            yield Field(name.removeprefix("."), kind, value, held)


def full_name(annotation: Any) -> str:
    """The full name of the field that a widget shows."""
    import pikepdf

    parts: list[str] = []
    held = annotation
    for _ in range(_DEEPEST):
        if not isinstance(held, pikepdf.Dictionary):
            break
        if "/T" in held:
            parts.append(text_of(held.get("/T")))
        held = held.get("/Parent")
    return ".".join(reversed(parts))


def kind_of(annotation: Any) -> str:
    """The kind of the field that a widget shows (`/Sig`, `/Tx`, …), inherited where it isn't its own."""
    return name_of_kind(inherited(annotation, "/FT"))


def inherited(holder: Any, key: str) -> Any:
    """The entry of a page or field, or of the nearest node above that has it."""
    import pikepdf

    for _ in range(_DEEPEST):
        if not isinstance(holder, pikepdf.Dictionary):
            break
        if key in holder:
            return holder.get(key)
        holder = holder.get("/Parent")
    return None


def array_of(value: Any) -> list[Any]:
    """The elements of an array, empty for anything else."""
    import pikepdf

    return list(value) if isinstance(value, pikepdf.Array) else []


def text_of(value: Any) -> str:
    """A text string, empty for anything else; bytes that are no text are read as Latin-1."""
    import pikepdf

    if not isinstance(value, pikepdf.String):
        return ""
    try:
        return str(value)
    except ValueError:
        return bytes(value).decode("latin-1")


def name_of_kind(value: Any) -> str:
    """A name such as `/Sig`, written as in a PDF (`/A#20B`), empty for anything else."""
    import pikepdf

    return value.unparse().decode("latin-1") if isinstance(value, pikepdf.Name) else ""
