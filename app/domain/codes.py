"""Codes that papers carry: document code, temporary dossier code, separator sheet (mã giấy tờ).

Document code (mã tài liệu): owner agency, paper type, sequence, version — `H18.19_TK_000021_V1`,
after CV 7197/BKHCN-CĐSQG. The dossier code (mã hồ sơ) is issued by the province's server only;
until it answers, a dossier carries a temporary code that can never be mistaken for an official one.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from app.domain.text import nfc

_AGENCY = r"[A-Y]\d{2}(?:\.[0-9A-Z]+)*"
_DOCUMENT = re.compile(rf"({_AGENCY})_([A-ZĐ]{{1,8}})_(\d{{6,10}})_V([1-9]\d{{0,3}})")
_DOSSIER = re.compile(rf"((?:\d{{3}}\.\d{{2}}\.\d{{2}}\.[A-Z]\d{{2}})|{_AGENCY})-(\d{{6}})-(\d{{4,10}})")
_SEPARATOR = re.compile(r"SOHOA:TACH:1:([0-9A-Z][0-9A-Za-z.]{0,63})")


class CodeError(ValueError):
    """A text is not the code it should be, or a part does not fit the code's rules."""


@dataclass(frozen=True)
class DocumentCode:
    """A document code with its parts; `str()` gives the printed form."""

    agency: str
    paper_type: str
    sequence: int
    version: int = 1

    def __post_init__(self) -> None:
        if len(self.agency) > 35 or not _DOCUMENT.fullmatch(str(self)):
            raise CodeError(str(self))

    def __str__(self) -> str:
        return nfc(f"{self.agency}_{self.paper_type}_{self.sequence:06d}_V{self.version}")

    @classmethod
    def parse(cls, text: str) -> "DocumentCode":
        """The code that `text` is. Raises CodeError."""
        found = _DOCUMENT.fullmatch(nfc(text.strip()))
        if not found:
            raise CodeError(text)
        return cls(found[1], found[2], int(found[3]), int(found[4]))

    def file_name(self, day: datetime) -> str:
        """The file name `CODE_YYYYMMDD.pdf`, in ASCII and without personal data."""
        ascii_code = str(self).replace("Đ", "D")
        return f"{ascii_code}_{day:%Y%m%d}.pdf"


def temporary_dossier_code(station: str, ulid: str) -> str:
    """A local code (mã tạm) for a dossier the server has not numbered yet: `TMP-<station>-<ULID>`."""
    if not re.fullmatch(r"[0-9A-Za-z]{1,16}", station):
        raise CodeError(station)
    return f"TMP-{station}-{ulid}"


def is_dossier_code(text: str) -> bool:
    """True for an official dossier code with a real calendar date, e.g. `H18.19-260520-0001`."""
    found = _DOSSIER.fullmatch(text.strip().upper().replace("–", "-"))
    if not found:
        return False
    try:
        datetime.strptime(found[2], "%y%m%d")  # noqa: DTZ007 - a calendar check, no moment in time
    except ValueError:
        return False
    return True


def separator_text(component_key: str) -> str:
    """What the QR of a separator sheet (tờ phân tách) says for the component `component_key`."""
    text = f"SOHOA:TACH:1:{component_key}"
    if not _SEPARATOR.fullmatch(text):
        raise CodeError(component_key)
    return text


def separator_key(text: str) -> str | None:
    """The component key on a separator sheet's QR, or None when the QR is something else."""
    found = _SEPARATOR.fullmatch(text.strip())
    return found[1] if found else None
