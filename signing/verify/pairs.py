"""Are two objects of two PDFs the same, whatever their numbers? (so sánh đối tượng)

Both graphs are walked side by side. Indirect objects that were taken for equal once are kept in classes
(Hopcroft and Karp's union-find for automata), so cycles end and the walk is near to linear however hostile
the graphs are.
"""

import zlib
from typing import Any

_MOST_STEPS = 3_000_000
_LARGEST_PLAIN = 1 << 24
_ENCODING = {"/Filter", "/DecodeParms"}
_ASIDE = {"/Parent", "/Length", "/StructParent", "/StructParents"}


_Node = tuple[int, int, int]
"""The side (0 earlier, 1 later), and the number and generation of an object."""


class TooMuchError(Exception):
    """The comparison takes more steps than any honest document needs."""


class Pairs:
    """Deep comparison of objects of an earlier and a later revision of the same file.

    `unmoved` are the object numbers that stand at the same place in the same bytes: their own data needn't
    be compared, only what they refer to.
    """

    def __init__(self, unmoved: frozenset[tuple[int, int]] = frozenset()) -> None:
        self._unmoved = unmoved
        self._above: dict[_Node, _Node] = {}
        self._written: list[tuple[_Node, _Node | None]] = []
        self._steps = 0

    def same(self, old: Any, new: Any, aside: frozenset[str] = frozenset()) -> bool:
        """Whether two values are equal; `aside` are keys of the outermost dictionary that don't count.

        Raises TooMuchError.
        """
        self._written.clear()
        if self._walk(old, new, aside):
            return True
        for node, was in reversed(self._written):
            if was is None:
                del self._above[node]
            else:
                self._above[node] = was
        return False

    def _walk(self, old: Any, new: Any, aside: frozenset[str]) -> bool:
        import pikepdf

        stack = [(old, new, _ASIDE | aside)]
        while stack:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise TooMuchError
            left, right, leave = stack.pop()
            if not isinstance(left, pikepdf.Object) or not isinstance(right, pikepdf.Object):
                if type(left) is not type(right) and not _numbers(left, right):
                    return False
                if left != right:
                    return False
                continue
            if left._type_code != right._type_code:
                return False
            numbered = left.is_indirect and right.is_indirect
            if numbered and not leave - _ASIDE and self._joined(left.objgen, right.objgen):
                continue
            still = numbered and left.objgen == right.objgen and left.objgen in self._unmoved
            if not self._inner(stack, left, right, leave, still=still):
                return False
        return True

    def _inner(self, stack: list[Any], left: Any, right: Any, leave: set[str], *, still: bool) -> bool:
        """Push the pairs inside two values of one type; False for a difference in the values themselves."""
        import pikepdf

        kind = left._type_code
        if kind in (pikepdf.ObjectType.dictionary, pikepdf.ObjectType.stream):
            keys = set(left.keys()) | set(right.keys())
            for key in keys - leave:
                inner, other = _entry(left, key), _entry(right, key)
                if key in _ENCODING and kind == pikepdf.ObjectType.stream:
                    continue  # compared with the data
                if key == "/P" and _is_page(inner) and _is_page(other):
                    continue  # an annotation's page
                if key == "/Data" and "/TransformMethod" in keys:
                    continue  # a certification points back at the whole catalogue
                stack.append((inner, other, _ASIDE))
            if kind != pikepdf.ObjectType.stream or (
                still and _entry(left, "/Length") == _entry(right, "/Length")
            ):
                return True
            return _same_data(left, right)
        if kind == pikepdf.ObjectType.array:
            if len(left) != len(right):
                return False
            stack += [(one, other, _ASIDE) for one, other in zip(left, right, strict=True)]
            return True
        if kind == pikepdf.ObjectType.string:
            return bytes(left) == bytes(right)
        return bool(left.unparse() == right.unparse())

    def _joined(self, left: tuple[int, int], right: tuple[int, int]) -> bool:
        """Whether the two were taken for equal already; from now on they are."""
        one, other = self._class_of((0, *left)), self._class_of((1, *right))
        if one == other:
            return True
        self._set(one, other)
        return False

    def _class_of(self, node: _Node) -> _Node:
        path = []
        while node in self._above:
            path.append(node)
            node = self._above[node]
        for passed in path:
            self._set(passed, node)
        return node

    def _set(self, node: _Node, above: _Node) -> None:
        self._written.append((node, self._above.get(node)))
        self._above[node] = above


def _entry(holder: Any, key: str) -> Any:
    """The entry of a dictionary; keys that are no UTF-8 can be asked for in no other way."""
    return holder[key] if key in holder else None  # noqa: SIM401


def _numbers(left: Any, right: Any) -> bool:
    from decimal import Decimal

    plain = (int, float, Decimal)
    return (
        isinstance(left, plain)
        and isinstance(right, plain)
        and not isinstance(left, bool)
        and not isinstance(right, bool)
    )


def _is_page(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.Dictionary) and (
        str(value.get("/Type", "")) == "/Page" or "/MediaBox" in value or "/Contents" in value
    )


def _same_data(left: Any, right: Any) -> bool:
    """The same bytes, or the same once they are decompressed."""
    one, other = bytes(left.read_raw_bytes()), bytes(right.read_raw_bytes())
    if one == other and _filters(left) == _filters(right):
        return True
    plain = _plain(left, one)
    return plain is not None and plain == _plain(right, other)


def _filters(stream: Any) -> tuple[bytes, ...]:
    held = (_entry(stream, "/Filter"), _entry(stream, "/DecodeParms"))
    return tuple(one.unparse(resolved=True) if one is not None else b"" for one in held)


def _plain(stream: Any, raw: bytes) -> bytes | None:
    """What a stream holds, None for other filters than FlateDecode and for what grows too large."""
    named, parameters = _filters(stream)
    if parameters:
        return None
    if not named:
        return raw
    if named.strip(b"[ ]") != b"/FlateDecode":
        return None
    try:
        inflater = zlib.decompressobj()
        held = inflater.decompress(raw, _LARGEST_PLAIN)
    except zlib.error:
        return None
    return held if inflater.eof else None
