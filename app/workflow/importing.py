"""Scans that are files already: into a dossier as if they were fed, or into a folder (nhập tệp đã quét)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import scanner
from app.workflow.station import Station

PROFILE = "import"
_DEVICE = "import:files"


def fed_with(station: Station, files: Sequence[Path]) -> Station:
    """The station with these files as the paper in its feeder."""
    return replace(
        station,
        scanner=scanner.ImportBackend(files),
        device_id=lambda: _DEVICE,
        find_device=None,
        _capabilities={},
    )


def import_request(*, both_sides: bool = False) -> scanner.ScanRequest:
    """What is asked of files: they come in the size, colours and resolution that they have."""
    return scanner.ScanRequest(source=scanner.Source.DUPLEX if both_sides else scanner.Source.FEEDER)


def import_into(
    folder: Path, files: Sequence[Path], stopped: Callable[[], bool], *, both_sides: bool = False
) -> Iterator[scanner.SpooledPage]:
    """Puts the pages of files into `folder`, each on disk when it is yielded.

    Good pages come first, then the ScanError of the first file that could not be read.
    """
    yield from scanner.scan_into(
        scanner.Spool(folder),
        scanner.ImportBackend(files),
        _DEVICE,
        import_request(both_sides=both_sides),
        stopped,
        profile=PROFILE,
    )
