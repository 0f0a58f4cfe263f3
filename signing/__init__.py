"""PDF → coded, signed, time-stamped, verified PDF (ký số và mã tài liệu).

    from pathlib import Path
    import signing

    token = signing.Pkcs11Token(signing.find_module())
    with token.open(pin) as session:                       # one PIN for the whole batch
        signing.sign_pdf(Path("a.pdf"), Path("a.signed.pdf"), session,
                         appearance=signing.ClerkBlock("Lò Thị Ví Dụ", now), timestamp=None)
    for finding in signing.verify_pdf(Path("a.signed.pdf")):
        print(finding.integrity, finding.chain, finding.why)

One process sees one SoftHSM configuration at a time; see `signing.tokens.module`. `signing.training` makes
a training room's own CA, token and time-stamp service.
"""

import importlib
from typing import TYPE_CHECKING

from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from signing.appearance.block import Block, ClerkBlock, Spot, block
    from signing.appearance.kinds import kinds as appearance_kinds
    from signing.assurance import Assurance, KnownChain, KnownRevocation, SignerStatus
    from signing.batch import BatchItem, BatchPlan, BatchResult, Outcome, batch_items, sign_batch
    from signing.certificates import expiry_of, holder_of
    from signing.codes.labels import LabelItem, LabelSheet, label_sheets, print_labels
    from signing.codes.seal import (
        Comparison,
        OpenedSeal,
        SealState,
        Verdict,
        compared,
        is_seal,
        open_seal,
        sealed_text,
    )
    from signing.codes.seal_keys import (
        SealKey,
        TrustedSealKey,
        load_seal_key,
        new_seal_key,
        trusted_seal_keys,
    )
    from signing.codes.sheets import SheetItem, code_sheets, separator_sheets
    from signing.codes.stamp import CodeStamp, StampResult, stamp_code
    from signing.codes.xmp import code_of
    from signing.level import Level
    from signing.longterm import ExtendedResult, extend_pdf, standing_level
    from signing.pades import SignedResult, sign_pdf
    from signing.stamp_queue import Owed, StampQueue
    from signing.timestamps import RestingStamps, Stamps, TimestampService
    from signing.tokens.contract import PinState, Token, TokenSession
    from signing.tokens.fake import FakeToken
    from signing.tokens.finding import FoundToken, find_tokens
    from signing.tokens.module import find_module, installed_modules
    from signing.tokens.pkcs11 import Pkcs11Token
    from signing.tokens.pkcs12 import Pkcs12Token
    from signing.tokens.remote import RemoteToken
    from signing.verify.finding import SignatureFinding
    from signing.verify.verifying import verify_pdf

_HOMES = {
    "Assurance": "signing.assurance",
    "BatchItem": "signing.batch",
    "BatchPlan": "signing.batch",
    "BatchResult": "signing.batch",
    "Block": "signing.appearance.block",
    "ClerkBlock": "signing.appearance.block",
    "CodeStamp": "signing.codes.stamp",
    "Comparison": "signing.codes.seal",
    "ExtendedResult": "signing.longterm",
    "FakeToken": "signing.tokens.fake",
    "FoundToken": "signing.tokens.finding",
    "KnownChain": "signing.assurance",
    "KnownRevocation": "signing.assurance",
    "LabelItem": "signing.codes.labels",
    "LabelSheet": "signing.codes.labels",
    "Level": "signing.level",
    "OpenedSeal": "signing.codes.seal",
    "Outcome": "signing.batch",
    "Owed": "signing.stamp_queue",
    "PinState": "signing.tokens.contract",
    "Pkcs11Token": "signing.tokens.pkcs11",
    "Pkcs12Token": "signing.tokens.pkcs12",
    "RemoteToken": "signing.tokens.remote",
    "SealKey": "signing.codes.seal_keys",
    "SealState": "signing.codes.seal",
    "RestingStamps": "signing.timestamps",
    "SheetItem": "signing.codes.sheets",
    "SignatureFinding": "signing.verify.finding",
    "SignedResult": "signing.pades",
    "SignerStatus": "signing.assurance",
    "Spot": "signing.appearance.block",
    "StampQueue": "signing.stamp_queue",
    "StampResult": "signing.codes.stamp",
    "Stamps": "signing.timestamps",
    "TimestampService": "signing.timestamps",
    "Token": "signing.tokens.contract",
    "TokenSession": "signing.tokens.contract",
    "TrustedSealKey": "signing.codes.seal_keys",
    "Verdict": "signing.codes.seal",
    "appearance_kinds": "signing.appearance.kinds",
    "batch_items": "signing.batch",
    "block": "signing.appearance.block",
    "code_of": "signing.codes.xmp",
    "code_sheets": "signing.codes.sheets",
    "compared": "signing.codes.seal",
    "expiry_of": "signing.certificates",
    "extend_pdf": "signing.longterm",
    "find_module": "signing.tokens.module",
    "find_tokens": "signing.tokens.finding",
    "holder_of": "signing.certificates",
    "installed_modules": "signing.tokens.module",
    "is_seal": "signing.codes.seal",
    "label_sheets": "signing.codes.labels",
    "load_seal_key": "signing.codes.seal_keys",
    "new_seal_key": "signing.codes.seal_keys",
    "open_seal": "signing.codes.seal",
    "print_labels": "signing.codes.labels",
    "sealed_text": "signing.codes.seal",
    "separator_sheets": "signing.codes.sheets",
    "sign_batch": "signing.batch",
    "sign_pdf": "signing.pades",
    "stamp_code": "signing.codes.stamp",
    "standing_level": "signing.longterm",
    "trusted_seal_keys": "signing.codes.seal_keys",
    "verify_pdf": "signing.verify.verifying",
}

_OWN_NAMES = {"appearance_kinds": "kinds"}
"""What a few are called at home."""

__all__ = [
    "Assurance",
    "BatchItem",
    "BatchPlan",
    "BatchResult",
    "Block",
    "ClerkBlock",
    "CodeStamp",
    "Comparison",
    "ExtendedResult",
    "FakeToken",
    "FoundToken",
    "KnownChain",
    "KnownRevocation",
    "LabelItem",
    "LabelSheet",
    "Level",
    "OpenedSeal",
    "Outcome",
    "Owed",
    "PinState",
    "Pkcs11Token",
    "Pkcs12Token",
    "RemoteToken",
    "RestingStamps",
    "SealKey",
    "SealState",
    "SheetItem",
    "SignatureFinding",
    "SignedResult",
    "SignerStatus",
    "SigningError",
    "SigningFault",
    "Spot",
    "StampQueue",
    "StampResult",
    "Stamps",
    "TimestampService",
    "Token",
    "TokenSession",
    "TrustedSealKey",
    "Verdict",
    "appearance_kinds",
    "batch_items",
    "block",
    "code_of",
    "code_sheets",
    "compared",
    "expiry_of",
    "extend_pdf",
    "find_module",
    "find_tokens",
    "holder_of",
    "installed_modules",
    "is_seal",
    "label_sheets",
    "load_seal_key",
    "new_seal_key",
    "open_seal",
    "print_labels",
    "sealed_text",
    "separator_sheets",
    "sign_batch",
    "sign_pdf",
    "stamp_code",
    "standing_level",
    "trusted_seal_keys",
    "verify_pdf",
]


def __getattr__(name: str) -> object:
    """Import the room behind a name on first use, so that importing `signing` itself stays cheap."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), _OWN_NAMES.get(name, name))
    if name == "training":
        return importlib.import_module("signing.training")
    raise AttributeError(name)
