"""Single files outside a dossier: read them, verify them (tài liệu lẻ)."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ocr
import signing
import signing.training
from app.messages import CodedError, explain, say
from app.settings import Settings


@dataclass(frozen=True)
class ReadingWish:
    """How single files are to be read.

    Profile "archival", "compact" or "original", PDF/A flavour "1b", "2b" or "3b", what becomes of text layers
    that PDFs bring along ("keep", "redo", "skip"); `duplex`: pages are fronts and backs by turns; with
    `force` also into a larger file, and without signatures.
    """

    profile: str = "archival"
    flavour: str = "2b"
    text_layer: str = "keep"
    force: bool = False
    duplex: bool = False


Finding = signing.SignatureFinding


@dataclass(frozen=True)
class Verdict:
    """What was found in one file: its signatures, or why it could not be judged."""

    file: Path
    signatures: tuple[signing.SignatureFinding, ...]
    error: CodedError | None

    def to_dict(self) -> dict[str, object]:
        """The form that programs read."""
        return {
            "file": str(self.file.resolve()),
            "error": self.error.code if self.error else None,
            "signatures": [finding.to_dict() for finding in self.signatures],
        }


def read_files(
    sources: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    text: Path | None,
    json: Path | None,
    jobs: int | None,
    wish: ReadingWish,
    report: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> ocr.PdfResult:
    """Reads images, folders and PDFs into one searchable PDF/A.

    Finished pages wait in the data folder: the same call after a crash, or after it was stopped, goes on
    where that one was. Raises OcrError.
    """
    return ocr.read_documents(
        sources,
        out,
        text=text,
        json=json,
        jobs=jobs or settings.readers or os.cpu_count() or 1,
        model=settings.model,
        profile=wish.profile,
        flavour=wish.flavour,
        text_layer=wish.text_layer,
        duplex=wish.duplex,
        force=wish.force,
        resume=settings.folder() / "reading",
        caption=lambda error, origin, page: _caption(error, origin, page, settings.language),
        report=report,
        stopped=stopped,
    )


def _caption(error: CodedError, origin: str, page: int, language: str) -> str:
    told = explain(error, language)
    facts = {"happened": told.happened, "next": told.next, "code": told.code}
    return say("read.placeholder", language, origin=origin, page=page, **facts)


def verify_files(files: Sequence[Path], *, trust: Sequence[Path], at: datetime | None) -> list[Verdict]:
    """Judges every signature of every file; a file that cannot be judged stands there with its reason."""
    return [_verdict(file, trust, at) for file in files]


def training_root(settings: Settings) -> list[Path]:
    """The training room's root certificate, once the room was opened; trusted nowhere else."""
    root = settings.training_folder() / "pki"
    return [signing.training.TrainingPki.create(root).trust] if root.is_dir() else []


def _verdict(file: Path, trust: Sequence[Path], at: datetime | None) -> Verdict:
    try:
        return Verdict(file, signing.verify_pdf(file, trust=trust, at=at), None)
    except signing.SigningError as error:
        return Verdict(file, (), error)
