"""Looking after the outbox from outside the counter: list it, send what waits (hộp gửi)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import sync
from app.domain.errors import StationError
from app.domain.outbox import OutboxEntry
from app.domain.states import Synchronisation
from app.messages import CodedError
from app.settings import Settings
from app.store import Store
from app.workflow.configured import configured_intake
from app.workflow.deliver import deliver, due
from app.workflow.happenings import Tell
from app.workflow.intake import local_intake
from app.workflow.station import Desk


@dataclass(frozen=True)
class Outcome:
    """What became of one entry that was due."""

    entry: OutboxEntry
    error: CodedError | None


def entries(settings: Settings) -> list[OutboxEntry]:
    """All entries of the outbox, oldest first; a station that was never used has none."""
    if not (settings.work_folder() / "sohoa.db").is_file():
        return []
    with Store(settings.work_folder()) as store:
        return store.outbox.entries()


def send_due(
    settings: Settings, *, everything: bool, stopped: Callable[[], bool], tell: Tell
) -> list[Outcome]:
    """Tries every entry that is due, or with `everything` also those that wait or are stuck."""
    outcomes = []
    with _desk(settings) as desk:
        waiting = due(desk)
        if everything:
            waiting = [e for e in desk.store.outbox.entries() if e.state is not Synchronisation.DELIVERED]
        for entry in waiting:
            try:
                deliver(desk, entry.submission_id, stopped=stopped, tell=tell)
                outcomes.append(Outcome(desk.store.outbox.get(entry.submission_id), None))
            except (sync.SyncError, StationError) as error:
                outcomes.append(Outcome(desk.store.outbox.get(entry.submission_id), error))
    return outcomes


@contextmanager
def _desk(settings: Settings) -> Iterator[Desk]:
    """A desk that can send: to the province's server, or in training to the intake beside it."""
    folder = settings.work_folder()
    with ExitStack() as closing:
        store = closing.enter_context(Store(folder))
        closing.enter_context(store.work_lock())
        if settings.training:
            url = closing.enter_context(local_intake(folder / "intake"))
            yield Desk(store=store, settings=settings, intake=lambda: sync.IntakeClient(url), training=True)
        else:
            yield Desk(store=store, settings=settings, intake=lambda: configured_intake(settings))
