"""Codes and seals on printed and scanned pages, in simulation: how many read back, how long a seal takes.

`python -m benchmarks.codes [PAGES]`. Every page is stamped by the program, printed (drawn finer than it is
scanned, its edges soft, its black not quite black), laid on a scanner askew by up to 4°, blurred, made noisy,
scanned at 200 dpi and kept as JPEG 70.
"""

import importlib.metadata
import io
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2
from pikepdf import pdfa
from PIL import Image

import ocr
import signing
from resources.specimens.render.official import official

PAGES = 500
GOAL = 0.995
SEAL_GOAL_MS = 50.0
PRINT_DPI, SCAN_DPI, JPEG = 300, 200, 70
MOST_SKEW_DEG = 4.0
PAPERS = 12


@dataclass
class Outcome:
    """How many pages read back, by what they carried, and what a seal took."""

    pages: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    seal_ms: list[float] = field(default_factory=list)
    forged: int = 0

    @property
    def share(self) -> float:
        """The share of pages whose symbol was read with the right text."""
        return sum(self.read.values()) / max(sum(self.pages.values()), 1)

    def count(self, kind: str, number: int, *, read: bool) -> None:
        """Counts one page."""
        self.pages[kind] = self.pages.get(kind, 0) + 1
        self.read[kind] = self.read.get(kind, 0) + read
        if not read:
            self.missed.append(f"{kind} {number}")


def measured(pages: int, folder: Path) -> Outcome:
    """Stamps, prints, scans and reads this many pages; every third carries a seal."""
    outcome = Outcome()
    signing.new_seal_key(folder / "key.pem", "a passphrase")
    key = signing.load_seal_key(folder / "key.pem", "a passphrase")
    blanks = list(_papers(folder, min(PAPERS, pages)))
    for number in range(pages):
        paper, fields = blanks[number % len(blanks)]
        code = f"H18.19_QĐ_{number + 1:06d}_V1"
        sealed = number % 3 == 2
        text = signing.sealed_text({**fields, "code": code}, key) if sealed else code
        stamped = signing.stamp_code(paper, folder / "stamped.pdf", signing.CodeStamp(code, text))
        page = printed_and_scanned(stamped.path, seed=number)
        before = time.process_time()
        texts = [found.text for found in ocr.find_barcodes(page, only=("QRCode",), thorough=True)]
        if sealed and text in texts:
            opened = signing.open_seal(text, [key.trusted])
            outcome.seal_ms.append(1000 * (time.process_time() - before))
            outcome.forged += opened.state is not signing.SealState.GENUINE
        outcome.count("seal" if sealed else "code", number, read=text in texts)
    return outcome


def _papers(folder: Path, count: int) -> Iterator[tuple[Path, dict[str, str]]]:
    """Made-up papers as PDF/A, with what a seal says of them."""
    for number in range(count):
        paper = official(number)
        out = folder / f"paper-{number}.pdf"
        image = paper.images()[0]
        page_as_pdfa(image, paper.dpi, out)
        truth = paper.truth
        yield (
            out,
            {
                "number": f"{truth['number']}/{truth['notation']}",
                "date": truth["date"],
                "kind": truth["kind"],
                "signer": truth["signer"],
                "agency": truth["agency"],
                "pages": "1",
                "subject": truth["subject"],
            },
        )


def page_as_pdfa(image: Image.Image, dpi: int, out: Path) -> None:
    """One page with the picture over all of it."""
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=85)
    document = pikepdf.new()
    width, height = image.width * 72 / dpi, image.height * 72 / dpi
    page = document.add_blank_page(page_size=(width, height))
    picture = document.make_stream(
        jpeg.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
    page.obj.Contents = document.make_stream(f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /P Do Q".encode())
    pdfa.save(document, out, "2b")


def printed_and_scanned(pdf: Path, seed: int) -> bytes:
    """The first page of a PDF as a JPEG from a scanner."""
    rng = np.random.default_rng(seed)
    document = pypdfium2.PdfDocument(pdf)
    try:
        sheet = document[0].render(scale=PRINT_DPI / 72, grayscale=True).to_numpy().copy()
    finally:
        document.close()
    toner = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(0.4, 1.0)).astype(np.float32)
    toner = 255 - (255 - toner) * rng.uniform(0.8, 1.0)  # toner on paper is never quite black
    height, width = toner.shape
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(rng.uniform(-MOST_SKEW_DEG, MOST_SKEW_DEG)), 1
    )
    skewed = cv2.warpAffine(toner, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=248.0)
    scale = SCAN_DPI / PRINT_DPI
    small = cv2.resize(skewed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.5, 1.1))
    noisy = soft * rng.uniform(0.92, 1.0) + rng.normal(0, rng.uniform(2, 9), soft.shape)
    out = io.BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(
        out, "JPEG", quality=JPEG, dpi=(SCAN_DPI, SCAN_DPI)
    )
    return out.getvalue()


def run(pages: int = PAGES) -> bool:
    """Prints the table; True when the goals are met."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = measured(pages, Path(folder))
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("segno", "zxing-cpp"))
    print(f"{pages} stamped pages, ±{MOST_SKEW_DEG:g}°, {SCAN_DPI} dpi, JPEG {JPEG}")
    print(f"  {versions}, Python {platform.python_version()}, {platform.machine()}")
    for kind, count in outcome.pages.items():
        print(f"  {kind}: {outcome.read[kind]} of {count} read")
    for one in outcome.missed:
        print(f"  missed: {one}")
    times = sorted(outcome.seal_ms) or [0.0]
    half, most = times[len(times) // 2], times[-1]
    print(f"  read: {100 * outcome.share:.2f} % (goal {100 * GOAL:.1f} %)")
    print(
        f"  page decoded, symbol found, seal verified: median {half:.1f} ms CPU, most {most:.1f} ms"
        f" (goal {SEAL_GOAL_MS:.0f} ms); {outcome.forged} not genuine"
    )
    return outcome.share >= GOAL and half < SEAL_GOAL_MS and not outcome.forged


if __name__ == "__main__":
    sys.exit(0 if run(int(sys.argv[1]) if len(sys.argv) > 1 else PAGES) else 1)
