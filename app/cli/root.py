"""The command `sohoa` with its groups (lệnh gốc)."""

from contextlib import suppress
from dataclasses import replace

import click

from app import logs
from app.cli import (
    code,
    data,
    demo,
    doctor,
    intake,
    outbox,
    read,
    scan,
    scan_list,
    scan_profiles,
    secret,
    sheets,
    sign,
    stamp,
    tokens,
    verify,
)
from app.cli.outcome import faults_shown
from app.cli.words import language, say
from app.settings import load


class Program(click.Group):
    """Commands whose faults of the world end in a three-part message and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        """Runs the command that was named."""
        with faults_shown(language()):
            return super().invoke(context)


@click.group(cls=Program, help=say("help.sohoa"), context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", "data_folder", metavar="DIR", help=say("help.data"))
@click.version_option(package_name="sohoa")
@click.pass_context
def program(context: click.Context, data_folder: str | None) -> None:
    """Reads the settings and starts the log; the commands do the rest."""
    settings = load()
    if data_folder is not None:
        settings = replace(settings, data_folder=data_folder)
    with suppress(OSError):  # a disk that takes no log must not keep anybody from working
        context.call_on_close(logs.Log(settings.folder() / "logs").close)
    context.obj = settings


for command in (
    demo.demo,
    doctor.doctor,
    scan.scan,
    sheets.sheets,
    code.code,
    read.read,
    sign.sign,
    stamp.stamp,
    tokens.tokens,
    verify.verify,
    outbox.outbox,
    intake.intake,
    data.data,
    secret.secret,
):
    program.add_command(command)

for command in (scan_list.test_page, scan_list.test, scan_list.inventory, scan_profiles.profiles):
    scan.scan.add_command(command)
