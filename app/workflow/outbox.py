"""Looking after the outbox from outside the counter: list, send, put right, carry on a drive (hộp gửi)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sync
from app.domain.outbox import OutboxEntry, Priority
from app.domain.states import Synchronisation
from app.settings import Settings
from app.store import Secrets, Store
from app.store.rebuilding import DATABASE
from app.workflow import mend as mending
from app.workflow import outbox_acts
from app.workflow.configured import configured_intake
from app.workflow.happenings import Tell
from app.workflow.intake import local_intake
from app.workflow.queue import Outcome, QueueStatus, Sender, paused, status
from app.workflow.rebuild import adopt_what_is_left
from app.workflow.station import Desk
from app.workflow.verdicts import ask_verdicts, verdict_of


def entries(settings: Settings) -> list[OutboxEntry]:
    """All entries of the outbox, oldest first; a station that was never used has none."""
    if not (settings.work_folder() / DATABASE).is_file():
        return []
    with Store(settings.work_folder()) as store:
        return store.outbox.entries()


def queue_status(settings: Settings) -> QueueStatus:
    """The queue as a whole."""
    with desk_apart(settings) as desk:
        return status(desk)


def send_due(
    settings: Settings, *, everything: bool, stopped: Callable[[], bool], tell: Tell
) -> list[Outcome]:
    """One round, now: every entry that is due, or with `everything` also those that wait or are stuck.

    The round ends with the first fault of the line. A paused queue sends nothing.
    """
    with desk_at_work(settings) as desk:
        if everything and not paused(desk):
            for entry in desk.store.outbox.entries(Synchronisation.QUEUED, Synchronisation.STUCK):
                outbox_acts.put_back(desk, entry)
        sender = Sender(desk, stopped=stopped, tell=tell)
        return list(sender.round(now_or_never=True))


def keep_sending(settings: Settings, *, stopped: Callable[[], bool], tell: Tell) -> None:
    """Sends, asks and erases until stopped: what a station left switched on does at night."""
    with desk_at_work(settings) as desk:
        Sender(desk, stopped=stopped, tell=tell).run()


def retry(settings: Settings, submission_id: str) -> OutboxEntry:
    """Puts an entry back into the queue at once, also one that needed a look. Raises KeyError."""
    with desk_apart(settings) as desk:
        return outbox_acts.retry(desk, submission_id)


def prioritise(settings: Settings, submission_id: str, priority: Priority) -> OutboxEntry:
    """Gives an entry another place in the queue. Raises KeyError."""
    with desk_apart(settings) as desk:
        return outbox_acts.prioritise(desk, submission_id, priority)


def pause(settings: Settings) -> None:
    """Stops sending before the next chunk, until `go_on`; also across restarts."""
    with desk_apart(settings) as desk:
        outbox_acts.pause(desk)


def go_on(settings: Settings) -> None:
    """Lets the queue send again, at once."""
    with desk_apart(settings) as desk:
        outbox_acts.go_on(desk)


def ask(settings: Settings, *, stopped: Callable[[], bool], tell: Tell) -> list[OutboxEntry]:
    """Asks the province about all that is delivered and not decided; those with news. Raises SyncError."""
    with desk_at_work(settings) as desk:
        return ask_verdicts(desk, stopped=stopped, tell=tell, everything=True)


def verdicts(settings: Settings) -> list[tuple[OutboxEntry, sync.Verdict]]:
    """What the province has said so far, oldest submission first."""
    return [(entry, verdict) for entry in entries(settings) if (verdict := verdict_of(entry)) is not None]


def mend(settings: Settings, submission_id: str) -> list[str]:
    """Opens the dossier of a submission that was sent back; the names of the papers to be made anew."""
    with desk_apart(settings) as desk, desk.store.work_lock():
        entry = desk.store.outbox.get(submission_id)
        return [component.name for component in mending.mend(desk, entry.dossier_id)]


def export(settings: Settings, drive: Path, *, stopped: Callable[[], bool], tell: Tell) -> list[OutboxEntry]:
    """Puts every package without a receipt onto a drive (Xuất ra USB). Raises SyncError."""
    with desk_apart(settings) as desk:
        return outbox_acts.export(desk, drive, stopped=stopped, tell=tell)


def take_receipts(settings: Settings, drive: Path) -> list[OutboxEntry]:
    """Takes home the receipts that a drive brought back, each verified. Raises SyncError."""
    with desk_apart(settings) as desk:
        return outbox_acts.take_receipts(desk, drive)


def carry(
    settings: Settings, drive: Path, *, url: str, stopped: Callable[[], bool], tell: Tell
) -> list[sync.Carried]:
    """Delivers other stations' packages from a drive over this machine's line; receipts go onto the drive."""
    del tell
    with ExitStack() as closing:
        connector: sync.Connector
        if url:
            secret = Secrets(settings.folder()).get
            connector = sync.connect(sync.LineSettings(kind="intake", address=url, secret=secret))
        elif settings.training:
            own = closing.enter_context(local_intake(settings.work_folder() / "intake", settings.agency_code))
            connector = sync.IntakeConnector(sync.IntakeClient(own))
        else:
            connector = configured_intake(settings)
        closing.callback(connector.close)
        return list(sync.carry(drive, connector, stopped=stopped))


@contextmanager
def desk_apart(settings: Settings) -> Iterator[Desk]:
    """A desk beside whatever program works here: for looking, and for telling the queue something."""
    with Store(settings.work_folder()) as store:
        yield Desk(
            store=store,
            settings=settings,
            intake=lambda: configured_intake(settings),
            training=settings.training,
        )


@contextmanager
def desk_at_work(settings: Settings) -> Iterator[Desk]:
    """A desk that can send: to the province's server, or in training to the intake beside it."""
    folder = settings.work_folder()
    with ExitStack() as closing:
        store = closing.enter_context(Store(folder))
        closing.enter_context(store.work_lock())
        if settings.training:
            url = closing.enter_context(local_intake(folder / "intake", settings.agency_code))
            yield Desk(
                store=store,
                settings=settings,
                intake=lambda: sync.IntakeConnector(sync.IntakeClient(url)),
                training=True,
            )
        else:
            desk = Desk(store=store, settings=settings, intake=lambda: configured_intake(settings))
            adopt_what_is_left(desk)
            yield desk
