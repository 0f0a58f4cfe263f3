"""The intake's audit chain: each entry's hash covers the one before, so nothing can be taken out unseen."""

import hashlib
import json
from collections.abc import Mapping

from sync.canonical import canonical_json
from sync.errors import SyncError
from sync.receipt import Receipt, verify_receipt
from sync.server.ledger import AuditRow, Ledger

GENESIS = "0" * 64
"""The hash before the first entry."""

ACCEPTED = "accepted"
"""The event, and the state, of a package that was taken in."""

_PAGE = 500


def next_row(last: AuditRow | None, entry: Mapping[str, object]) -> AuditRow:
    """Return the row that follows `last`: hash = SHA-256(hash before ‖ canonical JSON of the entry)."""
    text = canonical_json(entry)
    before = GENESIS if last is None else last.hash
    return AuditRow(
        number=1 if last is None else last.number + 1,
        entry=text.decode("utf-8"),
        hash=_link(before, text),
    )


def first_break(ledger: Ledger) -> int | None:
    """Return the number of the first audit row that is wrong or missing, or None when all is well.

    A row is wrong when its number or its hash does not follow; when the submission that it accepts is gone,
    or has a receipt that is not signed by this intake, names another entry, or saw another head; and a row is
    missing when a submission points behind the end (a tail cut off).
    """
    heads = [GENESIS]
    accepted: list[tuple[int, str]] = []
    while rows := ledger.audit_rows(after=len(heads) - 1, limit=_PAGE):
        for row in rows:
            if row.number != len(heads) or row.hash != _link(heads[-1], row.entry.encode("utf-8")):
                return len(heads)
            heads.append(row.hash)
            entry = json.loads(row.entry)
            if entry["event"] == ACCEPTED:
                accepted.append((row.number, entry["receipt_id"]))
    return _first_unmatched(ledger, heads, accepted)


def _first_unmatched(ledger: Ledger, heads: list[str], accepted: list[tuple[int, str]]) -> int | None:
    keys = ledger.signing_keys()
    expected = iter(accepted)
    last = 0
    while page := ledger.receipts_with_audit_number(after=last, limit=_PAGE):
        for number, text in page:
            entry_number, receipt_id = next(expected, (len(heads), ""))
            if number != entry_number or not _is_true(text, receipt_id, heads[number - 1], keys):
                return min(number, entry_number)
            last = number
    return next(expected, (None, ""))[0]


def _is_true(text: str, receipt_id: str, head: str, keys: Mapping[str, str]) -> bool:
    try:
        receipt = Receipt.from_json(text)
        verify_receipt(receipt, keys.get(receipt.key_id, "").encode("ascii"))
    except SyncError:
        return False
    return (receipt.receipt_id, receipt.intake_head) == (receipt_id, head)


def _link(before: str, entry: bytes) -> str:
    return hashlib.sha256(bytes.fromhex(before) + entry).hexdigest()
