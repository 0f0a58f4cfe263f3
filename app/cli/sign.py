"""`sohoa sign`: signatures on one PDF or on many, under one PIN (ký số)."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.outcome import FAULT_OF_THE_WORLD, StopOnSignal, show, terminal
from app.cli.words import language, say
from app.messages import explain
from app.settings import Settings

if TYPE_CHECKING:
    from app.workflow.sign_files import SignedFile

_FILE = click.Path(dir_okay=False, path_type=Path)
_PLACE = click.Path(path_type=Path)
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
KINDS = ("clerk", "sao-y", "sao-luc", "trich-sao", "attachment", "conversion", "signer", "seal")


class _Spot(click.ParamType):  # type: ignore[type-arg]
    """`PAGE:LEFT,TOP`, page from 1 on, the others in mm."""

    name = "spot"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, float, float]:
        page, _, place = str(value).rpartition(":")
        left, _, top = place.partition(",")
        try:
            return int(page or 1), float(left), float(top)
        except ValueError:
            self.fail(say("sign.bad-spot"), param, ctx)


@click.command(help=say("help.sign"))
@click.argument("sources", metavar="FILES...", nargs=-1, required=True, type=_PLACE)
@click.option("-o", "--out", type=_PLACE, required=True, metavar="DIR|FILE.pdf", help=say("help.sign.out"))
@click.option("--token", type=_FILE, metavar="MODULE", help=say("help.sign.token"))
@click.option("--token-label", metavar="LABEL", help=say("help.sign.token-label"))
@click.option("--p12", type=_FILE, help=say("help.sign.p12"))
@click.option("--remote", metavar="URL", help=say("help.sign.remote"))
@click.option("--credential", metavar="ID", help=say("help.sign.credential"))
@click.option("--level", type=click.Choice(LEVELS), help=say("help.sign.level"))
@click.option("--tsa", metavar="URL", help=say("help.sign.tsa"))
@click.option("--stamp-later", is_flag=True, help=say("help.sign.stamp-later"))
@click.option("--appearance", type=click.Choice(KINDS), default="clerk", help=say("help.sign.appearance"))
@click.option("--name", metavar="NAME", default="", help=say("help.sign.name"))
@click.option("--agency", metavar="NAME", default="", help=say("help.sign.agency"))
@click.option("--number", metavar="TEXT", default="", help=say("help.sign.number"))
@click.option("--symbol", metavar="TEXT", default="", help=say("help.sign.symbol"))
@click.option("--picture", type=_FILE, help=say("help.sign.picture"))
@click.option("--at", "spot", type=_Spot(), metavar="PAGE:LEFT,TOP", help=say("help.sign.at"))
@click.option("--invisible", is_flag=True, help=say("help.sign.invisible"))
@click.option("--trust", multiple=True, type=_PLACE, help=say("help.verify.trust"))
@click.option("--status-needed", is_flag=True, help=say("help.sign.status-needed"))
@click.option("--pin-file", type=click.File("r"), help=say("help.sign.pin-file"))
@click.option("--json", "as_json", is_flag=True, help=say("help.json"))
@click.pass_context
def sign(
    context: click.Context,
    sources: tuple[Path, ...],
    out: Path,
    token: Path | None,
    token_label: str | None,
    p12: Path | None,
    remote: str | None,
    credential: str | None,
    level: str | None,
    tsa: str | None,
    stamp_later: bool,
    appearance: str,
    name: str,
    agency: str,
    number: str,
    symbol: str,
    picture: Path | None,
    spot: tuple[int, float, float] | None,
    invisible: bool,
    trust: tuple[Path, ...],
    status_needed: bool,
    pin_file: TextIO | None,
    as_json: bool,
) -> None:
    """Signs every file; the PIN is asked for once, or read from a file, and tried once."""
    from app.workflow.sign_files import SigningWish, sign_files

    settings: Settings = context.obj
    wish = SigningWish(
        module=token,
        token_label=token_label,
        pkcs12=p12,
        remote=remote,
        remote_access=os.environ.get("SOHOA_REMOTE_ACCESS", ""),
        credential=credential,
        tsa_url=tsa,
        level=level,
        appearance=None if invisible else appearance,
        full_name=name,
        agency=agency,
        number=number,
        symbol=symbol,
        picture=picture,
        spot=spot,
        trust=trust,
        status_needed=status_needed,
        stamp_later=stamp_later,
    )
    of_training = settings.training and not (token or p12 or remote or settings.token_module)
    with StopOnSignal() as stopped, _progress(len(sources)) as progress:
        line = progress.add_task("", total=len(sources))
        signed = []
        for one in sign_files(
            sources,
            out,
            wish,
            settings,
            _pin_from(pin_file, progress, of_training=of_training),
            stopped=stopped,
            report=lambda done, total: progress.update(line, completed=done, total=total),
        ):
            signed.append(one)
            if not as_json:
                _print(one, wanted=level)
    if as_json:
        signed.sort(key=lambda one: sources.index(one.source))
        click.echo(json.dumps([one.to_dict() for one in signed], ensure_ascii=False, indent=2))
    elif len(signed) > 1:
        _sum_up(signed)
    if any(one.outcome in {"failed", "not-begun"} for one in signed):
        context.exit(FAULT_OF_THE_WORLD)


def _progress(files: int) -> Progress:
    columns = (TextColumn(say("step.sign")), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=terminal, disable=files == 1)


def _pin_from(
    pin_file: TextIO | None, progress: Progress, *, of_training: bool
) -> Callable[[str], str | None]:
    """How the PIN is had; what the token tells of its tries is said before anyone types."""

    def ask(state: str) -> str | None:
        if state in {"low", "final-try", "expired"}:
            terminal.print(say(f"pin.{state}"), style="yellow", soft_wrap=True)
        if pin_file is not None:
            return pin_file.readline().rstrip("\r\n")
        if "SOHOA_PIN" in os.environ:
            return os.environ["SOHOA_PIN"]
        if state == "locked" or not sys.stdin.isatty():
            return None
        progress.stop()
        question = say("sign.training-pin") if of_training else say("sign.pin")
        pin = str(click.prompt(question, hide_input=True, err=True))
        progress.start()
        return pin

    return ask


def _print(one: "SignedFile", *, wanted: str | None) -> None:
    if one.error is not None:
        terminal.print(say("sign.failed", file=one.source), style="bold", soft_wrap=True)
        show(explain(one.error, language()))
        spots = str(one.error.facts.get("suggested", "–"))
        if spots != "–":
            terminal.print(say("sign.suggested", spots=spots), soft_wrap=True)
    elif one.outcome == "not-begun":
        return
    else:
        level = say(f"signature.{one.level}")
        facts = {"file": one.out, "signer": one.signer, "level": level}
        told = say("sign.kept", **facts) if one.outcome == "kept" else say("sign.done", **facts)
        terminal.print(told, soft_wrap=True)
        if wanted is not None and one.level != wanted:
            terminal.print(say("sign.owed", level=wanted), style="yellow", soft_wrap=True)


def _sum_up(signed: "list[SignedFile]") -> None:
    failed = sum(one.outcome == "failed" for one in signed)
    not_begun = sum(one.outcome == "not-begun" for one in signed)
    terminal.print(
        say(
            "sign.sum",
            done=len(signed) - failed - not_begun,
            total=len(signed),
            failed=failed,
            left=not_begun,
        ),
        style="bold",
        soft_wrap=True,
    )
