"""Signing files outside a dossier, one or many under one PIN (ký tệp lẻ, ký hàng loạt)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import signing
import signing.training
from app.domain.errors import StationError, StationFault
from app.messages import CodedError
from app.settings import Settings
from app.workflow.station import vietnam_now
from app.workflow.training import TRAINING_CLERK, training_services


@dataclass(frozen=True)
class SigningWish:
    """How files are to be signed; whatever is left out comes from the settings."""

    module: Path | None = None
    token_label: str | None = None
    pkcs12: Path | None = None
    remote: str | None = None
    remote_access: str = field(default="", repr=False)
    credential: str | None = None
    tsa_url: str | None = None
    level: str | None = None
    appearance: str | None = "clerk"
    full_name: str = ""
    agency: str = ""
    number: str = ""
    symbol: str = ""
    picture: Path | None = None
    spot: tuple[int, float, float] | None = None
    trust: tuple[Path, ...] = ()
    status_needed: bool = False
    stamp_later: bool = False


@dataclass(frozen=True)
class SignedFile:
    """What became of one file: the outcome in a word, its level, and why it failed."""

    source: Path
    out: Path
    outcome: str
    level: str
    signer: str
    error: CodedError | None

    def to_dict(self) -> dict[str, object]:
        """The form that programs read."""
        return {
            "file": str(self.source.resolve()),
            "out": str(self.out.resolve()) if self.level else None,
            "outcome": self.outcome,
            "level": self.level or None,
            "error": self.error.code if self.error else None,
        }


@dataclass(frozen=True)
class _Means:
    token: signing.Token
    stamps: signing.TimestampService | None
    trust: tuple[Path, ...]
    name: str


def sign_files(
    sources: Sequence[Path],
    out: Path,
    wish: SigningWish,
    settings: Settings,
    ask_pin: Callable[[str], str | None],
    *,
    stopped: Callable[[], bool],
    report: Callable[[int, int], None],
) -> Iterator[SignedFile]:
    """Signs the sources into the folder `out`, or a single one as the file `out`, under one login.

    `ask_pin` is told what the token says of its PIN (a value of `signing.PinState`). A file that can't be
    signed comes back with its reason and stops nothing. Raises SigningError when the
    token can't be opened, StationError without one. Documents that are owed their stamp are queued.
    """
    items = _items(sources, out)
    for item in items[:1] if len(items) == 1 else ():
        if not item.source.is_file():  # before a PIN is asked for
            raise signing.SigningError(signing.SigningFault.PDF_MISSING)
    with ExitStack() as closing:
        means = _means(wish, settings, closing)
        level = _level(wish, means)
        plan = signing.BatchPlan(
            appearance=lambda _source: _block(wish, settings, means.name),
            timestamp=means.stamps if level.stamped else None,
            level=level,
            assurance=signing.Assurance(trust=means.trust, offline_allowed=not wish.status_needed),
            stamp_later=wish.stamp_later,
        )
        _block(wish, settings, means.name)  # what is missing is told before a PIN is asked for
        session = closing.enter_context(means.token.open(ask_pin(means.token.pin_state().value)))
        signer = signing.holder_of(session.certificate)
        queue = (
            stamp_queue(settings, wish.tsa_url, means.trust) if wish.stamp_later and means.stamps else None
        )
        for result in signing.sign_batch(items, session, plan, stopped=stopped, report=report):
            if queue is not None and result.level and result.level != level:
                queue.owe(result.item.out, level)
            yield SignedFile(
                result.item.source,
                result.item.out,
                result.outcome.value,
                result.level,
                signer,
                result.error,
            )


def stamp_queue(settings: Settings, tsa_url: str | None, trust: tuple[Path, ...] = ()) -> signing.StampQueue:
    """The queue of documents that are owed a time stamp. Raises StationError without a service."""
    url = tsa_url or settings.tsa_url
    if not url:
        raise StationError(StationFault.NO_TIME_SERVICE)
    return signing.StampQueue(
        settings.work_folder() / "stamps", signing.TimestampService(url), signing.Assurance(trust=trust)
    )


def raise_level(
    files: Sequence[Path], level: str, settings: Settings, *, tsa_url: str | None, trust: tuple[Path, ...]
) -> Iterator[SignedFile]:
    """Brings signed files to a level in place; one that can't be comes back with its reason."""
    queue = stamp_queue(settings, tsa_url, trust)
    for file in files:
        try:
            raised = signing.extend_pdf(
                file, file, signing.Level(level), timestamp=queue.stamps, assurance=queue.assurance
            )
        except signing.SigningError as error:
            yield SignedFile(file, file, "failed", "", "", error)
        else:
            yield SignedFile(file, file, "raised", raised.level.value, "", None)


def tokens_here(settings: Settings) -> tuple[signing.FoundToken, ...]:
    """Every token plugged in, read without a PIN; the station's own list of drivers comes first."""
    return signing.find_tokens(driver_lists(settings))


def token_rows(settings: Settings) -> list[dict[str, str]]:
    """Holder, label, driver, last day (dd/MM/yyyy) and state of the PIN of every token here."""
    return [
        {
            "holder": signing.holder_of(one.certificate),
            "label": one.label,
            "driver": one.driver,
            "module": str(one.module),
            "until": signing.expiry_of(one.certificate).strftime("%d/%m/%Y"),
            "pin": one.pin_state.value,
        }
        for one in tokens_here(settings)
    ]


def driver_lists(settings: Settings) -> list[Path]:
    """The station's list of token drivers, where there is one."""
    own = settings.folder() / "tokens.toml"
    return [own] if own.is_file() else []


def _items(sources: Sequence[Path], out: Path) -> tuple[signing.BatchItem, ...]:
    if len(sources) == 1 and out.suffix.lower() == ".pdf" and not out.is_dir():
        return (signing.BatchItem(sources[0], out),)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise signing.SigningError(signing.SigningFault.WRITE_FAILED, errno=error.errno or 0) from error
    return signing.batch_items(sources, out)


def _level(wish: SigningWish, means: _Means) -> signing.Level:
    if wish.level is None:
        return signing.Level.B_T if means.stamps else signing.Level.B_B
    level = signing.Level(wish.level)
    if level.stamped and means.stamps is None:
        raise StationError(StationFault.NO_TIME_SERVICE)
    return level


def _block(wish: SigningWish, settings: Settings, name: str) -> signing.Block | None:
    if wish.appearance is None:
        return None
    return signing.block(
        wish.appearance,
        at=vietnam_now(),
        name=name,
        agency=wish.agency or settings.agency_name,
        number=wish.number,
        symbol=wish.symbol,
        picture=wish.picture,
        spot=signing.Spot(*wish.spot) if wish.spot else None,
    )


def _means(wish: SigningWish, settings: Settings, closing: ExitStack) -> _Means:
    tsa = wish.tsa_url or settings.tsa_url
    stamps = signing.TimestampService(tsa) if tsa else None
    name = wish.full_name or settings.clerk
    token = _own_token(wish, settings)
    if token is not None:
        return _Means(token, stamps, wish.trust, name)
    if not settings.training:
        raise StationError(StationFault.NO_TOKEN_MODULE)
    folder = settings.work_folder()
    name = name or TRAINING_CLERK
    services = closing.enter_context(training_services(folder / "pki"))
    prepared = signing.training.TrainingToken.prepare(
        folder / "token", services.pki, holder=name, pin=signing.training.TRAINING_PIN
    )
    return _Means(
        prepared,
        stamps or signing.TimestampService(services.tsa_url),
        (*wish.trust, services.pki.trust),
        name,
    )


def _own_token(wish: SigningWish, settings: Settings) -> signing.Token | None:
    if wish.pkcs12 is not None:
        return signing.Pkcs12Token(wish.pkcs12)
    if wish.remote is not None:
        return signing.RemoteToken(wish.remote, wish.remote_access, credential=wish.credential)
    module = wish.module or (Path(settings.token_module) if settings.token_module else None)
    if module is not None:
        return signing.Pkcs11Token(module, wish.token_label or settings.token_label or None)
    if settings.training:
        return None
    found = tokens_here(settings)
    wanted = [one for one in found if wish.token_label in {None, one.label}]
    return wanted[0].token() if wanted else None
