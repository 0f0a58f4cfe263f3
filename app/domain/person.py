"""The applicant: who hands the papers in (người nộp hồ sơ)."""

import re
from dataclasses import dataclass

from app.domain.text import nfc

_PERSONAL_ID = re.compile(r"\d{12}")
_OLD_ID = re.compile(r"\d{9}")


@dataclass(frozen=True)
class Person:
    """An applicant by full name (họ và tên) and personal number (số định danh), which may be missing."""

    full_name: str
    personal_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "full_name", nfc(" ".join(self.full_name.split())))
        digits = re.sub(r"\s", "", self.personal_id)
        object.__setattr__(self, "personal_id", digits)
        if digits and not (_PERSONAL_ID.fullmatch(digits) or _OLD_ID.fullmatch(digits)):
            raise ValueError("a personal number has 12 digits (9 on old cards)")


def masked(number: str) -> str:
    """A personal number as lists show it: province and last three digits only, e.g. `011******234`."""
    if len(number) < 7:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 6) + number[-3:]
