"""What can go wrong between the workstation and the province, each fault under a stable code."""

import errno
from enum import StrEnum


class Fault(StrEnum):
    """One member a fault; the value is the code that messages and logs are keyed by."""

    OFFLINE = "sync.offline"
    """The server cannot be reached, or the line broke."""
    TIMEOUT = "sync.timeout"
    """The server was reached and then said nothing for too long."""
    CAPTIVE_PORTAL = "sync.captive-portal"
    """Something answered that is not the intake: a log-in page of the network, a proxy, another site."""
    CERTIFICATE = "sync.certificate"
    """The server's TLS certificate is not trusted (wrong clock, missing root, or an interceptor)."""
    ADDRESS = "sync.address"
    """The address of the intake in the settings is not an http(s) address."""
    UNAUTHORISED = "sync.unauthorised"
    """The server does not know this station's token."""
    REJECTED = "sync.rejected"
    """The server refused the package; `reason` says why."""
    TOO_LARGE = "sync.too-large"
    """The package is larger than the server takes."""
    CONFLICT = "sync.conflict"
    """Other bytes were already accepted under this submission id."""
    SERVER_FAULT = "sync.server-fault"
    """The server failed, or broke the protocol."""
    SERVER_BUSY = "sync.server-busy"
    """The server asks to come back later (429, 503)."""
    DISK_FULL_SERVER = "sync.disk-full-server"
    """The server has no space left."""
    SERVER_HASH_DIFFERS = "sync.server-hash-differs"
    """The server holds other bytes than those sent; the next pass sends them afresh."""
    RECEIPT_FORGED = "sync.receipt-forged"
    """The receipt does not belong to this package, or its signature is not the server's."""
    CANCELLED = "sync.cancelled"
    """Stopped on request; what was acknowledged stays acknowledged."""
    GAVE_WAY = "sync.gave-way"
    """Set aside between two chunks for something more urgent, a pause, or the end of the hour."""
    NOT_MOUNTED = "sync.not-mounted"
    """The shared folder or drive is not there, or is not the one that was prepared."""
    FILE_CHANGED = "sync.file-changed"
    """A file's bytes are no longer those of its recorded hash."""
    FILE_UNREADABLE = "sync.file-unreadable"
    """A file of the package cannot be read."""
    NAME_REFUSED = "sync.name-refused"
    """A name that cannot stand in a package: not ASCII, absolute, climbing, reserved, too long or twice."""
    PACKAGE_DAMAGED = "sync.package-damaged"
    """The package is incomplete, or its bytes do not match its manifest."""
    PACKAGE_HOSTILE = "sync.package-hostile"
    """The package is made to harm its reader: climbing names, duplicates, overlaps, bombs."""
    DISK_FULL = "sync.disk-full"
    """This machine has no space left for the package."""
    STORAGE = "sync.storage"
    """This machine's disk refused to read or write."""
    INTAKE_RUNNING = "sync.intake-running"
    """Another intake already serves this data folder."""
    INTAKE_ADDRESS_TAKEN = "sync.intake-address-taken"
    """The intake cannot listen on its address: another program holds the port."""
    INTAKE_KEY = "sync.intake-key"
    """The intake's signing key is missing or damaged although receipts were signed with it."""
    INTAKE_DATA = "sync.intake-data"
    """The intake's database cannot be read, or is from a newer version."""


_PASSING = frozenset(
    {
        Fault.OFFLINE,
        Fault.TIMEOUT,
        Fault.CAPTIVE_PORTAL,
        Fault.CERTIFICATE,
        Fault.SERVER_FAULT,
        Fault.SERVER_BUSY,
        Fault.DISK_FULL_SERVER,
        Fault.SERVER_HASH_DIFFERS,
        Fault.CANCELLED,
        Fault.GAVE_WAY,
        Fault.NOT_MOUNTED,
        Fault.DISK_FULL,
        Fault.STORAGE,
    }
)

# Too many open files, no memory, a drive that stumbled: the next pass may read what this one could not.
_PASSING_ERRNO = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO, errno.EINTR})

_OF_THE_LINE = frozenset(
    {
        Fault.OFFLINE,
        Fault.TIMEOUT,
        Fault.CAPTIVE_PORTAL,
        Fault.CERTIFICATE,
        Fault.ADDRESS,
        Fault.UNAUTHORISED,
        Fault.SERVER_BUSY,
        Fault.DISK_FULL_SERVER,
        Fault.NOT_MOUNTED,
    }
)


class SyncError(Exception):
    """A fault of the world on the way to the province.

    `fault` is the member, `code` its text, `facts` the circumstances (no personal data).
    `passing` tells a fault that time may heal from one that a person must look at;
    `retry_after_s` is the wait that the server asked for, in seconds, where it asked.
    """

    def __init__(
        self, fault: Fault, *, retry_after_s: float | None = None, **facts: str | int | float
    ) -> None:
        super().__init__(fault.value, facts)
        self.fault = fault
        self.facts = facts
        self.retry_after_s = retry_after_s

    @property
    def code(self) -> str:
        """The stable code, e.g. "sync.offline"."""
        return self.fault.value

    @property
    def of_the_line(self) -> bool:
        """True: any other package would meet the same fault now; no package is at fault."""
        return self.fault in _OF_THE_LINE

    @property
    def passing(self) -> bool:
        """True: try again later. False: show it to the clerk."""
        if self.fault is Fault.FILE_UNREADABLE:
            return self.facts.get("errno") in _PASSING_ERRNO
        return self.fault in _PASSING
