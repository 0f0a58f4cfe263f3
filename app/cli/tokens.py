"""`sohoa tokens`: the signing tokens plugged in, read without a PIN (thiết bị ký)."""

import json

import click
from rich.table import Table

from app.cli.outcome import terminal
from app.cli.words import say
from app.settings import Settings


@click.command(help=say("help.tokens"))
@click.option("--json", "as_json", is_flag=True, help=say("help.json"))
@click.pass_obj
def tokens(settings: Settings, as_json: bool) -> None:
    """Lists every token with a certificate that may sign."""
    from app.workflow.sign_files import token_rows

    rows = token_rows(settings)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not rows:
        terminal.print(say("tokens.none"))
        return
    table = Table()
    for column in ("holder", "label", "driver", "until", "pin"):
        table.add_column(say(f"tokens.{column}"))
    for row in rows:
        table.add_row(row["holder"], row["label"], row["driver"], row["until"], say(f"pin.{row['pin']}"))
    terminal.print(table)
