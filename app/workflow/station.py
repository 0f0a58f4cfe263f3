"""A station at work: its store and the devices it reaches, handed in from outside (trạm)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ulid import ULID

from app.settings import Settings
from app.store import Store
from app.store.durable import make_folder
from app.workflow.turn import Turn

if TYPE_CHECKING:
    import ocr
    import scanner
    import signing
    import sync
    from scanner import Capabilities

VIETNAM = timezone(timedelta(hours=7), "+07")


def vietnam_now() -> datetime:
    """The present moment on the wall clock of Viet Nam (+07:00), to the second."""
    return datetime.now(VIETNAM).replace(microsecond=0)


@dataclass(frozen=True)
class Signer:
    """How this station signs: whose token, the PIN asked for when it is needed, where time comes from."""

    token: "signing.Token"
    ask_pin: Callable[[], str]
    timestamps: "signing.Stamps | None"
    trust: tuple[Path, ...] = ()
    assurance: "signing.Assurance | None" = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What any work on dossiers needs: the store, the way to the intake, a clock (bàn làm việc)."""

    store: Store
    settings: Settings
    intake: "Callable[[], sync.Connector]"
    training: bool = False
    clock: Callable[[], datetime] = vietnam_now
    new_id: Callable[[], str] = field(default=lambda: str(ULID()))
    turn: Turn = field(default_factory=Turn)

    def note(self, action: str, subject: str, **details: str | int | float) -> None:
        """Adds a row to the audit chain in this station's name."""
        self.store.audit.add(
            action, subject, actor=self.settings.station, at=self.clock(), details=details or None
        )


@dataclass(frozen=True, kw_only=True)
class Station(Desk):
    """A desk with its devices; nothing in it knows a window or a terminal (trạm số hóa)."""

    scanner: "scanner.Backend"
    device_id: Callable[[], str]
    reader: "ocr.Reader"
    readers: ThreadPoolExecutor
    signer: Callable[[], Signer]
    find_device: Callable[[str], str] | None = None
    _capabilities: "dict[str, Capabilities]" = field(default_factory=dict)

    def capabilities(self, device_id: str) -> "Capabilities":
        """What the device can do, asked once; raises ScanError."""
        if device_id not in self._capabilities:
            self._capabilities[device_id] = self.scanner.capabilities(device_id)
        return self._capabilities[device_id]

    def reached_device(self) -> str:
        """The scanner of this station, found again where it answers under another id than before.

        Raises ScanError, `scan.no-device` where it doesn't answer anywhere.
        """
        device_id = self.device_id()
        try:
            self.capabilities(device_id)
        except Exception as error:
            # The fault is told by its code: this file knows no engine.
            if self.find_device is None or getattr(error, "code", "") != "scan.no-device":
                raise
            device_id = self.find_device(device_id)
        return device_id

    def lost_device(self, device_id: str) -> None:
        """The scanner didn't answer: what was known of it is asked anew next time."""
        self._capabilities.pop(device_id, None)

    @property
    def clerk(self) -> str:
        """Full name of the clerk at this station (cán bộ tiếp nhận)."""
        return self.settings.clerk

    def work_folder(self, dossier_id: str) -> Path:
        """Where files of this dossier are made before they become blobs; created when missing."""
        folder = self.store.folder / "work" / dossier_id
        make_folder(folder)
        return folder
