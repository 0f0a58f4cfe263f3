"""`sohoa verify`: what the signatures of files are worth (kiểm tra chữ ký)."""

import json
from collections.abc import Callable
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
    from app.workflow.documents import Finding, Verdict


_MARKS = {"sound": ("✓", "green"), "open": ("!", "yellow"), "wrong": ("✗", "bold red")}
_FORMS = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")


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
    """ISO 8601 or as it is written in Vietnam; without a zone it is this machine's time."""
    if text is None:
        return None
    for read in (datetime.fromisoformat, *(_written_as(form) for form in _FORMS)):
        try:
            moment = read(text.strip())
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.astimezone()
    raise click.BadParameter(say("verify.bad-time"), param_hint="--at")


def _written_as(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007


def _is_wrong(finding: "Finding") -> bool:
    """Whether something speaks against the signature, rather than being open."""
    return finding.integrity == "invalid" or finding.changes == "suspicious" or finding.chain == "revoked"


def _print(verdict: "Verdict") -> None:
    terminal.print(Text(str(verdict.file), style="bold"))
    if verdict.error is not None:
        show(explain(verdict.error, language()))
    elif not verdict.signatures:
        terminal.print(f"  {say('verify.none')}")
    for finding in verdict.signatures:
        mark, colour = _MARKS["sound" if finding.sound else "wrong" if _is_wrong(finding) else "open"]
        name = finding.signer or say("verify.nobody")
        terminal.print(Text.assemble((f"  {mark} ", colour), (name, "bold"), (f"  {finding.field}", "dim")))
        for axis in ("integrity", "chain", "changes"):
            terminal.print(f"    {say('verify.' + axis)}: {say(f'{axis}.{getattr(finding, axis)}')}")
        for sentence in finding.told(language()):
            terminal.print(Text(f"    – {sentence}"))
