"""`sohoa sign`: a signature on one PDF (ký số)."""

import os
import sys
from pathlib import Path
from typing import TextIO

import click

from app.cli.outcome import terminal
from app.cli.words import say
from app.settings import Settings

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(help=say("help.sign"))
@click.argument("source", type=_FILE)
@click.option("-o", "--out", type=_FILE, required=True, help=say("help.sign.out"))
@click.option("--token", type=_FILE, metavar="MODULE", help=say("help.sign.token"))
@click.option("--token-label", metavar="LABEL", help=say("help.sign.token-label"))
@click.option("--p12", type=_FILE, help=say("help.sign.p12"))
@click.option("--tsa", metavar="URL", help=say("help.sign.tsa"))
@click.option("--name", metavar="NAME", help=say("help.sign.name"))
@click.option("--invisible", is_flag=True, help=say("help.sign.invisible"))
@click.option("--pin-file", type=click.File("r"), help=say("help.sign.pin-file"))
@click.pass_obj
def sign(
    settings: Settings,
    source: Path,
    out: Path,
    token: Path | None,
    token_label: str | None,
    p12: Path | None,
    tsa: str | None,
    name: str | None,
    invisible: bool,
    pin_file: TextIO | None,
) -> None:
    """Signs a PDF; the PIN is asked for, or read from a file, and tried once."""
    from app.workflow.documents import SigningWish, sign_file

    def ask_pin() -> str | None:
        if pin_file is not None:
            return pin_file.readline().rstrip("\r\n")
        if "SOHOA_PIN" in os.environ:
            return os.environ["SOHOA_PIN"]
        if not sys.stdin.isatty():
            return None
        of_training = settings.training and not (token or p12 or settings.token_module)
        question = say("sign.training-pin") if of_training else say("sign.pin")
        return str(click.prompt(question, hide_input=True, err=True))

    wish = SigningWish(
        module=token,
        token_label=token_label,
        pkcs12=p12,
        tsa_url=tsa,
        full_name=name,
        visible=not invisible,
    )
    signed = sign_file(source, out, wish, settings, ask_pin)
    terminal.print(
        say("sign.done", file=signed.path, signer=signed.signer, level=say(f"signature.{signed.level}")),
        soft_wrap=True,
    )
