"""Character error rate on the shipped suite and on published pages, and the CPU time of a page.

How the rate is counted: see `scoring`. The suite's pages carry a seal over the signature, a second one over
header or body, a blue signature, up to 3° of skew, tint, grain and shadow.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, median

from ocr import OcrError, Reader
from reading_sections import peer, scoring
from reading_sections.figures import Figure, at_most
from resources.specimens.render.suite import worn_pages

PAGES, PEER_PAGES, BATCH = 60, 12, 6
GOALS = {300: 0.3, 150: 0.6}
PUBLISHED_GOAL = 1.2


def measure(*, few: bool) -> Iterator[Figure]:
    """Suite at 300 and 150 dpi, published pages; the peer on the first pages of each."""
    pages, peer_pages = (6, 2) if few else (PAGES, PEER_PAGES)
    with tempfile.TemporaryDirectory() as name, Reader(jobs=2) as reader:
        print(f"   {reader.engine}; NFC, white space folded, the better of two cell orders")
        for dpi, goal in GOALS.items():
            folder = Path(name) / str(dpi)
            folder.mkdir()
            files, truths = _written(folder, pages, dpi)
            rates, cpu = _ours(reader, files, truths)
            note = (
                f"{pages} pages, worst {max(rates):.2f}, median {median(rates):.2f}, {cpu:.2f} CPU s a page"
            )
            yield at_most(f"suite {dpi} dpi", mean(rates), goal, "% CER", note)
            yield from _peer(files[:peer_pages], truths[:peer_pages], folder, f"suite {dpi} dpi", rates)
        yield from _published(reader, Path(name), peer_pages)


def _published(reader: Reader, folder: Path, peer_pages: int) -> Iterator[Figure]:
    files = sorted((scoring.REAL / "ocr-truth").glob("*.jpg"))
    if not files:
        print("   published pages: not at hand")
        return
    truths = [
        scoring.published_truths(file.with_suffix(".txt").read_text(encoding="utf-8")) for file in files
    ]
    rates, cpu = _ours(reader, files, truths)
    note = f"{len(files)} pages, worst {max(rates):.2f}, {cpu:.2f} CPU s a page"
    yield at_most("published 200 dpi", mean(rates), PUBLISHED_GOAL, "% CER", note)
    yield from _peer(files[:peer_pages], truths[:peer_pages], folder, "published 200 dpi", rates)


def _written(folder: Path, count: int, dpi: int) -> tuple[list[Path], list[tuple[str, ...]]]:
    files, truths = [], []
    for page in worn_pages(count, dpi):
        file = folder / f"{page.name}.jpg"
        file.write_bytes(page.jpeg())
        files.append(file)
        truths.append((page.truth, page.truth_across))
    return files, truths


def _ours(
    reader: Reader, files: Sequence[Path], truths: Sequence[tuple[str, ...]]
) -> tuple[list[float], float]:
    """(error rate of each page in per cent, CPU seconds a page of cleaning and reading)."""
    began, rates = time.process_time(), []
    for result, truth in zip(reader.read_all(files), truths, strict=True):
        if isinstance(result, OcrError):
            raise result
        rates.append(scoring.error_rate(result.read.text, *truth))
    return rates, (time.process_time() - began) / len(files)


def _peer(
    files: Sequence[Path], truths: Sequence[tuple[str, ...]], folder: Path, what: str, ours: Sequence[float]
) -> Iterator[Figure]:
    if lacking := peer.missing():
        print(f"   {what}, OCRmyPDF: not run, missing {lacking}")
        return
    run = peer.read(files, folder)
    rates = [scoring.error_rate(text, *truth) for text, truth in zip(run.texts, truths, strict=True)]
    beside = (
        f"{len(files)} pages, ours on them {mean(ours[: len(files)]):.2f}, {run.cpu_s / len(files):.2f} CPU s"
    )
    yield Figure(f"{what}, OCRmyPDF", mean(rates), "% CER", note=beside + " a page to PDF/A")
