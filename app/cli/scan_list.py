"""`sohoa scan test-page|test|inventory`: how good the scanners are, which there are (kiểm tra, kiểm kê)."""

import dataclasses
import json
from pathlib import Path

import click
from rich.table import Table

from app.cli.outcome import StopOnSignal, terminal
from app.cli.words import say
from app.settings import Settings

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_VIRTUAL = click.option("--virtual", type=_FOLDER, metavar="DIR", help=say("help.scan.virtual"))
_JSON = click.option("--json", "as_json", is_flag=True, help=say("help.json"))


@click.command("test-page", help=say("help.scan.test-page"))
@click.option("-o", "--out", type=_FILE, required=True, help=say("help.scan.test-page.out"))
def test_page(out: Path) -> None:
    """Writes the page to be printed."""
    from app.workflow.inventory import write_test_page

    write_test_page(out)
    terminal.print(say("scan.test-page.done", file=out), soft_wrap=True)


@click.command(help=say("help.scan.test"))
@click.option("--device", metavar="ID", help=say("help.scan.device"))
@_VIRTUAL
@_JSON
@click.pass_obj
def test(settings: Settings, device: str | None, virtual: Path | None, as_json: bool) -> None:
    """Scans the printed test page and measures it."""
    from app.workflow.devices import open_scanners
    from app.workflow.inventory import test_scanner

    with StopOnSignal() as stopped, open_scanners(settings, virtual) as scanners:
        result = test_scanner(settings, scanners, device, stopped)
    if as_json:
        printed = {**dataclasses.asdict(result), "verdict": result.verdict.value}
        click.echo(json.dumps(printed, ensure_ascii=False, indent=2))
    table = Table(show_header=False)
    table.add_row(say("scan.test.resolution"), f"{result.resolution_lp_mm:.1f} lp/mm")
    table.add_row(say("scan.test.skew"), f"{result.skew_deg:+.2f}°")
    table.add_row(say("scan.test.streaks"), str(len(result.streaks)))
    cast = result.colour_cast_delta_e
    table.add_row(say("scan.test.cast"), "–" if cast is None else f"ΔE {cast:.1f}")
    table.add_row(say("scan.test.greys"), f"{result.grey_steps}/10")
    weak = ", ".join(say(f"weakness.{weakness.value}") for weakness in result.weaknesses)
    table.add_row(say("scan.test.verdict"), weak or say("scan.test.good"))
    terminal.print(table)


@click.command(help=say("help.scan.inventory"))
@click.option("--csv", "csv_file", type=_FILE, help=say("help.scan.inventory.csv"))
@click.option("--offline", is_flag=True, help=say("help.scan.inventory.offline"))
@_VIRTUAL
@_JSON
@click.pass_obj
def inventory(
    settings: Settings, csv_file: Path | None, offline: bool, virtual: Path | None, as_json: bool
) -> None:
    """Lists the scanners this station has met."""
    from contextlib import nullcontext

    from app.workflow.devices import open_scanners
    from app.workflow.inventory import inventory as list_of
    from app.workflow.inventory import write_csv

    opened = nullcontext() if offline else open_scanners(settings, virtual)
    with opened as scanners:
        known = list_of(settings, scanners)
    if csv_file is not None:
        write_csv(known, settings, csv_file)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(device) for device in known], ensure_ascii=False, indent=2))
        return
    columns = ("maker", "model", "serial", "connection", "pages", "tested", "result")
    table = Table(*(say(f"inventory.column.{column}") for column in columns))
    for device in known:
        table.add_row(
            device.maker,
            device.model,
            device.serial,
            say(f"connection.{device.connection}"),
            str(device.pages_scanned),
            _day(device.last_test_at),
            device.test_result,
        )
    terminal.print(table if known else say("scan.none"))


def _day(moment: str | None) -> str:
    from datetime import datetime

    return f"{datetime.fromisoformat(moment):%d/%m/%Y}" if moment else ""
