"""How much the intake takes, how long it waits, and which stations it knows."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sync.errors import Fault, SyncError

NAME = "sohoa-intake"
VERSION = "1.0"
DEFAULT_MAX_BYTES = 4 * 1024**3
"""Bytes of the largest package."""

STATIONS_FILE = "stations.json"


@dataclass(frozen=True)
class Limits:
    """Bounds that keep one sender from taking the intake away from the others.

    Bytes: `max_bytes` of a package, `reserve_bytes` of the disk that uploads never touch (so that receipts
    can still be written), `piece_bytes` held in memory per upload, `checkpoint_bytes` after which a long
    chunk without checksum is made durable. Seconds: `idle_s` without a byte, `upload_life_s` of an upload
    that nobody continues. `slowest_bytes_per_s` is the least average rate of a body after `idle_s`.
    """

    max_bytes: int = DEFAULT_MAX_BYTES
    reserve_bytes: int = 16 * 1024**2
    piece_bytes: int = 256 * 1024
    checkpoint_bytes: int = 4 * 1024**2
    idle_s: float = 30.0
    slowest_bytes_per_s: float = 512.0
    upload_life_s: float = 7 * 24 * 3600.0
    most_connections: int = 512


class Stations:
    """The stations that may send, by their bearer tokens; without any, the intake is open.

    Kept are SHA-256 hashes of tokens, never tokens.
    """

    def __init__(self, hash_by_station: Mapping[str, str]) -> None:
        self._hashes = dict(hash_by_station)

    @classmethod
    def of_tokens(cls, token_by_station: Mapping[str, str]) -> "Stations":
        """Make the list from tokens in the clear."""
        return cls({name: hash_of_token(token) for name, token in token_by_station.items()})

    @classmethod
    def read(cls, data_dir: Path) -> "Stations":
        """Read `stations.json` of the data folder: {"station": "SHA-256 of its token, hex"}.

        Raises SyncError(sync.intake-data) for a file that is not that: a slip of the pen must not open
        the intake to everybody.
        """
        path = data_dir / STATIONS_FILE
        if not path.exists():
            return cls({})
        try:
            values = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise SyncError(Fault.INTAKE_DATA, reason="stations") from error
        usable = isinstance(values, dict) and values
        if not usable or not all(isinstance(text, str) and len(text) == 64 for text in values.values()):
            raise SyncError(Fault.INTAKE_DATA, reason="stations")
        return cls({name: text.lower() for name, text in values.items()})

    @property
    def open(self) -> bool:
        """True when no token is asked for."""
        return not self._hashes

    def station_of(self, token: str) -> str | None:
        """Return the station of `token`, or None; takes as long for a near miss as for a wide one."""
        given = hash_of_token(token)
        found = None
        for name, known in self._hashes.items():
            if hmac.compare_digest(given, known):
                found = name
        return found


def hash_of_token(token: str) -> str:
    """Return the SHA-256 (hex) under which a token is kept."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
