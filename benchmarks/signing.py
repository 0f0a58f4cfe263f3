"""What a signature costs: many documents under one PIN, beside the pyhanko command, and one large file.

    .venv/bin/python benchmarks/signing.py [--documents 500] [--peer 20] [--large-mb 300]

The documents are scanned pages of 0.5 MB as PDF/A-2b; both programs sign with the same key in SoftHSM, with a
visible block. Ours is the whole command `sohoa sign`: it checks the certificate with its authority, checks
PDF/A before and after, looks for a free place, signs, and verifies what it made. The peer is the whole
command `pyhanko sign addsig pkcs11`, which takes one document. Prints machine, versions, CPU seconds (user
and system) a document and their ratio; then time and largest memory for the large file.

Needs the extra `bench` and softhsm2.
"""

import argparse
import io
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this file is named like the engine

import pikepdf  # noqa: E402
from pikepdf import pdfa  # noqa: E402
from PIL import Image  # noqa: E402

import resources  # noqa: E402
import signing  # noqa: E402
from signing.training import TRAINING_PIN, TrainingPki, TrainingToken  # noqa: E402

PACKAGES = ("pyhanko", "pyhanko-cli", "pikepdf", "python-pkcs11", "pypdfium2", "cryptography")
CLERK = "Lò Thị Tập Huấn"
_WANTED_BYTES = 500_000

LARGE = textwrap.dedent(
    """
    import sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    import signing
    from signing.training import TRAINING_PIN, TrainingPki, TrainingToken
    folder = Path(sys.argv[1])
    pki = TrainingPki.create(folder / "pki")
    token = TrainingToken.prepare(folder / "token", pki, holder=sys.argv[4], pin=TRAINING_PIN)
    with token.open(TRAINING_PIN) as opened:
        block = signing.ClerkBlock(sys.argv[4], datetime.now(UTC))
        began, used = time.monotonic(), time.process_time()
        signing.sign_pdf(Path(sys.argv[2]), Path(sys.argv[3]), opened, appearance=block, timestamp=None)
        print(time.monotonic() - began, time.process_time() - used)
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(int(peak.split()[1]) / 1024)
    """
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--peer", type=int, default=20)
    parser.add_argument("--large-mb", type=int, default=300)
    wanted = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ours = many(folder, wanted.documents)
        theirs = peer(folder, wanted.peer)
        print(f"ratio: {theirs / ours:.1f}")
        large(folder, wanted.large_mb)


def many(folder: Path, count: int) -> float:
    """CPU seconds a document of `sohoa sign` over `count` documents."""
    sources = folder / "sources"
    sources.mkdir()
    size = document(sources / "0000.pdf")
    for number in range(1, count):
        shutil.copyfile(sources / "0000.pdf", sources / f"{number:04d}.pdf")
    ready = command(folder, [sources / "0000.pdf"], folder / "ready")
    measured(ready, folder)  # the training room is made at the first visit
    used, took = measured(command(folder, sorted(sources.iterdir()), folder / "ours"), folder)
    signed = list((folder / "ours").iterdir())
    assert len(signed) == count
    assert all(one.integrity == "valid" for one in signing.verify_pdf(signed[-1]))
    print(
        f"sohoa sign: {count} documents of {size / 1e6:.2f} MB, "
        f"{used / count * 1000:.1f} ms CPU each, {took:.1f} s"
    )
    return used / count


def command(folder: Path, sources: list[Path], out: Path) -> list[str]:
    words = ["-m", "app.main", "--data", str(folder / "data"), "sign", *map(str, sources), "-o", str(out)]
    return [sys.executable, *words, "--level", "B-B", "--name", CLERK]


def peer(folder: Path, count: int) -> float:
    """CPU seconds a document of pyhanko's command, with the same token."""
    home = folder / "data" / "training" / "token"
    pki = TrainingPki.open(folder / "data" / "training" / "pki")
    token = TrainingToken.prepare(home, pki, holder=CLERK, pin=TRAINING_PIN)
    work = folder / "peer"
    work.mkdir()
    (work / "pyhanko.yml").write_text(
        textwrap.dedent(
            f"""
            pkcs11-setups:
              bench:
                module-path: {token.module}
                token-criteria: {{label: "{token.label}"}}
                cert-label: "{CLERK}"
                key-label: "{token.label}"
                user-pin: "{TRAINING_PIN}"
            """
        ),
        encoding="utf-8",
    )
    program = Path(sys.executable).with_name("pyhanko")
    source = folder / "sources" / "0000.pdf"
    total = 0.0
    for number in range(count):
        words = ["sign", "addsig", "--use-pades", "--field", "1/25/785/230/830/Sig1", "pkcs11"]
        words += ["--p11-setup", "bench", str(source), str(work / f"{number}.pdf")]
        used, _ = measured([str(program), *words], work, SOFTHSM2_CONF=str(token.configuration))
        total += used
    assert all((work / f"{number}.pdf").stat().st_size > source.stat().st_size for number in range(count))
    print(f"pyhanko: {count} documents, {total / count * 1000:.1f} ms CPU each")
    return total / count


def large(folder: Path, megabytes: int) -> None:
    """Time and largest memory of one signature on a large file, whole process."""
    source, out = folder / "large.pdf", folder / "large-signed.pdf"
    document(source, pages=max(megabytes // 3, 1), page_bytes=3_000_000)
    home = folder / "data" / "training"
    words = [sys.executable, "-c", LARGE, str(home), str(source), str(out), CLERK]
    for _ in range(2):  # the second finds the file in the system's cache
        told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    took, used, memory = (float(word) for word in told)
    print(
        f"one file of {source.stat().st_size / 1e6:.0f} MB: {took:.2f} s, {used:.2f} s CPU, {memory:.0f} MB"
    )


def document(path: Path, pages: int = 1, page_bytes: int = _WANTED_BYTES) -> int:
    """A PDF/A-2b of scanned pages, each of about so many bytes; its size."""
    scan = scanned(page_bytes)
    with pikepdf.new() as pdf:
        for number in range(pages):
            page = pdf.add_blank_page(page_size=(595.28, 841.89))
            image = pdf.make_stream(
                scan[0] + str(number).encode(),  # pages differ, as scans do
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=scan[1],
                Height=scan[2],
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
            page.obj.Contents = pdf.make_stream(b"q 595.28 0 0 841.89 0 0 cm /I Do Q")
        pdfa.save(pdf, path, "2b")
    return path.stat().st_size


def scanned(wanted: int) -> tuple[bytes, int, int]:
    """A specimen's first page as a JPEG at A4 and 200 dpi, of about so many bytes; its width and height."""
    file = resources.path("specimens", "demo", "01-to-khai-truoc.jpg")
    with Image.open(file) as opened:
        page = opened.convert("RGB").resize((1654, 2339))
    low, high = 5, 100
    data = b""
    while low <= high:
        quality = (low + high) // 2
        kept = io.BytesIO()
        page.save(kept, "JPEG", quality=quality, subsampling=0)
        data = kept.getvalue()
        if len(data) > wanted:
            high = quality - 1
        else:
            low = quality + 1
    return data + bytes(max(wanted - len(data), 0)), page.width, page.height


def measured(words: list[str], folder: Path, **more: str) -> tuple[float, float]:
    """Runs a command: CPU seconds of it and its children, wall seconds."""
    environment = {**os.environ, "SOHOA_PIN": TRAINING_PIN, "PYTHONPATH": str(ROOT), **more}
    environment["SOHOA_SETTINGS"] = str(folder / "no-settings.toml")
    began = time.monotonic()
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        told = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(told.decode())
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


if __name__ == "__main__":
    main()
