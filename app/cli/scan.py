"""`sohoa scan`: scanners without a dossier (máy quét)."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from app.cli.outcome import FAULT_OF_THE_WORLD, StopOnSignal, terminal
from app.cli.words import language, say, tell_finding
from app.settings import Settings

_VIRTUAL = click.option(
    "--virtual",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=say("help.scan.virtual"),
)
_DEVICE = click.option("--device", metavar="ID", help=say("help.scan.device"))
_JSON = click.option("--json", "as_json", is_flag=True, help=say("help.json"))


@click.group(help=say("help.scan"))
def scan() -> None:
    """Scanners: which, what they can do, pages into a folder."""


@scan.command(help=say("help.scan.devices"))
@_VIRTUAL
@_JSON
@click.pass_obj
def devices(settings: Settings, virtual: Path | None, as_json: bool) -> None:
    """Lists the scanners that answer."""
    from app.workflow.devices import open_scanners

    with open_scanners(settings, virtual) as scanners:
        found = scanners.devices()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(device) for device in found], ensure_ascii=False, indent=2))
        return
    table = Table("ID", say("scan.maker"), say("scan.model"), say("scan.kind"))
    for device in found:
        table.add_row(device.id, device.maker, device.model, device.kind)
    terminal.print(table if found else say("scan.none"))


@scan.command(help=say("help.scan.capabilities"))
@_DEVICE
@_VIRTUAL
@_JSON
@click.pass_obj
def capabilities(settings: Settings, device: str | None, virtual: Path | None, as_json: bool) -> None:
    """Tells what a scanner can do."""
    from app.workflow.devices import open_scanners, option_words

    with open_scanners(settings, virtual) as scanners:
        found = scanners.capabilities(device)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2))
        return
    table = Table(show_header=False)
    table.add_row(say("scan.sources"), ", ".join(say(f"source.{source.value}") for source in found.sources))
    table.add_row(say("scan.modes"), ", ".join(say(f"mode.{mode.value}") for mode in found.modes))
    table.add_row(say("scan.resolutions"), ", ".join(map(str, found.resolutions)) + " dpi")
    table.add_row(say("scan.size"), f"{found.max_width_mm:.0f} × {found.max_height_mm:.0f} mm")
    terminal.print(table)
    options = Table(*(say(f"scan.option.{column}") for column in ("name", "title", "value", "sentence")))
    for option in option_words(found, language()):
        options.add_row(option.name, option.title, option.value, option.sentence)
    if options.row_count:
        terminal.print(options)


@scan.command(help=say("help.scan.pages"))
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help=say("help.scan.out")
)
@_DEVICE
@_VIRTUAL
@click.option(
    "--source", type=click.Choice(["feeder", "duplex", "flatbed"]), default="feeder", show_default=True
)
@click.option("--mode", type=click.Choice(["color", "grey", "bitonal"]), default="color", show_default=True)
@click.option("--dpi", type=click.IntRange(200, 1200), default=300, show_default=True)
@click.option("--pages", type=click.IntRange(1), metavar="N", help=say("help.scan.limit"))
@click.option("--profile", metavar="NAME", help=say("help.scan.profile"))
@click.option("--wait", "waits", is_flag=True, help=say("help.scan.wait"))
@click.option("--by-hand", is_flag=True, help=say("help.scan.by-hand"))
@_JSON
@click.pass_obj
def pages(
    settings: Settings,
    out: Path,
    device: str | None,
    virtual: Path | None,
    source: str,
    mode: str,
    dpi: int,
    pages: int | None,
    profile: str | None,
    waits: bool,
    by_hand: bool,
    as_json: bool,
) -> None:
    """Scans the paper in the feeder into a folder, each page durable before it is named."""
    from app.workflow.devices import open_scanners, scan_request

    request = scan_request(source=source, mode=mode, dpi=dpi, page_limit=pages)
    kept = []
    with StopOnSignal() as stopped, open_scanners(settings, virtual) as scanners:
        if profile is not None:
            fitted = scanners.fitted(device, profile)
            request = dataclasses.replace(fitted.request, page_limit=pages)
            for note in fitted.notes:
                terminal.print(f"• {tell_finding(note.code.value, dict(note.facts))}")
        if waits:
            terminal.print(say("scan.waiting"))
            scanners.await_start(device, stopped)
        for page in scanners.pages(out, device, request, stopped, profile or ""):
            kept.append(page)
            terminal.print(say("scan.kept", number=page.number, file=page.path.name))
        if by_hand:
            click.pause(say("scan.turn-over"), err=True)
            backs, found = scanners.backs(out, kept, device, request, stopped)
            for finding in found:
                terminal.print(f"• {tell_finding(finding.code.value, dict(finding.facts))}")
            if not backs:
                terminal.print(say("scan.backs-apart", folder=out.resolve()))
                raise click.exceptions.Exit(FAULT_OF_THE_WORLD)
            kept += backs
    _print_kept(kept, out, as_json=as_json)


@scan.command("import", help=say("help.scan.import"))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help=say("help.scan.out")
)
@click.option("--duplex", is_flag=True, help=say("help.scan.import.duplex"))
@_JSON
def import_files(files: tuple[Path, ...], out: Path, duplex: bool, as_json: bool) -> None:
    """Takes scans that are files already into a folder of pages."""
    from app.workflow.importing import import_into

    kept = []
    with StopOnSignal() as stopped:
        for page in import_into(out, files, stopped, both_sides=duplex):
            kept.append(page)
            terminal.print(say("scan.kept", number=page.number, file=page.path.name))
    _print_kept(kept, out, as_json=as_json)


@scan.command(help=say("help.scan.certificates"))
@click.option("--forget", metavar="NAME", help=say("help.scan.certificates.forget"))
@click.pass_obj
def certificates(settings: Settings, forget: str | None) -> None:
    """Lists the network scanners whose certificate is held to, or lets one show a new certificate."""
    from app.workflow.devices import forget_certificate, remembered_certificates

    if forget is None:
        for name in remembered_certificates(settings):
            click.echo(name)
        return
    if not forget_certificate(settings, forget):
        raise click.BadParameter(say("scan.certificates.none"), param_hint="--forget")
    terminal.print(say("scan.certificates.forgotten", name=forget))


def _print_kept(kept: Sequence[Any], out: Path, *, as_json: bool) -> None:
    if as_json:
        rows = [{**dataclasses.asdict(page), "path": str(page.path.resolve())} for page in kept]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    terminal.print(say("scan.done", pages=len(kept), folder=out.resolve()))
