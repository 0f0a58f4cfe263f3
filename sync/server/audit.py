"""Checking the intake's audit chain against its receipts and its decisions (kiểm tra nhật ký)."""

import hashlib
import json
from collections.abc import Mapping

from sync.errors import SyncError
from sync.receipt import Receipt, verify_receipt
from sync.server.chain import GENESIS, link
from sync.server.ledger import Ledger
from sync.server.records import ACCEPTED, DONE, PROCESSING, REJECTED

_PAGE = 500


class _Chain:
    """What the entries say, as they are walked: heads, acceptances in order, the last words."""

    def __init__(self) -> None:
        self.heads = [GENESIS]
        self.accepted: list[tuple[int, str]] = []
        self.decided: dict[str, tuple[int, str, str]] = {}

    def take(self, number: int, entry: Mapping[str, object]) -> None:
        """Take one entry in."""
        if entry["event"] == ACCEPTED:
            self.accepted.append((number, str(entry["receipt_id"])))
        elif entry["event"] in (DONE, REJECTED):
            digest = str(entry["decision_sha256"])
            self.decided[str(entry["submission_id"])] = (number, str(entry["event"]), digest)


def first_break(ledger: Ledger) -> int | None:
    """Return the number of the first audit row that is wrong or missing, or None when all is well.

    A row is wrong when its number or its hash does not follow; when the submission that it accepts is gone,
    has a receipt that is not signed by this intake, names another entry, or saw another head; when the
    submission that it decides holds another decision. A row is missing when a submission points behind the
    end (a tail cut off), or has a decision that no row speaks of.
    """
    chain = _Chain()
    while rows := ledger.audit_rows(after=len(chain.heads) - 1, limit=_PAGE):
        for row in rows:
            number = len(chain.heads)
            if row.number != number or row.hash != link(chain.heads[-1], row.entry.encode("utf-8")):
                return number
            chain.heads.append(row.hash)
            chain.take(number, json.loads(row.entry))
    return _first_unmatched(ledger, chain)


def _first_unmatched(ledger: Ledger, chain: _Chain) -> int | None:
    keys = ledger.signing_keys()
    expected = iter(chain.accepted)
    broken: list[int] = []
    last = 0
    while page := ledger.accepted_in_order(after=last, limit=_PAGE):
        for found in page:
            number = found.audit_number
            entry_number, receipt_id = next(expected, (len(chain.heads), ""))
            if number != entry_number or not _is_true(
                found.receipt, receipt_id, chain.heads[number - 1], keys
            ):
                return min([number, entry_number, *broken])
            decision = chain.decided.pop(found.id, (number, ACCEPTED, ""))
            if decision != _decision(found.last_number, found.state, found.decision):
                broken.append(max(decision[0], number))
            last = number
    missing = next(expected, None)
    return min([*broken, *([missing[0]] if missing else [])], default=None)


def _decision(last_number: int, state: str, decision: str) -> tuple[int, str, str]:
    state = ACCEPTED if state == PROCESSING else state
    return last_number, state, hashlib.sha256(decision.encode("utf-8")).hexdigest() if decision else ""


def _is_true(text: str, receipt_id: str, head: str, keys: Mapping[str, str]) -> bool:
    try:
        receipt = Receipt.from_json(text)
        verify_receipt(receipt, keys.get(receipt.key_id, "").encode("ascii"))
    except SyncError:
        return False
    return (receipt.receipt_id, receipt.intake_head) == (receipt_id, head)
