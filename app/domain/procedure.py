"""Administrative procedures with the components that a dossier consists of (thủ tục hành chính)."""

import re
from dataclasses import dataclass
from enum import StrEnum

_CODE = re.compile(r"[1-9]\.\d{6}")


class Decision(StrEnum):
    """What happens to a component at reception (quyết định với thành phần)."""

    SCAN = "scan"  # quét
    LOOKUP = "lookup"  # tra cơ sở dữ liệu
    SHOW_ONLY = "show-only"  # chỉ xuất trình, không quét


@dataclass(frozen=True)
class ComponentKind:
    """One line of a procedure's checklist (thành phần hồ sơ)."""

    key: str
    name: str
    paper_type: str
    decision: Decision
    condition: str = ""


@dataclass(frozen=True)
class Procedure:
    """A procedure of the national catalogue (thủ tục), by its code such as `1.001193`.

    `profile` names the scan profile that its papers ask for, if any.
    """

    code: str
    name: str
    field: str
    components: tuple[ComponentKind, ...]
    retention: str = ""
    profile: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"not a procedure code: {self.code}")

    def component(self, key: str) -> ComponentKind | None:
        """The checklist line with this key, if the procedure has it."""
        return next((kind for kind in self.components if kind.key == key), None)
