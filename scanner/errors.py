"""What can go wrong between the paper and the page image, one code a fault (lỗi quét)."""

from enum import StrEnum


class ScanFault(StrEnum):
    """Stable codes of every fault that this room raises."""

    NO_DEVICE = "scan.no-device"
    """No scanner of that id answers: switched off, unplugged, or moved to another address."""
    NO_DRIVER = "scan.no-driver"
    """The scanning library of this system is not installed."""
    NO_DOCUMENTS = "scan.no-documents"
    """The feeder is empty, and no page of this scan has come."""
    JAMMED = "scan.jammed"
    """Paper jam in the feeder (kẹt giấy)."""
    DOUBLE_FEED = "scan.double-feed"
    """Two sheets were drawn in together (nạp đúp)."""
    COVER_OPEN = "scan.cover-open"
    """The cover of the scanner is open."""
    BUSY = "scan.busy"
    """The scanner is used by someone else, or this backend is already scanning."""
    WARMING_UP = "scan.warming-up"
    """The lamp is not ready yet."""
    LOCKED = "scan.locked-for-transport"
    """The transport lock of the carriage is closed."""
    ACCESS_DENIED = "scan.access-denied"
    """The system or the device refuses access."""
    IO = "scan.io"
    """The connection to the scanner failed."""
    TRUNCATED = "scan.truncated"
    """A page arrived with fewer rows than announced; it was refused."""
    REFUSED_SIZE = "scan.refused-size"
    """The page asked for or announced is larger than any page may be, or than the device can take."""
    RESOLUTION_TOO_LOW = "scan.resolution-too-low"
    """Below 200 dpi, the least that archival rules accept."""
    UNSUPPORTED = "scan.unsupported"
    """The device doesn't have the source or the colour mode asked for, or sends a form that can't be read."""
    NO_SENSOR = "scan.no-sensor"
    """The scanner can't tell that paper was put in or a button was pressed, so it isn't waited for."""
    BAD_REQUEST = "scan.bad-request"
    """The request itself makes no sense: a width of zero, a page limit of zero."""
    BAD_ADDRESS = "scan.bad-address"
    """The name or the address given for a network scanner can't be one."""
    OUT_OF_MEMORY = "scan.out-of-memory"
    """The driver ran out of memory."""
    CANCELLED = "scan.cancelled"
    """Stopped by the clerk."""
    NOT_ANSWERING = "scan.not-answering"
    """Nothing came from the driver for as long as one may wait; it was ended."""
    WORKER_DIED = "scan.worker-died"
    """The process of the driver ended by itself; the next call starts a new one."""
    DISK_FULL = "scan.disk-full"
    """No room for the page on the disk; nothing half is left there."""
    DISK_FAILED = "scan.disk-failed"
    """The disk refused to keep or to give a page."""
    SPOOL_DAMAGED = "scan.spool-damaged"
    """The journal of a batch can't be read in a place other than its end."""
    UNREADABLE_FILE = "scan.unreadable-file"
    """A file of scanned pages is damaged inside, or can't be opened."""
    PASSWORD = "scan.password"  # noqa: S105
    """A PDF of scanned pages asks for a password."""
    UNREADABLE_PAPER = "scan.unreadable-paper"
    """A file in the stack of a virtual scanner is no JPEG or PNG image."""
    FOLDER_MISSING = "scan.folder-missing"
    """The folder that a virtual scanner shall feed is not there."""
    PROFILE_BAD = "scan.profile-bad"
    """A scan profile can't be used: its text or a value in it is wrong (facts: field, profile)."""
    PROFILE_LOCKED = "scan.profile-locked"
    """The administrator locked this scan profile."""
    SIDES_UNEQUAL = "scan.sides-unequal"
    """The fronts and the backs that were scanned one after the other don't match in number."""
    TEST_PAGE_ABSENT = "scan.test-page-absent"
    """The image to be measured doesn't show the test page, or not all of it."""
    BAD_ANSWER = "scan.bad-answer"
    """A network scanner answered with something that no scanner answers; nothing of it was used."""
    CERTIFICATE_CHANGED = "scan.certificate-changed"
    """The network scanner shows another certificate than before, or none any more."""
    PINS_DAMAGED = "scan.pins-damaged"
    """The file of remembered certificates of network scanners can't be read as one."""
    UNKNOWN = "scan.unknown"
    """The driver reported something that is not known here."""


class ScanError(Exception):
    """The one exception of this room.

    `fault` is the member, `code` its text, `facts` the circumstances as fields (never personal data).
    """

    def __init__(self, fault: ScanFault, **facts: str | int | float) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.facts: dict[str, str | int | float] = dict(facts)

    @property
    def code(self) -> str:
        """The stable code, for example `scan.jammed`."""
        return self.fault.value

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code
