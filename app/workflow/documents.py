"""Single files outside a dossier: read them, sign them, verify them (tài liệu lẻ)."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ocr
import signing
import signing.training
from app.domain.errors import StationError, StationFault
from app.messages import CodedError, explain, say
from app.settings import Settings
from app.workflow.station import vietnam_now
from app.workflow.training import TRAINING_CLERK


@dataclass(frozen=True)
class SigningWish:
    """How a single file is to be signed; whatever is left out comes from the settings."""

    module: Path | None = None
    token_label: str | None = None
    pkcs12: Path | None = None
    tsa_url: str | None = None
    full_name: str | None = None
    visible: bool = True


@dataclass(frozen=True)
class ReadingWish:
    """How single files are to be read.

    Profile "archival" or "compact", PDF/A flavour "1b", "2b" or "3b", what becomes of text layers that PDFs
    bring along ("keep", "redo", "skip"); with `force` also into a larger file, and without signatures.
    """

    profile: str = "archival"
    flavour: str = "2b"
    text_layer: str = "keep"
    force: bool = False


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


def sign_file(
    source: Path, out: Path, wish: SigningWish, settings: Settings, ask_pin: Callable[[], str | None]
) -> signing.SignedResult:
    """Signs one PDF. Without a token in wish or settings, the training token signs. Raises SigningError."""
    if not source.is_file():  # before a PIN is asked for
        raise signing.SigningError(signing.SigningFault.PDF_MISSING)
    with ExitStack() as closing:
        token, pin, timestamps, name = _means(wish, settings, ask_pin, closing)
        with token.open(pin()) as session:
            block = signing.ClerkBlock(full_name=name, at=vietnam_now()) if wish.visible else None
            return signing.sign_pdf(source, out, session, appearance=block, timestamp=timestamps)


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


def _means(
    wish: SigningWish, settings: Settings, ask_pin: Callable[[], str | None], closing: ExitStack
) -> tuple[signing.Token, Callable[[], str | None], signing.TimestampService | None, str]:
    tsa = wish.tsa_url or settings.tsa_url
    timestamps = signing.TimestampService(tsa) if tsa else None
    name = wish.full_name or settings.clerk
    if wish.pkcs12 is not None:
        return signing.Pkcs12Token(wish.pkcs12), ask_pin, timestamps, name
    module = wish.module or (Path(settings.token_module) if settings.token_module else None)
    if module is not None:
        label = wish.token_label or settings.token_label or None
        return signing.Pkcs11Token(module, label), ask_pin, timestamps, name
    if not settings.training:
        raise StationError(StationFault.NO_TOKEN_MODULE)
    folder = settings.work_folder()
    name = name or TRAINING_CLERK
    pki = signing.training.TrainingPki.create(folder / "pki")
    prepared = signing.training.TrainingToken.prepare(
        folder / "token", pki, holder=name, pin=signing.training.TRAINING_PIN
    )
    if timestamps is None:
        clock = closing.enter_context(signing.training.TimestampServer(pki))
        timestamps = signing.TimestampService(clock.url)
    return prepared, ask_pin, timestamps, name
