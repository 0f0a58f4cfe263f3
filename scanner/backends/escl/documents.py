"""XML from a device, read with suspicion: small, without entities, by local names (văn bản XML của máy)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_DOCUMENT = 1024 * 1024
"""Bytes; the longest ScannerCapabilities of a real device known has 19 000."""

LONGEST_TEXT = 120
LONGEST_NUMBER = 9


def parse(body: bytes, root: str) -> Element:
    """The root element. Raises ScanError `scan.bad-answer` where it isn't a `root`, or no decent XML."""
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        element: Element = ElementTree.fromstring(body, forbid_dtd=True)
    # LookupError and ValueError: a document may name an encoding that there isn't.
    except (ElementTree.ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise ScanError(ScanFault.BAD_ANSWER, wanted=root, what="xml") from error
    if local_name(element) != root:
        raise ScanError(ScanFault.BAD_ANSWER, wanted=root, what="root")
    return element


def local_name(element: Element) -> str:
    """The name without its namespace: devices put the same element into different ones, or into none."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The direct children of that local name."""
    if element is not None:
        yield from (inner for inner in element if local_name(inner) == name)


def child(element: Element | None, *path: str) -> Element | None:
    """The first element down a path of local names, or None."""
    for name in path:
        element = next(children(element, name), None)
    return element


def descendants(element: Element | None, name: str) -> Iterator[Element]:
    """Every element of that local name at any depth."""
    if element is not None:
        yield from (inner for inner in element.iter() if local_name(inner) == name)


def text_of(element: Element | None) -> str:
    """Its text as one printable line in NFC, cut at 120 characters; empty where there is none."""
    told = (
        unicodedata.normalize("NFC", (element.text or "")[: 4 * LONGEST_TEXT]) if element is not None else ""
    )
    return "".join(letter for letter in " ".join(told.split()) if letter.isprintable())[:LONGEST_TEXT]


def text(element: Element | None, *path: str) -> str:
    """The text of `child(element, *path)`."""
    return text_of(child(element, *path))


def number(element: Element | None, *path: str) -> int | None:
    """The whole number at `child(element, *path)`; None where there is none. `1.0` counts as 1."""
    told = text(element, *path)
    if len(told) > LONGEST_NUMBER:
        return None
    try:
        return round(float(told))
    except (ValueError, OverflowError):
        return None
