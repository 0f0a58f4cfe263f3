"""`sohoa intake …`: the reference intake server and what its operator does (máy chủ tiếp nhận tham chiếu)."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.outcome import FAULT_OF_THE_WORLD, StopOnSignal, show, terminal
from app.cli.words import language, say
from app.messages import explain

if TYPE_CHECKING:
    from app.workflow.serve import IntakeOptions

_DATABASE_VARIABLE = "SOHOA_INTAKE_DATABASE"
_ROLES = ("station", "worker", "operator")
_SIGNATURES = ("trusted", "whole", "none")
_DATA = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help=say("help.intake.data")
)
_DATABASE = click.option(
    "--database", default="", envvar=_DATABASE_VARIABLE, help=say("help.intake.database")
)
_SIGNED = click.option(
    "--signatures",
    type=click.Choice(_SIGNATURES),
    default="trusted",
    show_default=True,
    help=say("help.intake.signatures"),
)
_TRUST = click.option(
    "--trust", type=click.Path(exists=True, path_type=Path), multiple=True, help=say("help.intake.trust")
)
_AGENCY = click.option("--agency", default="", help=say("help.intake.agency"))


@click.group(help=say("help.intake"))
def intake() -> None:
    """The province's side."""


@intake.command(help=say("help.intake.serve"))
@_DATA
@click.option("--host", default="127.0.0.1", show_default=True, help=say("help.intake.host"))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8468, show_default=True, help=say("help.intake.port")
)
@_DATABASE
@_AGENCY
@_SIGNED
@_TRUST
@click.option("--max-mb", type=click.IntRange(1, 1_000_000), default=4096, help=say("help.intake.max-mb"))
def serve(
    data: Path,
    host: str,
    port: int,
    database: str,
    agency: str,
    signatures: str,
    trust: tuple[Path, ...],
    max_mb: int,
) -> None:
    """Serves until the process is asked to end."""
    from app.workflow.serve import serve_intake

    options = _options(data, database, agency, signatures, trust, max_mb)
    serve_intake(options, host, port, ready=lambda url: terminal.print(say("intake.ready", url=url)))


@intake.group(help=say("help.intake.account"))
def account() -> None:
    """Who may speak to the intake."""


@account.command("add", help=say("help.intake.account.add"))
@_DATA
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), default="station", help=say("help.intake.role"))
@_AGENCY
@click.option("--packages-per-day", type=click.IntRange(0), default=0, help=say("help.intake.packages"))
@click.option("--mb-per-day", type=click.IntRange(0), default=0, help=say("help.intake.mb"))
def add_account(
    data: Path, name: str, role: str, agency: str, packages_per_day: int, mb_per_day: int
) -> None:
    """Writes an account down and prints its token, once."""
    from app.workflow.serve import add_account as write_down

    try:
        token = write_down(
            data,
            name,
            role=role,
            agency=agency,
            packages_per_day=packages_per_day,
            bytes_per_day=mb_per_day * 1024**2,
        )
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    terminal.print(say("intake.account-added", name=name))
    click.echo(token)


@account.command("list", help=say("help.intake.account.list"))
@_DATA
def list_accounts(data: Path) -> None:
    """Prints a line for each account."""
    from app.workflow.serve import accounts_of

    found = accounts_of(data)
    for name, role, agency, closed in found:
        state = say("intake.account-closed") if closed else say("intake.account-open")
        click.echo(f"{name}\t{role}\t{agency or '-'}\t{state}")
    if not found:
        terminal.print(say("intake.no-accounts"))


@account.command("close", help=say("help.intake.account.close"))
@_DATA
@click.argument("name")
def close(data: Path, name: str) -> None:
    """Lets an account in no more."""
    from app.workflow.serve import close_account

    try:
        close_account(data, name)
    except KeyError as error:
        raise click.BadParameter(name) from error
    terminal.print(say("intake.account-shut", name=name))


@intake.command("import", help=say("help.intake.import"))
@click.argument("drive", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--station", default="", help=say("help.intake.station"))
@click.option(
    "--data", type=click.Path(file_okay=False, exists=True, path_type=Path), help=say("help.intake.data")
)
@click.option("--url", default="", help=say("help.intake.url"))
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=say("help.intake.token"),
)
@_DATABASE
@_AGENCY
@_SIGNED
@_TRUST
@click.pass_context
def import_drive(
    context: click.Context,
    drive: Path,
    station: str,
    data: Path | None,
    url: str,
    token_file: Path | None,
    database: str,
    agency: str,
    signatures: str,
    trust: tuple[Path, ...],
) -> None:
    """Takes packages in from a drive; their receipts go onto it."""
    from app.workflow.serve import import_drive as import_at_rest
    from app.workflow.serve import import_over_line

    if (data is None) == (not url):
        raise click.UsageError(say("intake.data-or-url"))
    with StopOnSignal() as stopped:
        if data is None:
            token = token_file.read_text("utf-8").strip() if token_file else ""
            carried = import_over_line(url, token, drive, station, stopped=stopped)
        else:
            options = _options(data, database, agency, signatures, trust)
            try:
                carried = import_at_rest(options, drive, station, stopped=stopped)
            except KeyError as error:
                raise click.BadParameter(station, param_hint="--station") from error
    for one in carried:
        if one.error is None:
            terminal.print(say("outbox.sent", submission=one.submission_id))
        else:
            terminal.print(say("outbox.not-sent", submission=one.submission_id))
            show(explain(one.error, language()))
    if not carried:
        terminal.print(say("outbox.nothing-due"))
    if any(one.error for one in carried):
        context.exit(FAULT_OF_THE_WORLD)


@intake.command("check", help=say("help.intake.check"))
@_DATA
@_DATABASE
@click.pass_context
def check(context: click.Context, data: Path, database: str) -> None:
    """Checks the audit chain against receipts and decisions."""
    from app.workflow.serve import first_break

    broken = first_break(data, database)
    if broken is None:
        terminal.print(say("intake.audit-whole"))
        return
    terminal.print(say("intake.audit-broken", number=broken))
    context.exit(FAULT_OF_THE_WORLD)


def _options(
    data: Path, database: str, agency: str, signatures: str, trust: tuple[Path, ...], max_mb: int = 4096
) -> "IntakeOptions":
    from app.workflow.serve import IntakeOptions

    return IntakeOptions(
        data=data,
        database=database,
        agency=agency,
        signatures=signatures,
        trust=trust,
        max_bytes=max_mb * 1024**2,
    )
