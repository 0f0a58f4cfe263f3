"""`sohoa intake serve`: the reference intake server (máy chủ tiếp nhận tham chiếu)."""

from pathlib import Path

import click

from app.cli.outcome import terminal
from app.cli.words import say


@click.group(help=say("help.intake"))
def intake() -> None:
    """The province's side."""


@intake.command(help=say("help.intake.serve"))
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help=say("help.intake.data")
)
@click.option("--host", default="127.0.0.1", show_default=True, help=say("help.intake.host"))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8468, show_default=True, help=say("help.intake.port")
)
def serve(data: Path, host: str, port: int) -> None:
    """Serves until the process is asked to end."""
    from app.workflow.serve import serve_intake

    serve_intake(data, host, port, ready=lambda url: terminal.print(say("intake.ready", url=url)))
