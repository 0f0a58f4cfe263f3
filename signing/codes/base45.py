"""Bytes in the alphabet that QR symbols pack tightest (RFC 9285, base45)."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}


def encoded(data: bytes) -> str:
    """Three letters for two bytes, two for a last one."""
    letters = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, value = divmod(number, 45)
            letters.append(_LETTERS[value])
    return "".join(letters)


def decoded(text: str) -> bytes:
    """The bytes of a base45 text. Raises ValueError for anything else."""
    if len(text) % 3 == 1 or any(letter not in _VALUES for letter in text):
        raise ValueError("no base45")
    data = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        number = sum(_VALUES[letter] * 45**place for place, letter in enumerate(group))
        data += number.to_bytes(len(group) - 1, "big") if number < 256 ** (len(group) - 1) else _overflow()
    return bytes(data)


def _overflow() -> bytes:
    raise ValueError("no base45")
