"""`sohoa secret`: tokens and passwords of this station, never shown (bí mật của trạm)."""

import sys

import click

from app.cli.outcome import terminal
from app.cli.words import say
from app.settings import Settings

_NAME = click.argument("name", type=click.Choice(["token", "client-secret", "key-password"]))


@click.group(help=say("help.secret"))
def secret() -> None:
    """What only this station may know."""


@secret.command("set", help=say("help.secret.set"))
@_NAME
@click.pass_obj
def set_secret(settings: Settings, name: str) -> None:
    """Asks for a secret without showing it, or reads one line from standard input, and keeps it."""
    from app.workflow.secret import keep

    if sys.stdin.isatty():
        value = str(click.prompt(say("secret.prompt"), hide_input=True, err=True))
    else:
        value = sys.stdin.readline()
    where = keep(settings, name, value.strip())
    terminal.print(say("secret.kept", name=name))
    terminal.print(say("secret.in-keyring") if where else say("secret.in-file"))


@secret.command("list", help=say("help.secret.list"))
@click.pass_obj
def show_names(settings: Settings) -> None:
    """Names what is kept."""
    from app.workflow.secret import names

    kept = names(settings)
    terminal.print(", ".join(kept) if kept else say("secret.none"))


@secret.command("forget", help=say("help.secret.forget"))
@_NAME
@click.pass_obj
def forget(settings: Settings, name: str) -> None:
    """Takes a secret away."""
    from app.workflow.secret import forget as take_away

    take_away(settings, name)
    terminal.print(say("secret.forgotten", name=name))
