"""`sohoa sheets`: separator sheets to print (tờ phân tách)."""

from pathlib import Path

import click

from app.cli.outcome import terminal
from app.cli.words import say
from app.settings import Settings


@click.command(help=say("help.sheets"))
@click.option("--procedure", metavar="CODE", required=True, help=say("help.sheets.procedure"))
@click.option("--component", "keys", multiple=True, metavar="KEY", help=say("help.sheets.component"))
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help=say("help.sheets.out")
)
@click.pass_obj
def sheets(settings: Settings, procedure: str, keys: tuple[str, ...], out: Path) -> None:
    """Writes one A4 sheet for every paper of a procedure."""
    del settings
    from app.workflow import catalogue
    from app.workflow.sheets import print_separators

    count = print_separators(catalogue.procedure(procedure), keys, out)
    if not count:
        raise click.BadParameter(say("sheets.none"), param_hint="--component")
    terminal.print(say("sheets.done", sheets=count, file=out), soft_wrap=True)
