"""Who may speak to the intake, as what, and how much it may send (tài khoản)."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from sync.durable import durable_file, storage_faults
from sync.errors import Fault, SyncError
from sync.server.dossier_codes import is_agency

logger = logging.getLogger(__name__)

ACCOUNTS_FILE = "stations.json"
_LOOK_AGAIN_S = 1.0
_LONGEST_NAME = 64
_HEX = frozenset("0123456789abcdef")


class Role(StrEnum):
    """What an account may do."""

    STATION = "station"  # trạm số hóa: gửi hồ sơ
    WORKER = "worker"  # phần mềm xử lý của tỉnh: nhận việc, trả kết quả
    OPERATOR = "operator"  # người vận hành: xem trang tình hình, nhập gói từ USB thay trạm


@dataclass(frozen=True)
class Account:
    """One account: its name, the SHA-256 (hex) of its token, its role and its bounds.

    `agency` numbers its dossiers (mã định danh cơ quan); "" leaves that to the intake's own. Quotas of 0
    mean the intake's own bounds. Kept are hashes of tokens, never tokens.
    """

    name: str
    token_sha256: str
    role: Role = Role.STATION
    agency: str = ""
    packages_per_day: int = 0
    bytes_per_day: int = 0
    uploads_at_once: int = 0
    closed: bool = False


ANYBODY = Account("", "")
"""The station of an intake that asks for no token."""


class Accounts:
    """The accounts of an intake; without a station among them, the intake is open to senders."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = dict(accounts)

    @classmethod
    def of_tokens(cls, token_by_station: Mapping[str, str]) -> "Accounts":
        """Make stations from tokens in the clear."""
        return cls({name: Account(name, hash_of_token(token)) for name, token in token_by_station.items()})

    def refreshed(self) -> "Accounts":
        """Return the accounts as they are by now; these never change."""
        return self

    @property
    def open(self) -> bool:
        """True when stations need no token."""
        return not any(account.role is Role.STATION for account in self._accounts.values())

    @property
    def has_operator(self) -> bool:
        """True when somebody watches over this intake."""
        return any(account.role is Role.OPERATOR for account in self._accounts.values())

    def named(self, name: str) -> Account | None:
        """Return the account of this name, or None."""
        return self._accounts.get(name)

    def all(self) -> list[Account]:
        """Return all accounts by name."""
        return [self._accounts[name] for name in sorted(self._accounts)]

    def of_token(self, token: str) -> Account | None:
        """Return the account of `token`, or None; takes as long for a near miss as for a wide one."""
        given = hash_of_token(token)
        found = None
        for account in self._accounts.values():
            if hmac.compare_digest(given, account.token_sha256) and not account.closed:
                found = account
        return found


class AccountsFile(Accounts):
    """The accounts in `stations.json` of a data folder; a change of the file counts within a second.

    The file is {name: SHA-256 of the token, hex} or {name: {"token_sha256": …, "role": …, …}}.
    Raises SyncError(sync.intake-data) for a file that is not that: a slip of the pen must not open it all.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / ACCOUNTS_FILE
        self._seen = _stamp(self._path)
        self._looked = time.monotonic()
        super().__init__(read_accounts(data_dir))

    def refreshed(self) -> "Accounts":
        """Read the file again if it changed. One that broke or went away leaves everything as it was."""
        if time.monotonic() - self._looked < _LOOK_AGAIN_S:
            return self
        self._looked = time.monotonic()
        stamp = _stamp(self._path)
        if stamp != self._seen and stamp is not None:
            self._seen = stamp
            try:
                self._accounts = read_accounts(self._path.parent)
            except SyncError as error:
                logger.error("the accounts could not be read again: %s", error.facts.get("reason"))
        return self


def read_accounts(data_dir: Path) -> dict[str, Account]:
    """Return the accounts written down in a data folder. Raises SyncError(sync.intake-data)."""
    path = data_dir / ACCOUNTS_FILE
    if not path.exists():
        return {}
    try:
        values = json.loads(path.read_text("utf-8"))
        if not isinstance(values, dict) or not values:
            raise ValueError("shape")
        return {name: _account(name, value) for name, value in values.items()}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise SyncError(Fault.INTAKE_DATA, reason="stations") from error


def write_accounts(data_dir: Path, accounts: Mapping[str, Account]) -> None:
    """Write the accounts down, wholly or not at all, for the owner alone."""
    values = {
        name: {key: value for key, value in asdict(account).items() if key != "name" and value not in ("", 0)}
        for name, account in sorted(accounts.items())
    }
    with storage_faults(), durable_file(data_dir / ACCOUNTS_FILE) as stream:
        stream.write(json.dumps(values, indent=2, ensure_ascii=False).encode("utf-8") + b"\n")


def hash_of_token(token: str) -> str:
    """Return the SHA-256 (hex) under which a token is kept."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def is_account_name(name: str) -> bool:
    """Tell whether `name` may stand for an account: printable, not empty, without a colon (RFC 7617)."""
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and ":" not in name and name == name.strip()


def _account(name: str, value: object) -> Account:
    if isinstance(value, str):
        value = {"token_sha256": value}
    if not isinstance(value, dict) or not is_account_name(name):
        raise ValueError(name)
    account = Account(name, **value)
    account = replace(account, token_sha256=str(account.token_sha256).lower(), role=Role(account.role))
    numbers = (account.packages_per_day, account.bytes_per_day, account.uploads_at_once)
    if len(account.token_sha256) != 64 or not _HEX.issuperset(account.token_sha256):
        raise ValueError("token_sha256")
    if any(type(number) is not int or number < 0 for number in numbers) or type(account.closed) is not bool:
        raise ValueError("quota")
    if not isinstance(account.agency, str) or not (account.agency == "" or is_agency(account.agency)):
        raise ValueError("agency")
    return account


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
