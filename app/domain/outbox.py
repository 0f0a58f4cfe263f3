"""One sealed package that waits for the province (gói chờ gửi)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from app.domain.states import Synchronisation


class Priority(IntEnum):
    """Which package goes first (mức ưu tiên); an urgent one interrupts another within one chunk."""

    BACKLOG = -10  # hồ sơ tồn, gửi khi rảnh
    NORMAL = 0
    URGENT = 10  # gửi trước


@dataclass(frozen=True)
class OutboxEntry:
    """A row of the outbox (hộp gửi): what is to be sent, how often it was tried, and what came back.

    `error_facts` and `verdict` are JSON; `ask_at` is when the province is asked next what became of it;
    `erased_at` is when the package's local copies went, days after its verified receipt.
    """

    submission_id: str
    dossier_id: str
    dossier_code: str
    package: str
    package_bytes: int
    state: Synchronisation
    queued_at: datetime
    priority: Priority = Priority.NORMAL
    attempts: int = 0
    next_try_at: datetime | None = None
    last_error: str | None = None
    error_facts: str | None = None
    upload_state: str | None = None
    receipt: str | None = None
    delivered_at: datetime | None = None
    verdict: str | None = None
    ask_at: datetime | None = None
    erased_at: datetime | None = None
