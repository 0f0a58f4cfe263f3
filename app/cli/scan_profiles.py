"""`sohoa scan profiles`: ways of scanning, listed, exported, imported (cấu hình quét)."""

from pathlib import Path

import click
from rich.table import Table

from app.cli.outcome import terminal
from app.cli.words import say
from app.settings import Settings

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(help=say("help.profiles"))
def profiles() -> None:
    """Scan profiles of this station."""


@profiles.command("list", help=say("help.profiles.list"))
@click.pass_obj
def list_profiles(settings: Settings) -> None:
    """Lists the profiles, locked ones marked."""
    from app.workflow.profiles import profile_for
    from app.workflow.profiles import profiles as known

    table = Table(*(say(f"profiles.column.{name}") for name in ("name", "title", "source", "dpi", "state")))
    usual = profile_for(settings).name
    for profile in known(settings):
        marks = [say("profiles.usual")] if profile.name == usual else []
        marks += [say("profiles.locked")] if profile.locked else []
        source = "duplex" if profile.duplex else profile.source.value
        table.add_row(
            profile.name, profile.title, say(f"source.{source}"), str(profile.dpi), ", ".join(marks)
        )
    terminal.print(table)


@profiles.command("export", help=say("help.profiles.export"))
@click.argument("out", type=_FILE)
@click.pass_obj
def export(settings: Settings, out: Path) -> None:
    """Writes all profiles to a TOML file."""
    from app.workflow.profiles import export_to

    terminal.print(say("profiles.exported", profiles=export_to(settings, out), file=out), soft_wrap=True)


@profiles.command("import", help=say("help.profiles.import"))
@click.argument("source", type=_FILE)
@click.pass_obj
def import_from(settings: Settings, source: Path) -> None:
    """Adds the profiles of a TOML file to the station's own."""
    from app.workflow.profiles import import_file

    names = import_file(settings, source)
    terminal.print(say("profiles.imported", names=", ".join(names)))
