"""The signed seal (dấu xác thực): a paper's main data in a QR symbol, signed with the agency's own key.

A printed copy is scanned again and compared with what the seal says, without any network. The seal is
evidence of what the agency gave out, not a statutory signature. Its text has at most 267 letters of the QR
alphabet, which a symbol of 20 mm carries through print, blur and a skew of 4°.

Text: `SH1:` and base45 of: one byte 1, four bytes of the key's name, the data deflated with a dictionary of
Vietnamese office words, 64 bytes of Ed25519 signature (RFC 8032) over all before it.
"""

import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from signing.codes import base45
from signing.codes.seal_keys import SealKey, TrustedSealKey
from signing.errors import SigningError, SigningFault

MARK = "SH1:"
MOST_LETTERS = 267
FIELDS = ("code", "number", "date", "kind", "signer", "agency", "pages", "subject")
"""What a seal may hold, in this order: number with notation, date as dd/MM/yyyy, pages as digits."""

_FORMAT = b"\x01"
_KEY_BYTES = 4
_SIGNATURE_BYTES = 64
_CONTEXT = b"sohoa seal 1\x00"
_BETWEEN = "\x1f"
_CUT = "…"
_LARGEST_BODY = 4096
# What most papers say, the commonest last: deflate then needs a few bits for it. Never changed: the seals
# that are out there were made with it.
_WORDS = (
    "công văn thông báo kế hoạch báo cáo tờ trình biên bản nghị quyết chỉ thị giấy xác nhận giấy chứng nhận "
    "trung tâm phục vụ hành chính công văn phòng công bố danh mục thủ tục hành chính được sửa đổi, bổ sung "
    "trong lĩnh vực thuộc thẩm quyền giải quyết của phê duyệt ban hành về việc ỦY BAN NHÂN DÂN TỈNH HUYỆN XÃ "
    "PHƯỜNG SỞ HỘI ĐỒNG NHÂN DÂN Nguyễn Thị Trần Văn Lê Phạm Hoàng Quyết định Công văn Thông báo Kế hoạch "
    "/QĐ-UBND/TB-UBND/UBND-VX/KH-UBND/2024/2025/2026/2027_QĐ_0000_V1H18.\x1f"
).encode()


class SealState(StrEnum):
    """What is to be thought of a seal."""

    GENUINE = "genuine"
    """Signed by a key that is trusted (thật)."""
    FORGED = "forged"
    """The signature doesn't fit: made up or changed (giả)."""
    UNKNOWN_KEY = "unknown-key"
    """Signed by a key that isn't among the trusted ones: nothing can be said (chưa rõ khóa)."""


class Verdict(StrEnum):
    """What comparing a field of the seal with the paper gave."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_READ = "not-read"
    """The paper's field couldn't be read: somebody has to look."""


@dataclass(frozen=True)
class OpenedSeal:
    """A seal that was read: its state, the name of its key (hex), what it says; fields only when genuine."""

    state: SealState
    key: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Comparison:
    """One field: what the seal says, what the paper says."""

    field: str
    sealed: str
    found: str | None
    verdict: Verdict


def sealed_text(fields: Mapping[str, str], key: SealKey) -> str:
    """The text of the seal of these fields, NFC; a subject that is too long is cut, with … at its end.

    Raises `sign.code-too-long` when the other fields alone don't fit; ValueError for unknown or odd fields.
    """
    if not set(fields) <= set(FIELDS) or any(_is_odd(value) for value in fields.values()):
        raise ValueError("fields that a seal can't hold")
    told = {name: unicodedata.normalize("NFC", fields.get(name, "")).strip() for name in FIELDS}
    subject = told["subject"]
    low, high = 0, len(subject)
    best = _text({**told, "subject": subject}, key)
    if len(best) <= MOST_LETTERS:
        return best
    best = ""
    while low <= high:  # the longest beginning that fits
        middle = (low + high) // 2
        text = _text({**told, "subject": subject[:middle].rstrip() + _CUT}, key)
        if len(text) <= MOST_LETTERS:
            best, low = text, middle + 1
        else:
            high = middle - 1
    if not best:
        raise SigningError(SigningFault.CODE_TOO_LONG, characters=len(_text({**told, "subject": ""}, key)))
    return best


def is_seal(text: str) -> bool:
    """Whether a symbol's text claims to be a seal."""
    return text.startswith(MARK)


def open_seal(text: str, trusted: Iterable[TrustedSealKey]) -> OpenedSeal:
    """What a seal says, and whether to believe it. Raises `sign.seal-broken` for what is no seal at all."""
    body = _body(text)
    if len(body) <= len(_FORMAT) + _KEY_BYTES + _SIGNATURE_BYTES or not body.startswith(_FORMAT):
        raise SigningError(SigningFault.SEAL_BROKEN)
    signed, signature = body[:-_SIGNATURE_BYTES], body[-_SIGNATURE_BYTES:]
    name = signed[len(_FORMAT) : len(_FORMAT) + _KEY_BYTES]
    keys = [key for key in trusted if key.name == name]
    if not keys:
        return OpenedSeal(SealState.UNKNOWN_KEY, name.hex(), {})
    if not any(key.verifies(signature, _CONTEXT + signed) for key in keys):
        return OpenedSeal(SealState.FORGED, name.hex(), {})
    values = _inflated(signed[len(_FORMAT) + _KEY_BYTES :]).split(_BETWEEN)
    return OpenedSeal(
        SealState.GENUINE,
        name.hex(),
        {field: value for field, value in zip(FIELDS, values, strict=False) if value},
    )


def compared(sealed: Mapping[str, str], found: Mapping[str, str | None]) -> list[Comparison]:
    """The fields of a genuine seal beside those of the paper, in the seal's order.

    Numbers, dates and codes have to be equal; names and subjects may differ in marks, case and a letter in
    ten, as readings do.
    """
    return [
        Comparison(name, sealed[name], found.get(name), _verdict(name, sealed[name], found.get(name)))
        for name in FIELDS
        if name in sealed
    ]


def _verdict(name: str, sealed: str, found: str | None) -> Verdict:
    if not found:
        return Verdict.NOT_READ
    if name in ("code", "date", "pages"):
        return Verdict.SAME if sealed == found.strip() else Verdict.DIFFERENT
    one, other = _skeleton(sealed.removesuffix(_CUT)), _skeleton(found)
    if name == "number":
        return Verdict.SAME if one == other else Verdict.DIFFERENT
    if sealed.endswith(_CUT):
        other = other[: len(one)]
    return Verdict.SAME if _distance(one, other) <= len(one) // 10 else Verdict.DIFFERENT


def _skeleton(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isalnum())


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, against in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != against))
    return row[-1]


def _text(fields: Mapping[str, str], key: SealKey) -> str:
    body = _BETWEEN.join(fields[name] for name in FIELDS).rstrip(_BETWEEN)
    signed = _FORMAT + key.name + _deflated(body.encode())
    return MARK + base45.encoded(signed + key.sign(_CONTEXT + signed))


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return packer.compress(data) + packer.flush()


def _inflated(data: bytes) -> str:
    unpacker = zlib.decompressobj(-15, _WORDS)
    try:
        plain = unpacker.decompress(data, _LARGEST_BODY)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise SigningError(SigningFault.SEAL_BROKEN)
        return plain.decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise SigningError(SigningFault.SEAL_BROKEN) from error


def _body(text: str) -> bytes:
    try:
        if not is_seal(text):
            raise ValueError("no mark")
        return base45.decoded(text.removeprefix(MARK))
    except ValueError as error:
        raise SigningError(SigningFault.SEAL_BROKEN) from error


def _is_odd(value: str) -> bool:
    return any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value)
