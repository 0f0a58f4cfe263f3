"""`sohoa data`: the data folder examined, and its database made anew (kiểm tra, dựng lại dữ liệu)."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from app.cli.outcome import FAULT_OF_THE_WORLD, terminal
from app.cli.words import say
from app.settings import Settings

if TYPE_CHECKING:
    from app.workflow.rebuild import Check

_JSON = click.option("--json", "as_json", is_flag=True, help=say("help.json"))


@click.group(help=say("help.data-group"))
def data() -> None:
    """What this station keeps."""


@data.command(help=say("help.data-check"))
@click.option("--every-byte", is_flag=True, help=say("help.data-every-byte"))
@_JSON
@click.pass_context
def check(context: click.Context, every_byte: bool, as_json: bool) -> None:
    """Examines the data folder; exit code 1 when something does not hold."""
    from app.workflow.rebuild import check as examine

    found = examine(context.obj, every_byte=every_byte)
    _tell(found, as_json)
    if not found.good:
        context.exit(FAULT_OF_THE_WORLD)


@data.command(help=say("help.data-rebuild"))
@_JSON
@click.pass_obj
def rebuild(settings: Settings, as_json: bool) -> None:
    """Makes the database anew from what lies beside it."""
    from app.workflow.rebuild import rebuild as make_anew

    result = make_anew(settings)
    terminal.print(say("data.rebuilt", transactions=result.transactions, packages=result.from_packages))
    if result.set_aside:
        terminal.print(say("data.set-aside", file=result.set_aside))
    _tell(result.check, as_json)


def _tell(found: "Check", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**asdict(found), "good": found.good}, indent=2))
    terminal.print(
        say(
            "data.counts",
            dossiers=found.dossiers,
            submissions=found.submissions,
            rows=found.audit_rows,
        )
    )
    if not found.whole:
        terminal.print(say("data.not-whole"))
    if found.audit_break is not None:
        terminal.print(say("data.audit-break", row=found.audit_break))
    if found.unknown_heads:
        terminal.print(say("data.unknown-heads", count=len(found.unknown_heads)))
    if found.missing_blobs:
        terminal.print(say("data.missing", count=len(found.missing_blobs)))
    if found.damaged_blobs:
        terminal.print(say("data.damaged", count=len(found.damaged_blobs)))
    terminal.print(say("data.good") if found.good else say("data.bad"))
