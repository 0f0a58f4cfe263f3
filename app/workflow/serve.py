"""The province's side run from here: serving, accounts, drives, the audit check (chạy máy chủ tiếp nhận)."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sync
import sync.server
from app.workflow.judging import PdfJudge
from app.workflow.judging_worker import TRUSTED

ROLES = tuple(str(role) for role in ("station", "worker", "operator"))


@dataclass(frozen=True)
class IntakeOptions:
    """How an intake is to run: its folder, its database's URL ("": SQLite in the folder), its agency, and
    what signatures must be (`signatures`, one of `app.workflow.judging_worker.POLICIES`; `trust` adds roots).
    """

    data: Path
    database: str = ""
    agency: str = ""
    signatures: str = TRUSTED
    trust: Sequence[Path] = ()
    max_bytes: int = 0


def serve_intake(options: IntakeOptions, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves until the process is asked to end; `ready` is told the URL. Raises SyncError."""
    with _choices(options) as choices:
        sync.server.serve(options.data, host=host, port=port, ready=ready, stop=None, choices=choices)


def add_account(
    data: Path, name: str, *, role: str, agency: str = "", packages_per_day: int = 0, bytes_per_day: int = 0
) -> str:
    """Writes an account down, or gives it a new token; returns the token, which is kept nowhere.

    Raises SyncError (sync.intake-data), ValueError for a name or an agency that is none.
    """
    from sync.server.accounts import is_account_name
    from sync.server.dossier_codes import is_agency

    if not is_account_name(name):
        raise ValueError(name)
    if agency and not is_agency(agency):
        raise ValueError(agency)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_urlsafe(32)
    account = sync.server.Account(
        name,
        sync.server.hash_of_token(token),
        role=sync.server.Role(role),
        agency=agency,
        packages_per_day=packages_per_day,
        bytes_per_day=bytes_per_day,
    )
    sync.server.write_accounts(data, {**sync.server.read_accounts(data), name: account})
    return token


def close_account(data: Path, name: str) -> None:
    """Lets an account in no more; what it sent stays. Raises KeyError for a name that is unknown."""
    accounts = sync.server.read_accounts(data)
    accounts[name] = replace(accounts[name], closed=True)
    sync.server.write_accounts(data, accounts)


def accounts_of(data: Path) -> list[tuple[str, str, str, bool]]:
    """(name, role, agency, closed) of every account, by name. Raises SyncError."""
    found = sync.server.read_accounts(data)
    return [(one.name, str(one.role), one.agency, one.closed) for _, one in sorted(found.items())]


def first_break(data: Path, database: str = "") -> int | None:
    """The first audit entry that is wrong or missing, or None. Raises SyncError."""
    ledger = sync.server.open_ledger(data, database)
    try:
        return sync.server.first_break(ledger)
    finally:
        ledger.close()


def import_drive(
    options: IntakeOptions, drive: Path, station: str, *, stopped: Callable[[], bool]
) -> list[sync.Carried]:
    """Takes packages in from a drive while the intake itself is down; receipts go onto the drive.

    They come in as those of `station`, through the very routes that a line leads to: on a port of this
    machine alone, with a token that lives as long as this call. Raises SyncError, KeyError for a station
    that has no account.
    """
    accounts = sync.server.read_accounts(options.data)
    account = accounts[station] if station else sync.server.Account("", "")
    token = secrets.token_urlsafe(32)
    known = {station: replace(account, token_sha256=sync.server.hash_of_token(token), closed=False)}
    with _choices(options) as choices:
        alone = replace(choices, accounts=sync.server.Accounts(known))
        with sync.server.IntakeThread(options.data, choices=alone) as running:
            return _carry(drive, sync.IntakeClient(running.url, token=token), stopped)


def import_over_line(
    url: str, token: str, drive: Path, station: str, *, stopped: Callable[[], bool]
) -> list[sync.Carried]:
    """The same through a running intake, with the station's own token or an operator's. Raises SyncError."""
    return _carry(drive, sync.IntakeClient(url, token=token or None, acts_for=station), stopped)


def _carry(drive: Path, client: sync.IntakeClient, stopped: Callable[[], bool]) -> list[sync.Carried]:
    connector = sync.IntakeConnector(client)
    try:
        return list(sync.carry(drive, connector, stopped=stopped))
    finally:
        connector.close()


@contextmanager
def _choices(options: IntakeOptions) -> Iterator[sync.server.Choices]:
    with PdfJudge(options.signatures, options.trust) as judge:
        yield sync.server.Choices(
            limits=sync.server.Limits(max_bytes=options.max_bytes or sync.server.DEFAULT_MAX_BYTES),
            database=options.database,
            judge=judge,
            agency=options.agency,
        )
