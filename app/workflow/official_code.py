"""The code that the server issued in the place of the temporary one; signed bytes keep theirs (mã hồ sơ)."""

import logging
from contextlib import suppress
from dataclasses import replace

from app.domain.codes import is_dossier_code
from app.domain.dossier import Dossier
from app.store.durable import disk_faults, sync_folder
from app.workflow.station import Desk

logger = logging.getLogger(__name__)


def renamed(desk: Desk, dossier: Dossier, code: str) -> Dossier:
    """The dossier under the code that the server issued, noted in the audit; not saved yet.

    What is no dossier code, or another dossier's, is left alone.
    """
    code = code.strip().upper()
    if not code or code == dossier.code:
        return dossier
    if not is_dossier_code(code) or desk.store.dossiers.has_code(code):
        logger.info("the server's dossier code is none, or another dossier's")
        return dossier
    desk.note("renamed", dossier.id, old=dossier.code, new=code)
    return replace(dossier, code=code)


def rename_results(desk: Desk, old: str, new: str) -> None:
    """The folder of results bears the dossier's code; a missing or open folder is no fault."""
    results = desk.store.folder / "results"
    if (results / old).is_dir() and not (results / new).exists():
        with suppress(OSError):
            (results / old).rename(results / new)
            with disk_faults():
                sync_folder(results)
