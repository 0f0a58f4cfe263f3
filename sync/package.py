"""A sealed package and the files that go into it (gói hồ sơ).

The layout is a BagIt 1.0 bag (RFC 8493) kept flat in one ZIP: every entry stored, sorted by name and
dated alike, so that the same dossier always gives the same bytes and thereby the same hash.
"""

from dataclasses import dataclass
from pathlib import Path

DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
METADATA_JSON = "metadata.json"
METADATA_XML = "metadata.xml"
EVENTS = "events.jsonl"
PAYLOAD = "data/"

TAG_FILES = (INFO, DECLARATION, EVENTS, MANIFEST, METADATA_JSON, METADATA_XML, TAG_MANIFEST)
"""Everything in a package that is not payload; all of them must be there."""

BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

SUBMISSION_FIELD = "External-Identifier"
SEALED_FIELD = "Sealed-At"


@dataclass(frozen=True)
class PackageFile:
    """A file to be packed: where it lies, its name in the package ("data/…", ASCII), its SHA-256 (hex)."""

    path: Path
    name: str
    sha256: str


@dataclass(frozen=True)
class Package:
    """A sealed package on disk: its SHA-256 (hex), its length in bytes, the submission that it is for."""

    path: Path
    sha256: str
    bytes: int
    submission_id: str
