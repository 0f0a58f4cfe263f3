"""The dossier and its components (hồ sơ, thành phần hồ sơ)."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.person import Person
from app.domain.states import (
    DIGITISATION_MOVES,
    SYNCHRONISATION_MOVES,
    Archiving,
    Business,
    Digitisation,
    Synchronisation,
)


@dataclass(frozen=True)
class Component:
    """One paper of the dossier: its place in the checklist and the files made of it.

    `built`, `coded` and `signed` are SHA-256 names of the PDF after each step; each is made from the
    one before and none is ever edited.
    """

    id: str
    dossier_id: str
    ordinal: int
    key: str
    name: str
    paper_type: str
    expected_pages: int | None = None
    code: str | None = None
    built: str | None = None
    coded: str | None = None
    signed: str | None = None
    signature: str | None = None
    timestamped_at: str | None = None


@dataclass(frozen=True)
class Dossier:
    """A dossier at the counter (hồ sơ), with its state on four separate axes.

    `arrangement_confirmed` is the mark of the order of pages that a clerk gave a reason for.
    """

    id: str
    code: str
    procedure_code: str
    procedure_name: str
    applicant: Person
    received_at: datetime
    business: Business = Business.RECEIVED
    digitisation: Digitisation = Digitisation.OPEN
    synchronisation: Synchronisation = Synchronisation.NONE
    archiving: Archiving = Archiving.NOT_DUE
    submission_id: str | None = None
    sheets_expected: int | None = None
    training: bool = False
    arrangement_confirmed: str | None = None

    def digitised(self, wanted: Digitisation) -> "Dossier":
        """This dossier after a step of digitisation. Raises IllegalMoveError."""
        return replace(self, digitisation=DIGITISATION_MOVES.check(self.digitisation, wanted))

    def synchronised(self, wanted: Synchronisation) -> "Dossier":
        """This dossier after a step of delivery. Raises IllegalMoveError."""
        return replace(self, synchronisation=SYNCHRONISATION_MOVES.check(self.synchronisation, wanted))

    @property
    def finished(self) -> bool:
        """True once the province's receipt is here."""
        return self.synchronisation is Synchronisation.DELIVERED
