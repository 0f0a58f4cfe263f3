"""`sohoa demo`: paper in, receipt out, with the papers that ship with the program (chạy mẫu)."""

import json
import signal
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
from rich.box import SIMPLE_HEAD
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.cli.outcome import terminal
from app.cli.words import say
from app.jobs import Job
from app.settings import Settings

if TYPE_CHECKING:
    from app.workflow.happenings import Happening
    from app.workflow.results import DossierResult


@click.command(help=say("help.demo"))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help=say("help.demo.out"))
@click.option("--json", "as_json", is_flag=True, help=say("help.demo.json"))
@click.option("--keep-serving", is_flag=True, help=say("help.demo.keep-serving"))
@click.option("--fault", metavar="WHAT", help=say("help.demo.fault"))
@click.pass_obj
def demo(settings: Settings, out: Path | None, as_json: bool, keep_serving: bool, fault: str | None) -> None:
    """Takes one dossier through the whole way and prints what came of it."""
    from app.workflow.demo import Practice, parse_practice, run_demo

    try:
        practice = parse_practice(fault) if fault else Practice()
    except ValueError as error:
        raise click.BadParameter(say("demo.bad-fault"), param_hint="--fault") from error
    folder = (out or settings.training_folder()).resolve()
    job: Job[Any] = Job("demo")
    handlers = {number: signal.signal(number, _stop(job)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _ProgressLines(job) as lines:
            job.run(
                lambda job: run_demo(
                    folder, settings, job, lines.tell, practice=practice, keep_serving=keep_serving
                )
            )
        delivered = job.result()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    _print_table(delivered.dossier)
    if keep_serving:
        terminal.print(say("demo.serving", url=delivered.intake_url, pid=delivered.intake_pid))
    if as_json:
        click.echo(
            json.dumps(as_object(delivered.dossier, delivered.intake_url), ensure_ascii=False, indent=2)
        )


def as_object(result: "DossierResult", intake_url: str) -> dict[str, object]:
    """What `--json` prints: the components, the receipt's file, the package's hash at the server."""
    return {
        "components": [
            {
                "name": component.name,
                "code": component.code,
                "pages": component.pages,
                "pdf": str(component.pdf),
                "sha256": component.sha256,
                "bytes": component.bytes,
                "ocr_confidence": component.ocr_confidence,
                "signature": component.signature,
            }
            for component in result.components
        ],
        "dossier": result.dossier_code,
        "folder": str(result.folder),
        "submission_id": result.submission_id,
        "receipt": str(result.receipt),
        "package_sha256": result.package_sha256,
        "server_sha256": result.server_sha256,
        "intake_url": intake_url,
    }


@dataclass
class _ProgressLines:
    """One line for each step of the job on the terminal's error stream."""

    job: "Job[Any]"
    _progress: Progress = field(init=False)
    _lines: dict[str, TaskID] = field(default_factory=dict)
    _details: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "_ProgressLines":
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=terminal,
        )
        self._progress.start()
        self.job.watch(self._step)
        return self

    def __exit__(self, *_: object) -> None:
        if self.job.done and self.job.error() is None:
            self._close_open_lines()
        self._progress.stop()

    def tell(self, happening: "Happening") -> None:
        """Shows a page or a component as it comes."""
        from app.workflow.happenings import BytesSent, ComponentChanged, PageKept, PageRead

        match happening:
            case PageKept(page):
                self._detail("scan", say("demo.page-kept", number=page.number))
            case PageRead(page) if page.confidence:
                self._detail(
                    "scan", say("demo.page-read", number=page.number, confidence=round(page.confidence))
                )
            case ComponentChanged(component) if component.signed:
                self._detail("sign", component.code or "")
            case ComponentChanged(component) if component.coded:
                self._detail("build", component.code or "")
            case BytesSent(sent, total):
                self._detail("send", f"{sent * 100 // max(total, 1)} %")

    def _step(self, job: "Job[Any]") -> None:
        step = job.progress.step
        if step and step not in self._lines:
            self._close_open_lines()
            self._lines[step] = self._progress.add_task(say(f"step.{step}"), total=None, detail="")

    def _detail(self, step: str, text: str) -> None:
        if step in self._lines:
            self._progress.update(self._lines[step], detail=text)

    def _close_open_lines(self) -> None:
        for line in self._lines.values():
            self._progress.update(line, total=1, completed=1)


def _stop(job: "Job[Any]") -> Any:
    def handler(number: int, frame: FrameType | None) -> None:
        del number, frame
        if job.stopped():
            raise KeyboardInterrupt
        job.cancel()

    return handler


def _print_table(result: "DossierResult") -> None:
    table = Table(
        title=say("demo.table", code=result.dossier_code),
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for column in ("component", "pages", "code", "confidence", "size", "signature", "receipt"):
        numeric = column in ("pages", "confidence", "size")
        table.add_column(
            say(f"demo.column.{column}"),
            justify="right" if numeric else "left",
            no_wrap=column != "component",
        )
    for component in result.components:
        table.add_row(
            component.name,
            str(component.pages),
            component.code,
            f"{component.ocr_confidence:.1f}",
            f"{component.bytes / 1024:.0f} KB",
            say(f"level.{component.signature}"),
            say("demo.receipt-verified"),
        )
    terminal.print(table)
    terminal.print(say("demo.submission", submission=result.submission_id))
    terminal.print(say("demo.where", folder=result.folder), soft_wrap=True)
