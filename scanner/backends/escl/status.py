"""What an eSCL device says of itself now, read from ScannerStatus (trạng thái máy)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from scanner.backends.escl import documents
from scanner.errors import ScanFault

FAULT_OF_ADF_STATE = MappingProxyType(
    {
        "jam": ScanFault.JAMMED,
        "mispick": ScanFault.JAMMED,
        "inputtrayfailed": ScanFault.JAMMED,
        "inputtrayoverloaded": ScanFault.JAMMED,
        "duplexpagetooshort": ScanFault.JAMMED,
        "duplexpagetoolong": ScanFault.JAMMED,
        "multipickdetected": ScanFault.DOUBLE_FEED,
        "dooropen": ScanFault.COVER_OPEN,
        "hatchopen": ScanFault.COVER_OPEN,
        "coveropen": ScanFault.COVER_OPEN,
    }
)
"""`ScannerAdfJam` and its like, without the prefix that some devices leave out, in small letters.

A sheet that can't be drawn in, or is too short or too long to be turned, is cleared as a jam is.
"""

LOADED = "loaded"
EMPTY = "empty"
PROCESSING = "processing"

ENDED_JOBS = frozenset({"completed", "canceled", "cancelled", "aborted"})


@dataclass(frozen=True)
class Job:
    """What the device tells of one job: its state in small letters, and how many images it took."""

    state: str
    images: int | None


@dataclass(frozen=True)
class Status:
    """The state of the device, that of its feeder, and its jobs by their path, all in small letters."""

    state: str
    feeder: str
    jobs: MappingProxyType[str, Job]

    @property
    def fault(self) -> ScanFault | None:
        """What the feeder suffers from."""
        return FAULT_OF_ADF_STATE.get(self.feeder)

    @property
    def loaded(self) -> bool | None:
        """Whether paper lies in the feeder; None where the device doesn't tell."""
        return {LOADED: True, EMPTY: False}.get(self.feeder)

    def job(self, path: str) -> Job | None:
        """The job of that path, or of the same last part: devices write their own address variously."""
        last = path.lower().rsplit("/", 1)[-1]
        return self.jobs.get(path.lower()) or next(
            (job for told, job in self.jobs.items() if told.rsplit("/", 1)[-1] == last), None
        )


def read_status(body: bytes) -> Status:
    """Reads a ScannerStatus document. Raises ScanError `scan.bad-answer` for anything else."""
    root = documents.parse(body, "ScannerStatus")
    feeder = documents.text(root, "AdfState").lower()
    jobs = {
        documents.text(info, "JobUri").lower().rstrip("/"): Job(
            state=documents.text(info, "JobState").lower(),
            images=documents.number(info, "ImagesCompleted"),
        )
        for info in documents.descendants(documents.child(root, "Jobs"), "JobInfo")
    }
    return Status(
        state=documents.text(root, "State").lower(),
        feeder=feeder.removeprefix("scanner").removeprefix("adf"),
        jobs=MappingProxyType(jobs),
    )
