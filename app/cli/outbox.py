"""`sohoa outbox`: what waits for the province (hộp gửi)."""

import json
from typing import TYPE_CHECKING

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from app.cli.outcome import FAULT_OF_THE_WORLD, StopOnSignal, show, terminal
from app.cli.words import language, say
from app.messages import explain
from app.settings import Settings

if TYPE_CHECKING:
    from app.domain.outbox import OutboxEntry

_JSON = click.option("--json", "as_json", is_flag=True, help=say("help.json"))


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
    from app.workflow.happenings import tell_nobody
    from app.workflow.outbox import send_due

    settings: Settings = context.obj
    with StopOnSignal() as stopped:
        outcomes = send_due(settings, everything=everything, stopped=stopped, tell=tell_nobody)
    for outcome in outcomes:
        if outcome.error is None:
            terminal.print(say("outbox.sent", submission=outcome.entry.submission_id))
        else:
            terminal.print(say("outbox.not-sent", submission=outcome.entry.submission_id))
            show(explain(outcome.error, language()))
    if not outcomes:
        terminal.print(say("outbox.nothing-due"))
    if as_json:
        click.echo(
            json.dumps([_as_object(outcome.entry) for outcome in outcomes], ensure_ascii=False, indent=2)
        )
    if any(outcome.error for outcome in outcomes):
        context.exit(FAULT_OF_THE_WORLD)


def _as_object(entry: "OutboxEntry") -> dict[str, object]:
    return {
        "submission_id": entry.submission_id,
        "dossier": entry.dossier_code,
        "package_sha256": entry.package,
        "package_bytes": entry.package_bytes,
        "state": entry.state.value,
        "queued_at": entry.queued_at.isoformat(),
        "attempts": entry.attempts,
        "next_try_at": entry.next_try_at.isoformat() if entry.next_try_at else None,
        "last_error": entry.last_error,
        "receipt": json.loads(entry.receipt) if entry.receipt else None,
    }
