"""Paper to page images (quét): devices, their streams of pages, and the spool that loses none of them.

with SaneBackend() as scanners:
    device = scanners.devices()[0]
    spool = Spool(folder)
    for page in scan_into(spool, scanners, device.id, ScanRequest()):
        print(page.number, page.path)
"""

from typing import TYPE_CHECKING

from scanner.accounting import Account, CountOrigin, CountUnit, Expected, Verdict, reconcile
from scanner.backends.folder import FolderBackend
from scanner.backends.importing import ImportBackend, RefusedFile
from scanner.backends.sane import SaneBackend, write_sane_config, write_shared_scanners
from scanner.captured import CapturedPage, Finding, FindingCode
from scanner.contract import (
    Backend,
    Capabilities,
    ColorMode,
    Connection,
    CountingBackend,
    Device,
    DeviceOption,
    Fed,
    OptionKind,
    OptionValue,
    PageImage,
    ScanRequest,
    SensingBackend,
    Source,
    Unit,
    never,
)
from scanner.devices import find_again
from scanner.encoded import fingerprint_of_jpeg, marked_for_training
from scanner.errors import ScanError, ScanFault
from scanner.feed import AT_THE_END, Spot, scan_into
from scanner.fitting import Fitted, Note, NoteCode
from scanner.inventory import InventoryRow, summary, to_csv
from scanner.journal import SpooledPage
from scanner.likeness import fingerprint, resume_point, same_sheet_twice
from scanner.manual_duplex import Flip, Placed, Stack, interleave
from scanner.meanings import Meaning, meaning_of, sentence_of, title_of
from scanner.profiles import BlankPolicy, Profile, export_profiles, import_profiles, shipped_profiles
from scanner.separation import Part, SeparateBy, Separation, Split, split
from scanner.several import SeveralBackends
from scanner.spool import Spool
from scanner.turned import lay_backs, look_at_backs
from scanner.waiting import wait_for_paper, wait_for_start

if TYPE_CHECKING:
    from scanner.backends.escl import EsclBackend, PinStore
    from scanner.backends.virtual import Fault, FaultKind, VirtualScanner

__all__ = [
    "AT_THE_END",
    "Account",
    "Backend",
    "BlankPolicy",
    "Capabilities",
    "CapturedPage",
    "ColorMode",
    "Connection",
    "CountOrigin",
    "CountUnit",
    "CountingBackend",
    "Device",
    "DeviceOption",
    "EsclBackend",
    "Expected",
    "Fault",
    "FaultKind",
    "Fed",
    "Finding",
    "FindingCode",
    "Fitted",
    "Flip",
    "FolderBackend",
    "ImportBackend",
    "InventoryRow",
    "Meaning",
    "Note",
    "NoteCode",
    "OptionKind",
    "OptionValue",
    "PageImage",
    "Part",
    "PinStore",
    "Placed",
    "Profile",
    "RefusedFile",
    "SaneBackend",
    "ScanError",
    "ScanFault",
    "ScanRequest",
    "SensingBackend",
    "SeparateBy",
    "Separation",
    "SeveralBackends",
    "Source",
    "Split",
    "Spool",
    "SpooledPage",
    "Spot",
    "Stack",
    "Unit",
    "Verdict",
    "VirtualScanner",
    "export_profiles",
    "find_again",
    "fingerprint",
    "fingerprint_of_jpeg",
    "import_profiles",
    "interleave",
    "lay_backs",
    "look_at_backs",
    "marked_for_training",
    "meaning_of",
    "never",
    "reconcile",
    "resume_point",
    "same_sheet_twice",
    "scan_into",
    "sentence_of",
    "shipped_profiles",
    "split",
    "summary",
    "title_of",
    "to_csv",
    "wait_for_paper",
    "wait_for_start",
    "write_sane_config",
    "write_shared_scanners",
]

_ONLY_FOR_TRAINING = frozenset({"Fault", "FaultKind", "VirtualScanner"})
_ONLY_FOR_NETWORKS = frozenset({"EsclBackend", "PinStore"})


def __getattr__(name: str) -> object:
    """An HTTP server or client comes along only where the virtual scanner or a network scanner is used."""
    if name in _ONLY_FOR_TRAINING:
        from scanner.backends import virtual

        return getattr(virtual, name)
    if name in _ONLY_FOR_NETWORKS:
        from scanner.backends import escl

        return getattr(escl, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
