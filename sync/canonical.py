"""JSON in one spelling, so that equal values have equal bytes to hash and to sign."""

import json
import math
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime


def canonical_json(value: object) -> bytes:
    """Return `value` as UTF-8 JSON: sorted keys, no blanks, NFC text, no escapes beyond the needed.

    For text and whole numbers this is the form of RFC 8785. Dates are written in ISO 8601.
    Raises ValueError for what JSON cannot hold (NaN, keys that are not text, naive times).
    """
    return json.dumps(
        plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode("utf-8")


def readable_json(value: object) -> bytes:
    """Return `value` as UTF-8 JSON for people: sorted keys, two blanks of indent, a last newline."""
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, indent=2)
    return (text + "\n").encode("utf-8")


def plain(value: object) -> object:
    """Return `value` made of dict, list, str, int, float, bool and None alone, its text in NFC."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("JSON has no infinite numbers")
        return float(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise ValueError(f"JSON cannot hold a {type(value).__name__}")


def _plain_mapping(mapping: Mapping[object, object]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, item in mapping.items():
        if not isinstance(key, str):
            raise ValueError("a key that is not text")
        name = _text(key)
        if name in result:
            raise ValueError("two keys that are one in NFC")
        result[name] = plain(item)
    return result


def _text(value: str) -> str:
    # A lone surrogate has no UTF-8 form; it would otherwise fail far from here.
    return unicodedata.normalize("NFC", value).encode("utf-8", "replace").decode("utf-8")
