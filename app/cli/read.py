"""`sohoa read`: images and PDFs into one searchable PDF/A (nhận dạng)."""

from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.outcome import StopOnSignal, terminal
from app.cli.words import say
from app.settings import Settings

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(help=say("help.read"))
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=_FILE, required=True, help=say("help.read.out"))
@click.option("--text", type=_FILE, help=say("help.read.text"))
@click.option("--json", "json_file", type=_FILE, help=say("help.read.json"))
@click.option("--jobs", type=click.IntRange(1, 64), help=say("help.read.jobs"))
@click.pass_obj
def read(
    settings: Settings,
    sources: tuple[Path, ...],
    out: Path,
    text: Path | None,
    json_file: Path | None,
    jobs: int | None,
) -> None:
    """Reads every page of the sources, in order."""
    from app.workflow.documents import read_files

    columns = (
        TextColumn(say("step.read")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with StopOnSignal() as stopped, Progress(*columns, console=terminal) as progress:
        line = progress.add_task("", total=None)
        made = read_files(
            sources,
            out,
            settings,
            text=text,
            json=json_file,
            jobs=jobs,
            report=lambda done, total: progress.update(line, completed=done, total=total or None),
            stopped=stopped,
        )
    terminal.print(
        say("read.done", pages=made.pages, file=made.path, size=f"{made.bytes / 1024:.0f}"), soft_wrap=True
    )
