"""The metadata once more as XML, for systems that read no JSON."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from sync.canonical import plain

NAMESPACE = "urn:sohoa:package:1"

_ELEMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# XML 1.0 §2.2: no other control characters, and no U+FFFE or U+FFFF.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def metadata_xml(metadata: Mapping[str, object]) -> bytes:
    """Return `metadata` as one XML document in UTF-8.

    A key becomes an element of its name, or `<entry name="…">` where it cannot be an element's name; a list
    becomes `<item>` elements; null is an element with nil="true". Characters that XML 1.0 cannot hold
    become U+FFFD: the JSON beside it is the exact form.
    """
    root = ET.Element("metadata", {"xmlns": NAMESPACE})
    _fill(root, plain(metadata))
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def _fill(element: ET.Element, value: object) -> None:
    if isinstance(value, dict):
        for key, item in sorted(value.items()):
            _fill(_child(element, key), item)
    elif isinstance(value, list):
        for item in value:
            _fill(ET.SubElement(element, "item"), item)
    elif value is None:
        element.set("nil", "true")
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    else:
        element.text = _NOT_XML.sub("\ufffd", str(value))


def _child(parent: ET.Element, key: str) -> ET.Element:
    if _ELEMENT_NAME.fullmatch(key) and not key.lower().startswith("xml"):
        return ET.SubElement(parent, key)
    return ET.SubElement(parent, "entry", {"name": _NOT_XML.sub("\ufffd", key)})
