"""One sealed package that waits for the province (gói chờ gửi)."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.states import Synchronisation


@dataclass(frozen=True)
class OutboxEntry:
    """A row of the outbox (hộp gửi): what is to be sent, how often it was tried, and what came back."""

    submission_id: str
    dossier_id: str
    dossier_code: str
    package: str
    package_bytes: int
    state: Synchronisation
    queued_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    last_error: str | None = None
    upload_state: str | None = None
    receipt: str | None = None
