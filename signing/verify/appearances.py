"""What an annotation paints (hình hiển thị của chú thích)."""

from typing import Any

_FILLS = {"f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "BI", "INLINE IMAGE"}
_MARKS = _FILLS | {"S", "s", "Tj", "TJ", "'", '"'}
_HIDDEN = 0x02 | 0x20  # Hidden, NoView (ISO 32000-1 §12.5.3)
_MOST_STATES = 64
_LARGEST_BYTES = 1 << 16


def paints(annotation: Any) -> bool:
    """Whether it shows anything: an appearance with painting operators, on a rectangle with an area."""
    flags = annotation.get("/F", 0)
    if isinstance(flags, int) and flags & _HIDDEN:
        return False
    return any(_uses(stream, _MARKS) for stream in _appearances(annotation))


def covers_ground(old: Any, new: Any) -> bool:
    """Whether a filled-in field paints a ground that it hadn't before, under which a page can be hidden."""
    background = _background(new)
    if background and background != _background(old):
        return True
    before = {_data(stream) for stream in _appearances(old)}
    return any(_data(stream) not in before and _uses(stream, _FILLS) for stream in _appearances(new))


def _background(annotation: Any) -> str:
    import pikepdf

    held = annotation.get("/MK")
    ground = held.get("/BG") if isinstance(held, pikepdf.Dictionary) else None
    return ground.unparse().decode("latin-1") if isinstance(ground, pikepdf.Array) and len(ground) else ""


def _appearances(annotation: Any) -> list[Any]:
    import pikepdf

    held = annotation.get("/AP")
    normal = held.get("/N") if isinstance(held, pikepdf.Dictionary) else None
    if isinstance(normal, pikepdf.Stream):
        return [normal]
    if isinstance(normal, pikepdf.Dictionary):
        states = [normal.get(key) for key in list(normal.keys())[:_MOST_STATES]]
        return [state for state in states if isinstance(state, pikepdf.Stream)]
    return []


def _data(stream: Any) -> bytes:
    return bytes(stream.read_raw_bytes())


def _uses(stream: Any, operators: set[str]) -> bool:
    """Whether the content has one of `operators`; what is too long or can't be read is taken to have it."""
    import pikepdf

    if len(_data(stream)) > _LARGEST_BYTES:
        return True
    try:
        return any(str(one.operator) in operators for one in pikepdf.parse_content_stream(stream))
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        return True
