"""`sohoa code`: codes of papers: give out, stamp, print, check (mã giấy tờ)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.outcome import FAULT_OF_THE_WORLD, show, terminal
from app.cli.words import language, say
from app.messages import explain
from app.settings import Settings

if TYPE_CHECKING:
    from app.domain.code_template import CodeTemplate
    from app.workflow.code_checking import Checked

_FILE = click.Path(dir_okay=False, path_type=Path)
_FILES = click.argument("files", nargs=-1, required=True, type=_FILE)
_TEMPLATE = click.option("--template", default="document", metavar="NAME", help=say("help.code.template"))
_KIND = click.option("--kind", metavar="KIND", help=say("help.code.kind"))
_PART = click.option("--part", "given", multiple=True, metavar="PART=VALUE", help=say("help.code.part"))
_JSON = click.option("--json", "as_json", is_flag=True, help=say("help.code.json"))


@click.group(help=say("help.code"))
def code() -> None:
    """Codes of papers."""


@code.command(help=say("help.code.new"))
@_TEMPLATE
@_KIND
@_PART
@click.option("--count", type=click.IntRange(1, 5000), default=1, help=say("help.code.count"))
@click.option("--version-of", metavar="CODE", help=say("help.code.version-of"))
@_JSON
@click.pass_obj
def new(
    settings: Settings,
    template: str,
    kind: str | None,
    given: tuple[str, ...],
    count: int,
    version_of: str | None,
    as_json: bool,
) -> None:
    """Gives out codes, one a line; each is in the register before it is shown."""
    from app.workflow.codes import issue, next_version
    from app.workflow.station import vietnam_now

    chosen = _template(settings, template)
    with _store(settings) as store:
        for _ in range(count):
            if version_of is not None:
                taken = next_version(store, chosen, version_of, vietnam_now())
            else:
                taken = issue(store, chosen, _values(settings, chosen, kind, given), vietnam_now())
            told = {"code": taken.code, "version": taken.version, "parts": taken.parts}
            click.echo(json.dumps(told, ensure_ascii=False) if as_json else taken.code)


@code.command(help=say("help.code.stamp"))
@_FILES
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help=say("help.code.stamp.out"),
)
@_TEMPLATE
@_KIND
@_PART
@click.option("--code", "text", metavar="CODE", help=say("help.code.stamp.code"))
@click.option("--description", default="", help=say("help.code.stamp.description"))
@click.option("--label", default="", help=say("help.code.stamp.label"))
@click.option("--seal-key", type=_FILE, help=say("help.code.stamp.seal-key"))
@_JSON
@click.pass_obj
def stamp(settings: Settings, /, files: tuple[Path, ...], out: Path, **wished: Any) -> None:
    """Prints a code into a free margin of every file's first page."""
    from app.workflow.code_keys import open_key
    from app.workflow.code_stamping import StampWish, as_json, stamp_files

    template, text = _template(settings, wished["template"]), wished["text"]
    if text is not None and len(files) > 1:
        raise click.BadParameter(say("code.one-file"), param_hint="--code")
    key = None
    if wished["seal_key"] is not None:
        passphrase = click.prompt(say("code.passphrase"), hide_input=True, err=True)
        key = open_key(wished["seal_key"], passphrase)
    with _store(settings) as store:
        held = store.codes.of(text.strip()) if text is not None else []
        if text is not None and not held:
            raise click.BadParameter(say("code.not-issued"), param_hint="--code")
        wish = StampWish(
            template=template,
            values={} if held else _values(settings, template, wished["kind"], wished["given"]),
            given=held[-1] if held else None,
            description=wished["description"],
            label=wished["label"],
            seal_key=key,
        )
        done = stamp_files(store, settings, list(files), out, wish)
    if wished["as_json"]:
        click.echo(as_json(done))
    for one in done:
        if one.error is not None:
            _line(say("code.failed", file=one.source))
            show(explain(one.error, language()))
        elif not wished["as_json"]:
            _line(say("code.stamped", issued=one.code, file=one.path))
    if any(one.error for one in done):
        raise click.exceptions.Exit(FAULT_OF_THE_WORLD)


@code.command(help=say("help.code.sheet"))
@click.argument("codes", nargs=-1)
@click.option("-o", "--out", type=_FILE, required=True, help=say("help.code.sheet.out"))
@click.option("--labels", default="nhan-24", show_default=True, help=say("help.code.sheet.labels"))
@click.option("--full", is_flag=True, help=say("help.code.sheet.full"))
@click.option("--skip", type=click.IntRange(0, 64), default=0, help=say("help.code.sheet.skip"))
@click.option("--note", default="", help=say("help.code.sheet.note"))
@_TEMPLATE
@_KIND
@_PART
@click.option("--count", type=click.IntRange(1, 5000), help=say("help.code.count"))
@click.pass_obj
def sheet(settings: Settings, /, codes: tuple[str, ...], out: Path, **wished: Any) -> None:
    """Writes labels or code sheets of codes given out before, or of `--count` new ones."""
    from app.workflow.code_sheets import label_kinds, print_code_labels, print_code_sheets
    from app.workflow.codes import issue
    from app.workflow.station import vietnam_now

    if not wished["full"] and wished["labels"] not in label_kinds():
        known = ", ".join(f"{name} ({title})" for name, title in label_kinds().items())
        raise click.BadParameter(say("code.no-labels", known=known), param_hint="--labels")
    printed = list(codes)
    if wished["count"] is not None:
        template = _template(settings, wished["template"])
        values = _values(settings, template, wished["kind"], wished["given"])
        with _store(settings) as store:
            printed += [issue(store, template, values, vietnam_now()).code for _ in range(wished["count"])]
    if not printed:
        raise click.BadParameter(say("code.no-codes"), param_hint="CODES")
    if wished["full"]:
        sheets = print_code_sheets(printed, out, note=wished["note"])
    else:
        sheets = print_code_labels(printed, out, wished["labels"], note=wished["note"], skip=wished["skip"])
    terminal.print(say("code.sheets-done", codes=len(printed), sheets=sheets, file=out), soft_wrap=True)


@code.command(help=say("help.code.check"))
@_FILES
@click.option(
    "--keys", multiple=True, type=click.Path(exists=True, path_type=Path), help=say("help.code.check.keys")
)
@click.option("--no-read", is_flag=True, help=say("help.code.check.no-read"))
@_JSON
@click.pass_obj
def check(
    settings: Settings,
    files: tuple[Path, ...],
    keys: tuple[Path, ...],
    no_read: bool,
    as_json: bool,
) -> None:
    """Reads the codes back from scans, photographs and files, and tells what doesn't fit together."""
    from app.workflow.code_checking import check_files
    from app.workflow.code_keys import public_keys
    from app.workflow.codes import templates

    trusted = public_keys(keys)
    with _store(settings) as store:
        found = list(check_files(store, settings, files, templates(settings), trusted, read=not no_read))
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            _tell(one)
    if any(one.error for one in found):
        raise click.exceptions.Exit(FAULT_OF_THE_WORLD)


@code.command(help=say("help.code.key"))
@click.option("-o", "--out", type=_FILE, required=True, help=say("help.code.key.out"))
def key(out: Path) -> None:
    """Makes the agency's key for seals."""
    from app.workflow.code_keys import make_key

    passphrase = click.prompt(say("code.new-passphrase"), hide_input=True, confirmation_prompt=True, err=True)
    try:
        public = make_key(out, passphrase)
    except ValueError as error:
        raise click.BadParameter(say("code.short-passphrase")) from error
    _line(say("code.key-made", file=out, public=public))


def _tell(found: "Checked") -> None:
    _line(str(found.file))
    if found.error is not None:
        show(explain(found.error, language()))
        return
    if not found.codes and not found.seals:
        _line(say("code.nothing"), 1)
    for one in found.codes:
        place = say("code.on-page", page=one.page, text=one.text, kind=one.symbology)
        known = say("code.of-template", template=one.template) if one.template else say("code.other")
        given = say("code.given-here") if one.issued else say("code.not-given-here")
        _line(f"{place}: {known}" + (f", {given}" if one.template else ""), 1)
    if found.agree is False:
        _line(say("code.disagree", issued=found.in_file), 1)
    for seal in found.seals:
        _line(say(f"code.seal.{seal.state}", page=seal.page, name=seal.key), 1)
        for field in seal.comparisons:
            name = say(f"code.name.{field.field}")
            told = say(f"code.field.{field.verdict.value}", sealed=field.sealed, found=field.found or "–")
            _line(f"{name}: {told}", 2)


def _line(text: str, depth: int = 0) -> None:
    """A line on the terminal as it is: what stands in a symbol is no markup."""
    terminal.print("  " * depth + text, soft_wrap=True, markup=False)


@contextmanager
def _store(settings: Settings) -> Iterator[Any]:
    from app.workflow.codes import register

    with register(settings) as store:
        yield store


def _template(settings: Settings, name: str) -> "CodeTemplate":
    from app.workflow.codes import templates

    known = templates(settings)
    if name not in known:
        raise click.BadParameter(say("code.no-template", known=", ".join(known)), param_hint="--template")
    return known[name]


def _values(
    settings: Settings, template: "CodeTemplate", kind: str | None, given: tuple[str, ...]
) -> dict[str, str | int]:
    """The parts as typed, the station's own agency where none was named."""
    values: dict[str, str | int] = {"agency": settings.agency_code} if "agency" in template.parts else {}
    if kind is not None:
        values["kind"] = kind
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in template.parts:
            parts = ", ".join(f"{part.name} ({part.title})" for part in template.parts.values())
            raise click.BadParameter(say("code.no-part", parts=parts), param_hint="--part")
        values[name] = value
    return values
