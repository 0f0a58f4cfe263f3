"""`sohoa outbox`: what waits for the province, and what came back (hộp gửi)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from app.cli.outcome import FAULT_OF_THE_WORLD, StopOnSignal, show, terminal
from app.cli.queue_line import QueueLine
from app.cli.words import language, say
from app.messages import explain
from app.settings import Settings

if TYPE_CHECKING:
    from app.domain.outbox import OutboxEntry
    from app.workflow.queue import Outcome

_JSON = click.option("--json", "as_json", is_flag=True, help=say("help.json"))
_DRIVE = click.argument("drive", type=click.Path(exists=True, file_okay=False, path_type=Path))
_SUBMISSION = click.argument("submission")


@click.group(help=say("help.outbox"))
def outbox() -> None:
    """The queue of sealed dossiers."""


@outbox.command("list", help=say("help.outbox.list"))
@_JSON
@click.pass_obj
def list_entries(settings: Settings, as_json: bool) -> None:
    """Lists all entries, oldest first."""
    from app.workflow.outbox import entries

    found = entries(settings)
    if as_json:
        click.echo(json.dumps([_as_object(entry) for entry in found], ensure_ascii=False, indent=2))
        return
    columns = ("submission", "dossier", "size", "state", "attempts", "next", "error")
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for column in columns:
        table.add_column(say(f"outbox.column.{column}"), overflow="fold")
    for entry in found:
        table.add_row(
            entry.submission_id,
            entry.dossier_code,
            f"{entry.package_bytes / 1024:.0f} KB",
            say(f"outbox.state.{entry.state.value}"),
            str(entry.attempts),
            f"{entry.next_try_at:%d/%m/%Y %H:%M:%S}" if entry.next_try_at else "",
            entry.last_error or "",
        )
    terminal.print(table if found else say("outbox.empty"))


@outbox.command(help=say("help.outbox.send"))
@click.option("--all", "everything", is_flag=True, help=say("help.outbox.all"))
@_JSON
@click.pass_context
def send(context: click.Context, everything: bool, as_json: bool) -> None:
    """Sends what is due; exit code 1 when something could not be sent."""
    from app.workflow.outbox import send_due

    settings: Settings = context.obj
    with StopOnSignal() as stopped, QueueLine() as line:
        outcomes = send_due(settings, everything=everything, stopped=stopped, tell=line)
    for outcome in outcomes:
        if outcome.error is None:
            terminal.print(say("outbox.sent", submission=outcome.entry.submission_id))
        else:
            terminal.print(say("outbox.not-sent", submission=outcome.entry.submission_id))
            _show_reason(outcome)
    if not outcomes:
        terminal.print(say("outbox.nothing-due"))
    if as_json:
        click.echo(
            json.dumps([_as_object(outcome.entry) for outcome in outcomes], ensure_ascii=False, indent=2)
        )
    if any(outcome.error for outcome in outcomes):
        context.exit(FAULT_OF_THE_WORLD)


@outbox.command(help=say("help.outbox.run"))
@click.pass_obj
def run(settings: Settings) -> None:
    """Keeps sending until interrupted."""
    from app.workflow.outbox import keep_sending

    terminal.print(say("outbox.running"))
    with StopOnSignal() as stopped, QueueLine(settled=_print_settled) as line:
        keep_sending(settings, stopped=stopped, tell=line)


@outbox.command(help=say("help.outbox.status"))
@_JSON
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Tells how the queue as a whole is."""
    from app.cli.queue_status import as_object, print_status
    from app.workflow.outbox import queue_status

    now = queue_status(settings)
    if as_json:
        click.echo(json.dumps(as_object(now), ensure_ascii=False, indent=2))
    else:
        print_status(now)


@outbox.command(help=say("help.outbox.retry"))
@_SUBMISSION
@click.pass_obj
def retry(settings: Settings, submission: str) -> None:
    """Puts an entry that needed a look back into the queue."""
    from app.workflow.outbox import retry as put_back

    with _known():
        put_back(settings, submission)
    terminal.print(say("outbox.queued-again", submission=submission))


@outbox.command(help=say("help.outbox.priority"))
@_SUBMISSION
@click.argument("priority", type=click.Choice(["urgent", "normal", "backlog"]))
@click.pass_obj
def priority(settings: Settings, submission: str, priority: str) -> None:
    """Gives an entry another place in the queue."""
    from app.domain.outbox import Priority
    from app.workflow.outbox import prioritise

    with _known():
        prioritise(settings, submission, Priority[priority.upper()])
    terminal.print(say("outbox.prioritised", submission=submission))


@outbox.command(help=say("help.outbox.pause"))
@click.pass_obj
def pause(settings: Settings) -> None:
    """Stops sending before the next chunk."""
    from app.workflow.outbox import pause as stop_sending

    stop_sending(settings)
    terminal.print(say("outbox.paused"))


@outbox.command(help=say("help.outbox.resume"))
@click.pass_obj
def resume(settings: Settings) -> None:
    """Lets the queue send again."""
    from app.workflow.outbox import go_on

    go_on(settings)
    terminal.print(say("outbox.resumed"))


@outbox.command(help=say("help.outbox.answers"))
@click.option("--ask", "ask_now", is_flag=True, help=say("help.outbox.ask"))
@_JSON
@click.pass_obj
def answers(settings: Settings, ask_now: bool, as_json: bool) -> None:
    """Shows what the province said of delivered dossiers."""
    from app.workflow.happenings import tell_nobody
    from app.workflow.outbox import ask, verdicts

    if ask_now:
        with StopOnSignal() as stopped:
            ask(settings, stopped=stopped, tell=tell_nobody)
    said = verdicts(settings)
    if as_json:
        objects = [{**verdict.to_plain(), "dossier": entry.dossier_code} for entry, verdict in said]
        click.echo(json.dumps(objects, ensure_ascii=False, indent=2))
        return
    for entry, verdict in said:
        state = say(f"outbox.verdict.{verdict.state.value}")
        terminal.print(say("outbox.answer", dossier=entry.dossier_code, state=state))
        for reason in verdict.reasons:
            terminal.print(
                say("outbox.reason", component=reason.component or "–", text=reason.text, code=reason.code)
            )
    if not said:
        terminal.print(say("outbox.no-answers"))


@outbox.command(help=say("help.outbox.mend"))
@_SUBMISSION
@click.pass_obj
def mend(settings: Settings, submission: str) -> None:
    """Opens a dossier that was sent back."""
    from app.workflow.outbox import mend as open_again

    with _known():
        names = open_again(settings, submission)
    terminal.print(say("outbox.mending", components=", ".join(names)))


@outbox.command("export", help=say("help.outbox.export"))
@_DRIVE
@click.pass_obj
def export_to(settings: Settings, drive: Path) -> None:
    """Puts what waits onto a drive."""
    from app.workflow.happenings import tell_nobody
    from app.workflow.outbox import export

    with StopOnSignal() as stopped:
        done = export(settings, drive, stopped=stopped, tell=tell_nobody)
    terminal.print(say("outbox.exported", count=len(done)))


@outbox.command(help=say("help.outbox.carry"))
@_DRIVE
@click.option("--url", default="", help=say("help.outbox.carry-url"))
@click.pass_context
def carry(context: click.Context, drive: Path, url: str) -> None:
    """Delivers what another station put onto a drive."""
    from app.workflow.happenings import tell_nobody
    from app.workflow.outbox import carry as deliver_from

    with StopOnSignal() as stopped:
        carried = deliver_from(context.obj, drive, url=url, stopped=stopped, tell=tell_nobody)
    for one in carried:
        if one.error is None:
            terminal.print(say("outbox.sent", submission=one.submission_id))
        else:
            terminal.print(say("outbox.not-sent", submission=one.submission_id))
            show(explain(one.error, language()))
    if not carried:
        terminal.print(say("outbox.nothing-due"))
    if any(one.error for one in carried):
        context.exit(FAULT_OF_THE_WORLD)


@outbox.command(help=say("help.outbox.receipts"))
@_DRIVE
@click.pass_obj
def receipts(settings: Settings, drive: Path) -> None:
    """Takes home the receipts that a drive brought back."""
    from app.workflow.outbox import take_receipts

    done = take_receipts(settings, drive)
    terminal.print(say("outbox.receipts-taken", count=len(done)))


class _known:  # noqa: N801 - reads as a clause
    """Turns an unknown submission id into wrong usage."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeyError):
            raise click.BadParameter(say("outbox.unknown")) from error


def _show_reason(outcome: "Outcome") -> None:
    if outcome.error is not None:
        show(explain(outcome.error, language()))


def _print_settled(entry: "OutboxEntry") -> None:
    state = say(f"outbox.state.{entry.state.value}")
    terminal.print(say("outbox.settled", submission=entry.submission_id, state=state))


def _as_object(entry: "OutboxEntry") -> dict[str, object]:
    return {
        "submission_id": entry.submission_id,
        "dossier": entry.dossier_code,
        "package_sha256": entry.package,
        "package_bytes": entry.package_bytes,
        "state": entry.state.value,
        "priority": entry.priority.name.lower(),
        "queued_at": entry.queued_at.isoformat(),
        "attempts": entry.attempts,
        "next_try_at": entry.next_try_at.isoformat() if entry.next_try_at else None,
        "last_error": entry.last_error,
        "error_facts": json.loads(entry.error_facts) if entry.error_facts else None,
        "receipt": json.loads(entry.receipt) if entry.receipt else None,
        "verdict": json.loads(entry.verdict) if entry.verdict else None,
        "erased_at": entry.erased_at.isoformat() if entry.erased_at else None,
    }
