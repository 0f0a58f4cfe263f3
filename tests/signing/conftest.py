"""Real parts for signing: a SoftHSM token, a training CA, a time-stamp service, and small PDF/A files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from pikepdf import pdfa

from signing import ClerkBlock, Pkcs11Token, TimestampService, TokenSession, find_module
from signing.appearance.font import embedded, face_for
from signing.training import TRAINING_PIN, TimestampServer, TrainingPki, TrainingToken
from tests.signing.forge_people import House

HOLDER = "Lò Thị Ví Dụ"
MakePdf = Callable[..., Path]


@dataclass(frozen=True)
class Bar:
    """A black bar in user space: left, bottom, width, height in pt."""

    left: float
    bottom: float
    width: float
    height: float


@pytest.fixture(scope="session")
def bar() -> type[Bar]:
    return Bar


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrainingPki:
    return TrainingPki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def token(pki: TrainingPki, tmp_path_factory: pytest.TempPathFactory) -> Pkcs11Token:
    if find_module() is None:
        pytest.skip("no SoftHSM on this machine")
    folder = tmp_path_factory.mktemp("token")
    return TrainingToken.prepare(folder, pki, holder=HOLDER, pin=TRAINING_PIN)


@pytest.fixture
def session(token: Pkcs11Token) -> Iterator[TokenSession]:
    with token.open(TRAINING_PIN) as opened:
        yield opened


@pytest.fixture(scope="session")
def stamps(pki: TrainingPki) -> Iterator[TimestampService]:
    with TimestampServer(pki) as server:
        yield TimestampService(server.url, timeout_s=120)


@pytest.fixture
def block() -> ClerkBlock:
    return ClerkBlock(HOLDER, datetime(2026, 5, 20, 1, 41, 7, tzinfo=UTC))


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """Writes a PDF/A-2b page: `size` in mm before rotation, black bars, hidden words at (x, y) pt."""

    def make(
        path: Path,
        *,
        size: tuple[float, float] = (210, 297),
        rotate: int = 0,
        bars: tuple[Bar, ...] = (Bar(80, 300, 400, 12), Bar(80, 340, 400, 12)),
        words: tuple[tuple[float, float, str], ...] = (),
        crop: tuple[float, float, float, float] | None = None,
    ) -> Path:
        pdf = pikepdf.new()
        page = pdf.add_blank_page(page_size=(size[0] * 72 / 25.4, size[1] * 72 / 25.4))
        drawn = [f"{b.left} {b.bottom} {b.width} {b.height} re f".encode() for b in bars]
        if words:
            face = face_for(*(word for _, _, word in words))
            page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=embedded(pdf, face)))
            drawn += [
                f"BT 3 Tr /F 12 Tf {x} {y} Td ".encode() + face.shown(word) + b" Tj ET"
                for x, y, word in words
            ]
        page.obj.Contents = pdf.make_stream(b"0 g\n" + b"\n".join(drawn))
        if rotate:
            page.obj.Rotate = rotate
        if crop:
            page.obj.CropBox = pikepdf.Array(list(crop))
        pdfa.save(pdf, path, "2b")
        return path

    return make


@pytest.fixture
def plain(make_pdf: MakePdf, tmp_path: Path) -> Path:
    return make_pdf(tmp_path / "plain.pdf")


@pytest.fixture(scope="session")
def house() -> House:
    """A PKI for forging: see `tests.signing.forge_people`."""
    return House()


@pytest.fixture(scope="session")
def trusted(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house's root and middle CA as trusted certificates."""
    folder = tmp_path_factory.mktemp("trusted")
    (folder / "root.pem").write_bytes(house.root.pem)
    (folder / "middle.pem").write_bytes(house.middle.pem)
    return folder
