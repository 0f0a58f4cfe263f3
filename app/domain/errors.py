"""Faults of the workstation itself, beside those of the engines."""

import errno
from enum import StrEnum


class StationFault(StrEnum):
    """Stable codes of what can go wrong between the rooms."""

    IN_USE = "station.in-use"  # another program works in this data folder
    DATA_NEWER = "station.data-newer"  # the data folder was written by a newer version
    DATA_DAMAGED = "station.data-damaged"  # the database does not pass its own check
    DISK_FULL = "station.disk-full"
    DISK_FAULT = "station.disk-fault"
    NO_PERMISSION = "station.no-permission"
    SIDECARS_MISSING = "station.sidecars-missing"  # nothing left to make the database anew from
    BLOB_MISSING = "station.blob-missing"
    BLOB_DAMAGED = "station.blob-damaged"
    AUDIT_BROKEN = "station.audit-broken"
    SETTINGS_BAD = "station.settings-bad"
    SETTING_LOCKED = "station.setting-locked"
    CATALOGUE_BAD = "station.catalogue-bad"
    NO_PROCEDURE = "station.no-procedure"
    NO_PAGES = "station.no-pages"
    UNASSIGNED_PAGES = "station.unassigned-pages"
    EMPTY_COMPONENT = "station.empty-component"
    PAGE_UNREADABLE = "station.page-unreadable"
    COUNT_DIFFERS = "station.count-differs"
    SHEET_MISSING = "station.sheet-missing"  # a gap among the sheets of one feed, or a side that is not there
    ORDER_CHANGED = "station.order-changed"  # pages stand otherwise than the paper lay, and nobody said why
    FED_NOT_KEPT = "station.fed-not-kept"  # the device counted more than was kept
    NO_FRONTS = "station.no-fronts"  # no pages wait for their backs
    BACKS_UNEQUAL = "station.backs-unequal"
    BACKS_ARE_FRONTS = "station.backs-are-fronts"  # the stack was not turned over
    BACKS_REVERSED = "station.backs-reversed"
    BACKS_UPSIDE_DOWN = "station.backs-upside-down"
    SIGNATURE_BAD = "station.signature-bad"
    INTAKE_SILENT = "station.intake-silent"
    RECEIPT_KEY_CHANGED = "station.receipt-key-changed"
    NO_TOKEN_MODULE = "station.no-token-module"  # noqa: S105 - a code, no secret
    NO_TIME_SERVICE = "station.no-time-service"
    TRAINING_ONLY = "station.training-only"  # a training dossier never leaves the training room
    REAL_DOSSIERS = "station.real-dossiers"  # the training room keeps away from citizens' papers
    TEMPLATES_BAD = "station.templates-bad"  # a file of code templates describes no codes
    CODE_BAD = "station.code-bad"  # a part of a code doesn't fit its template
    CODE_UNKNOWN = "station.code-unknown"  # a new version of a code that was never given out
    CODE_TAKEN = "station.code-taken"  # the code stands on another file already
    NO_DISPLAY = "station.no-display"
    SEALED_ALREADY = "station.sealed-already"  # the package is sealed: its data stays as it is
    SIGNED_ALREADY = "station.signed-already"  # no page is added once a component is signed
    SECRETS_LOCKED = "station.secrets-locked"  # the keyring does not give the key of the secrets
    NOT_REJECTED = "station.not-rejected"  # only what the province sent back is mended
    NO_INTAKE = "station.no-intake"
    CANCELLED = "station.cancelled"


class StationError(Exception):
    """A fault of the world seen by the workstation; `facts` fill its message, never with personal data."""

    def __init__(self, fault: StationFault, **facts: str | int | float) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.facts = facts

    @property
    def code(self) -> str:
        """The stable code that the messages are found by."""
        return self.fault.value


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def disk_fault(error: OSError) -> StationError:
    """What the operating system refused, as a coded fault."""
    if error.errno in _FULL:
        return StationError(StationFault.DISK_FULL)
    if error.errno in _FORBIDDEN:
        return StationError(StationFault.NO_PERMISSION)
    return StationError(StationFault.DISK_FAULT, errno=error.errno or 0)
