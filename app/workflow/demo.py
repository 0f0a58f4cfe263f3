"""The main job once through, with the papers that ship with the program (chạy mẫu)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import scanner
import sync
from app.domain.dossier import Dossier
from app.domain.person import Person
from app.jobs import Job
from app.settings import Settings
from app.workflow.catalogue import procedure
from app.workflow.happenings import Tell
from app.workflow.intake import serving_pid
from app.workflow.process import scan_and_read, sign_and_send
from app.workflow.receive import receive
from app.workflow.request import profile_of, request_for
from app.workflow.results import DossierResult, write_results
from app.workflow.station import Station
from app.workflow.training import training_room
from resources import specimens

PROCEDURE = "1.001193"
APPLICANT = Person("Lò Thị Ví Dụ", "011301001234")
OPENING = "open"


@dataclass(frozen=True)
class DemoResult:
    """A delivered dossier, and where the intake that took it answers while it is left serving."""

    dossier: DossierResult
    intake_url: str
    intake_pid: int | None


@dataclass(frozen=True)
class Practice:
    """What goes wrong on purpose: a fault of the scanner, or a line that is down."""

    fault: scanner.Fault | None = None
    offline: bool = False


def parse_practice(text: str) -> Practice:
    """What to practise: `offline`, or a fault of the scanner at a page such as `jam:3`. Raises ValueError."""
    if text == "offline":
        return Practice(offline=True)
    return Practice(fault=scanner.Fault.parse(text))


def run_demo(
    folder: Path,
    settings: Settings,
    job: "Job[Any]",
    tell: Tell,
    *,
    practice: Practice = Practice(),
    keep_serving: bool = False,
) -> DemoResult:
    """Takes one dossier of the shipped papers from the feeder to its receipt, in the room in `folder`.

    A dossier that an earlier run left unfinished is taken up at its next sheet; otherwise a new one
    is received. The clerk's part, laying the sheets that are still to be fed into the feeder, is
    played here.
    """
    job.step(OPENING)
    stack = specimens.demo_stack()
    with training_room(
        folder, settings, stack=stack, fault=practice.fault, keep_serving=keep_serving
    ) as room:
        station = without_line(room.station) if practice.offline else room.station
        dossier = _left_unfinished(station) or _receive(station)
        room.paper.load(stack[_fed(station, dossier) :])
        profile = profile_of(station, dossier.id)
        request = request_for(station, profile)
        scan_and_read(station, dossier.id, request, job, tell, profile=profile.name)
        sign_and_send(station, dossier.id, job, tell)
        result = write_results(station, dossier.id, folder / "results")
        return DemoResult(result, room.intake_url, serving_pid(folder / "intake"))


def without_line(station: Station) -> Station:
    """The station as it is while its line is down."""
    return replace(station, intake=lambda: sync.IntakeConnector(sync.IntakeClient("http://127.0.0.1:9")))


def _left_unfinished(station: Station) -> Dossier | None:
    """The dossier of an earlier run of this kind; others are the clerk's own, and left alone."""
    own = (d for d in station.store.dossiers.unfinished() if _is_ours(d))
    return next(own, None)


def _is_ours(dossier: Dossier) -> bool:
    return dossier.procedure_code == PROCEDURE and dossier.applicant == APPLICANT


def _fed(station: Station, dossier: Dossier) -> int:
    """How many sheets are through the feeder: those committed, or on the disk and not committed yet."""
    spooled = scanner.Spool(station.store.folder / "spool" / dossier.id).history()
    committed = {page.number for page in station.store.dossiers.all_pages(dossier.id)}
    return len(committed | {page.number for page in spooled})


def _receive(station: Station) -> Dossier:
    kinds = procedure(PROCEDURE)
    wanted = [kinds.component(paper.component) for paper in specimens.demo_papers()]
    return receive(station, kinds, APPLICANT, [kind for kind in wanted if kind is not None])
