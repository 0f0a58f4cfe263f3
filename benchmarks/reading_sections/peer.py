"""OCRmyPDF on the same images: `--deskew --rotate-pages -l vie`, its text taken from its sidecar."""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import img2pdf

OPTIONS = ("--deskew", "--rotate-pages", "-l", "vie")


@dataclass(frozen=True)
class PeerRun:
    """Text of each page, the file, and what the whole process tree needed in seconds."""

    texts: tuple[str, ...]
    pdf: Path
    wall_s: float
    cpu_s: float


def missing() -> str:
    """Why the peer can't run here; "" when it can."""
    lacking = (
        [] if (Path(sys.executable).parent / "ocrmypdf").exists() else ["ocrmypdf (pip install -e .[bench])"]
    )
    lacking += [] if shutil.which("gs") else ["ghostscript (apt-get install ghostscript)"]
    lacking += [] if shutil.which("tesseract") else ["tesseract-ocr"]
    return ", ".join(lacking)


def read(images: Sequence[Path], folder: Path, *, jobs: int = 2, options: Sequence[str] = OPTIONS) -> PeerRun:
    """One PDF of `images` through OCRmyPDF on `jobs` cores, in `folder`."""
    source, target, text = folder / "in.pdf", folder / "peer.pdf", folder / "peer.txt"
    with source.open("wb") as written:
        img2pdf.convert([str(image) for image in images], outputstream=written)
    command = [Path(sys.executable).parent / "ocrmypdf", *options, "--jobs", str(jobs), "--quiet"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([*command, "--sidecar", text, source, target], check=True, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pages = text.read_text(encoding="utf-8").split("\f")[: len(images)]
    return PeerRun(tuple(pages), target, wall, cpu)
