"""Examining a station: each part that the work needs, and how to mend what is missing (chẩn đoán)."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import ocr
import resources
import scanner
import signing
import signing.training
import sync
from app.domain.errors import StationError, disk_fault
from app.messages import explain
from app.settings import Settings
from app.store.durable import make_folder, write_file
from app.workflow.configured import configured_intake

_LEAST_FREE_BYTES = 2 << 30
_MOST_CLOCK_SKEW_S = 60
_FONTS = ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "LiberationSerif-Italic.ttf")


@dataclass(frozen=True)
class Finding:
    """What was seen of one part: `state` is good, advice or bad; `cure` names the sentence that mends it."""

    subject: str
    state: str
    seen: str
    cure: str | None = None
    facts: dict[str, str | int | float] = field(default_factory=dict)


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings, one part after the other; a part that fails never keeps the next from being seen."""
    checks: tuple[tuple[str, Callable[[Settings], Finding]], ...] = (
        ("scanner", _scanner),
        ("models", _models),
        ("fonts", _fonts),
        ("token", _token),
        ("disk", _disk),
        ("server", _server),
        ("clock", _clock),
    )
    for subject, check in checks:
        try:
            yield check(settings)
        except (
            scanner.ScanError,
            ocr.OcrError,
            signing.SigningError,
            sync.SyncError,
            StationError,
        ) as error:
            seen = explain(error, settings.language).happened
            yield Finding(subject, "bad", seen, f"doctor.{subject}.cure", dict(error.facts))


def _scanner(settings: Settings) -> Finding:
    with scanner.SaneBackend() as backend:
        found = backend.devices()
    if found:
        return Finding("scanner", "good", ", ".join(f"{d.maker} {d.model}" for d in found))
    state = "advice" if settings.training else "bad"
    return Finding("scanner", state, "–", "doctor.scanner.cure")


def _models(settings: Settings) -> Finding:
    with ocr.Reader(model=settings.model, jobs=1) as reader:
        return Finding("models", "good", reader.engine)


def _fonts(settings: Settings) -> Finding:
    del settings
    for name in _FONTS:
        try:
            resources.path("fonts", name)
        except FileNotFoundError:
            return Finding("fonts", "bad", name, "doctor.fonts.cure")
    return Finding("fonts", "good", "Liberation Serif")


def _token(settings: Settings) -> Finding:
    if settings.token_module:
        token = signing.Pkcs11Token(Path(settings.token_module), settings.token_label or None)
        return Finding("token", "good", token.label)
    module = signing.find_module()
    if module is None:
        return Finding("token", "bad", "–", "doctor.token.cure")
    if not settings.training:
        return Finding("token", "bad", "–", "doctor.token.cure")
    return Finding("token", "advice", module.name, "doctor.token.training")


def _disk(settings: Settings) -> Finding:
    folder = settings.work_folder()
    try:
        make_folder(folder)
        write_file(folder / ".doctor", b"")
        (folder / ".doctor").unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise disk_fault(error) from error
    gigabytes = round(free / (1 << 30), 1)
    if free < _LEAST_FREE_BYTES:
        return Finding("disk", "bad", f"{gigabytes} GB", "doctor.disk.cure", {"free": gigabytes})
    return Finding("disk", "good", f"{gigabytes} GB")


def _server(settings: Settings) -> Finding:
    if settings.training:
        return Finding("server", "advice", "–", "doctor.server.training")
    connector = configured_intake(settings)
    try:
        found = connector.greet()
    finally:
        connector.close()
    return Finding("server", "good", f"{found.name} {found.version}".strip())


def _clock(settings: Settings) -> Finding:
    """Compares with the server's clock; without one, with the day this program was put here."""
    now = datetime.now(UTC)
    skew = _skew(settings)
    if skew is not None and skew > _MOST_CLOCK_SKEW_S:
        return Finding("clock", "bad", f"{skew} s", "doctor.clock.cure", {"seconds": skew})
    installed = datetime.fromtimestamp(resources.path("fonts").stat().st_mtime, UTC)
    if now < installed:
        return Finding("clock", "bad", f"{now:%d/%m/%Y %H:%M} UTC", "doctor.clock.cure", {"seconds": "–"})
    return Finding("clock", "good", f"{now:%d/%m/%Y %H:%M} UTC")


def _skew(settings: Settings) -> int | None:
    """Seconds between this clock and the server's; None where no server answers to compare with."""
    if settings.training:
        return None
    connector = configured_intake(settings)
    try:
        skew = connector.greet().clock_skew_s
    except sync.SyncError:
        return None
    finally:
        connector.close()
    return None if skew is None else round(abs(skew))
