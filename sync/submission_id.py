"""The name of one delivery: a ULID minted when the dossier is sealed (mã lượt gửi)."""

import re

# Crockford's alphabet has no I, L, O, U; a first digit above 7 would not fit 128 bits.
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_submission_id() -> str:
    """Mint a ULID: 26 characters, sortable by time of minting."""
    from ulid import ULID

    return str(ULID())


def is_submission_id(text: str) -> bool:
    """Tell whether `text` is a ULID in its one canonical spelling (upper case)."""
    return _ULID.fullmatch(text) is not None
