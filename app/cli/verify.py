"""`sohoa verify`: what the signatures of files are worth (kiểm tra chữ ký)."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from app.cli.outcome import FAULT_OF_THE_WORLD, show, terminal
from app.cli.words import language, say
from app.messages import explain
from app.settings import Settings

if TYPE_CHECKING:
    from app.workflow.documents import Verdict


@click.command(help=say("help.verify"))
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--trust", multiple=True, type=click.Path(path_type=Path), help=say("help.verify.trust"))
@click.option("--at", metavar="TIME", help=say("help.verify.at"))
@click.option("--json", "as_json", is_flag=True, help=say("help.json"))
@click.pass_context
def verify(
    context: click.Context, files: tuple[Path, ...], trust: tuple[Path, ...], at: str | None, as_json: bool
) -> None:
    """Judges every signature of every file; exit code 0 when every file could be judged."""
    from app.workflow.documents import training_root, verify_files

    settings: Settings = context.obj
    trusted = [*trust, *(training_root(settings) if settings.training else [])]
    verdicts = verify_files(files, trust=trusted, at=_moment(at))
    if as_json:
        click.echo(json.dumps([verdict.to_dict() for verdict in verdicts], ensure_ascii=False, indent=2))
    else:
        for verdict in verdicts:
            _print(verdict)
    if any(verdict.error for verdict in verdicts):
        context.exit(FAULT_OF_THE_WORLD)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(say("verify.bad-time"), param_hint="--at") from error
    return moment if moment.tzinfo else moment.astimezone()


def _print(verdict: "Verdict") -> None:
    terminal.print(Text(str(verdict.file), style="bold"))
    if verdict.error is not None:
        show(explain(verdict.error, language()))
    elif not verdict.signatures:
        terminal.print(f"  {say('verify.none')}")
    for finding in verdict.signatures:
        good = finding.integrity == "valid" and finding.chain == "trusted" and finding.changes != "suspicious"
        terminal.print(
            Text.assemble(("  ✓ " if good else "  ! ", "green" if good else "yellow"), finding.signer)
        )
        for axis in ("integrity", "chain", "changes"):
            terminal.print(f"    {say('verify.' + axis)}: {say(f'{axis}.{getattr(finding, axis)}')}")
        for sentence in finding.why:
            terminal.print(Text(f"    – {sentence}"))
