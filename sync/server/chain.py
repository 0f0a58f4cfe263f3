"""How the audit chain is linked: each entry's hash covers the one before (chuỗi nhật ký kiểm toán)."""

import hashlib
from collections.abc import Mapping

from sync.canonical import canonical_json
from sync.server.records import AuditRow

GENESIS = "0" * 64
"""The hash before the first entry."""


def next_row(last: AuditRow | None, entry: Mapping[str, object]) -> AuditRow:
    """Return the row that follows `last`: hash = SHA-256(hash before ‖ canonical JSON of the entry)."""
    text = canonical_json(entry)
    before = GENESIS if last is None else last.hash
    return AuditRow(
        number=1 if last is None else last.number + 1,
        entry=text.decode("utf-8"),
        hash=link(before, text),
    )


def link(before: str, entry: bytes) -> str:
    """Return the hash (hex) of an entry (canonical JSON) that follows the hash `before`."""
    return hashlib.sha256(bytes.fromhex(before) + entry).hexdigest()
