"""`sohoa stamp`: time stamps for documents that were signed without one (bổ sung dấu thời gian)."""

from pathlib import Path

import click

from app.cli.outcome import FAULT_OF_THE_WORLD, StopOnSignal, show, terminal
from app.cli.sign import LEVELS
from app.cli.words import language, say
from app.messages import explain
from app.settings import Settings

_PLACE = click.Path(path_type=Path)


@click.command(help=say("help.stamp"))
@click.argument("files", nargs=-1, type=_PLACE)
@click.option("--level", type=click.Choice(LEVELS[1:]), default="B-T", help=say("help.stamp.level"))
@click.option("--tsa", metavar="URL", help=say("help.sign.tsa"))
@click.option("--trust", multiple=True, type=_PLACE, help=say("help.verify.trust"))
@click.option("--wait", is_flag=True, help=say("help.stamp.wait"))
@click.pass_context
def stamp(
    context: click.Context,
    files: tuple[Path, ...],
    level: str,
    tsa: str | None,
    trust: tuple[Path, ...],
    wait: bool,
) -> None:
    """Raises the named files in place; without names, works through the queue of what is owed."""
    from app.workflow.sign_files import raise_level, stamp_queue

    settings: Settings = context.obj
    failed = False
    for one in raise_level(files, level, settings, tsa_url=tsa, trust=trust):
        if one.error is None:
            terminal.print(
                say("stamp.done", file=one.out, level=say(f"signature.{one.level}")), soft_wrap=True
            )
        else:
            failed = True
            terminal.print(say("sign.failed", file=one.source), style="bold", soft_wrap=True)
            show(explain(one.error, language()))
    if not files:
        with StopOnSignal() as stopped:
            queue = stamp_queue(settings, tsa, trust)
            queue.run(
                until_done=wait,
                stopped=stopped,
                report=lambda done: terminal.print(
                    say("stamp.done", file=done.path, level=say(f"signature.{done.level}")), soft_wrap=True
                ),
            )
            left = queue.owed()
        terminal.print(say("stamp.left", count=len(left)), soft_wrap=True)
        failed = bool(left)
    if failed:
        context.exit(FAULT_OF_THE_WORLD)
