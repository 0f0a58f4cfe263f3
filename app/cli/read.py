"""`sohoa read`: images and PDFs into one searchable PDF/A (nhận dạng)."""

from pathlib import Path

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from app.cli.outcome import StopOnSignal, terminal
from app.cli.words import say
from app.settings import Settings

_FILE = click.Path(dir_okay=False, path_type=Path)


class _Rate(ProgressColumn):
    """Pages a minute, once there is something to tell it by."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(say("read.rate", rate=f"{speed * 60:.0f}") if speed else "")


@click.command(help=say("help.read"))
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=_FILE, required=True, help=say("help.read.out"))
@click.option("--text", type=_FILE, help=say("help.read.text"))
@click.option("--json", "json_file", type=_FILE, help=say("help.read.json"))
@click.option("--jobs", type=click.IntRange(1, 64), help=say("help.read.jobs"))
@click.option(
    "--profile", type=click.Choice(["archival", "compact", "original"]), help=say("help.read.profile")
)
@click.option("--pdfa", type=click.Choice(["1b", "2b", "3b"]), default="2b", help=say("help.read.pdfa"))
@click.option(
    "--existing-text",
    type=click.Choice(["keep", "redo", "skip"]),
    default="keep",
    help=say("help.read.existing"),
)
@click.option("--duplex", is_flag=True, help=say("help.read.duplex"))
@click.option("--force", is_flag=True, help=say("help.read.force"))
@click.pass_obj
def read(
    settings: Settings,
    sources: tuple[Path, ...],
    out: Path,
    text: Path | None,
    json_file: Path | None,
    jobs: int | None,
    profile: str | None,
    pdfa: str,
    existing_text: str,
    *,
    duplex: bool,
    force: bool,
) -> None:
    """Reads every page of the sources, in order."""
    from app.workflow.documents import ReadingWish, read_files

    columns = (
        TextColumn(say("step.read")),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
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
            wish=ReadingWish(profile or settings.pdf_profile, pdfa, existing_text, force, duplex),
            report=lambda done, total: progress.update(line, completed=done, total=total or None),
            stopped=stopped,
        )
    if made.resumed:
        terminal.print(say("read.resumed", pages=made.resumed), soft_wrap=True)
    if made.unreadable:
        terminal.print(Text(say("read.unreadable", pages=made.unreadable), style="yellow"), soft_wrap=True)
    terminal.print(
        say("read.done", pages=made.pages, file=made.path, size=f"{made.bytes / 1024:.0f}"), soft_wrap=True
    )
