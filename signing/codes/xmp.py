"""The code in the document's metadata (siêu dữ liệu XMP), within the predefined schemas.

The code stands in `dc:identifier`, its parts as `sohoa:Name=value` items of the bag `xmp:Identifier`. Both
properties are predefined for PDF/A-2 (ISO 19005-2 §6.6.2.3), so they need no extension schema and every
validator accepts them, also those that refuse extension schemas altogether. Whatever else stands in the
packet stays.
"""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import (
    Element,
    SubElement,
    indent,
    register_namespace,
    tostring,
)

from signing.errors import SigningError, SigningFault

MARK = "sohoa:"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PREFIXES = {"x": "adobe:ns:meta/", "rdf": _RDF, "xmp": _XMP, "dc": _DC}
_CODE = f"{{{_DC}}}identifier"
_PARTS = f"{{{_XMP}}}Identifier"
_BAG = f"{{{_RDF}}}Bag"
_ITEM = f"{{{_RDF}}}li"
_DESCRIPTION = f"{{{_RDF}}}Description"
_ABOUT = f"{{{_RDF}}}about"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_OWN_PREFIX = re.compile(r"ns\d+")


def check_parts(parts: Mapping[str, str]) -> None:
    """Raise ValueError for a name that isn't a plain word or a value that XML can't carry."""
    for name, value in parts.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name for a part of a code: {name!r}")
        if any(unicodedata.category(letter) in {"Cc", "Cs", "Cn"} for letter in value):
            raise ValueError(f"the value of {name!r} can't stand in XML")


def with_code(packet: bytes, code: str, parts: Mapping[str, str]) -> bytes:
    """The XMP packet with the code and its parts, in place of those that stood there.

    Raises `sign.pdf-broken` for a packet that isn't XMP.
    """
    holder, root = _rdf_in(packet)
    about = next((one.get(_ABOUT, "") for one in holder if one.tag == _DESCRIPTION), "")
    others = [item for item in _items(holder) if not item.startswith(MARK)]
    _forget(holder)
    description = SubElement(holder, _DESCRIPTION, {_ABOUT: about})
    SubElement(description, _CODE).text = unicodedata.normalize("NFC", code)
    ours = [f"{MARK}{name}={unicodedata.normalize('NFC', parts[name])}" for name in parts]
    if others or ours:
        bag = SubElement(SubElement(description, _PARTS), _BAG)
        for item in (*others, *ours):
            SubElement(bag, _ITEM).text = item
    indent(root)
    head = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return head + body + b'\n<?xpacket end="w"?>'


def code_in(packet: bytes) -> tuple[str, dict[str, str]]:
    """The code and its parts that stand in a packet; an empty code without one."""
    holder, _ = _rdf_in(packet)
    code = next((text for text in _codes(holder) if text), "")
    ours = (item.removeprefix(MARK) for item in _items(holder) if item.startswith(MARK))
    return code, dict(item.split("=", 1) for item in ours if "=" in item)


def code_of(pdf: Path) -> tuple[str, dict[str, str]]:
    """The code and its parts in a file's metadata; an empty code without one. Raises as `code_in`, and
    `sign.pdf-missing`, `sign.pdf-broken` for a file that can't be opened."""
    import pikepdf

    try:
        with pikepdf.open(pdf) as document:
            held = document.Root.get("/Metadata")
            return code_in(bytes(held.read_bytes())) if held is not None else ("", {})
    except FileNotFoundError as error:
        raise SigningError(SigningFault.PDF_MISSING) from error
    except pikepdf.PdfError as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason="not opened") from error


def _rdf_in(packet: bytes) -> tuple[Element, Element]:
    """The rdf:RDF element and the root. Prefixes keep the names they have in the packet."""
    from defusedxml import ElementTree as SafeTree
    from defusedxml.common import DefusedXmlException

    try:
        for _, (prefix, uri) in SafeTree.iterparse(io.BytesIO(packet), events=("start-ns",)):
            if prefix and not _OWN_PREFIX.fullmatch(prefix):
                register_namespace(prefix, uri)
        root = SafeTree.fromstring(packet)
    except (SafeTree.ParseError, DefusedXmlException, ValueError) as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason="metadata") from error
    for prefix, uri in _PREFIXES.items():
        register_namespace(prefix, uri)
    holder = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f"{{{_RDF}}}RDF")
    if holder is None:
        raise SigningError(SigningFault.PDF_BROKEN, reason="metadata")
    return holder, root


def _codes(holder: Element) -> Iterator[str]:
    for description in holder:
        yield description.get(_CODE, "")
        yield description.findtext(_CODE) or ""


def _items(holder: Element) -> list[str]:
    path = f"{_DESCRIPTION}/{_PARTS}/{_BAG}/{_ITEM}"
    return [item.text for item in holder.findall(path) if item.text]


def _forget(holder: Element) -> None:
    """Take the earlier code and identifiers out."""
    for description in list(holder):
        description.attrib.pop(_CODE, None)
        for tag in (_CODE, _PARTS):
            for child in description.findall(tag):
                description.remove(child)
