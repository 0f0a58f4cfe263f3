"""Checking the signatures of many files: CPU a file and a signature, beside pyHanko in the same run.

    python benchmarks/verifying.py [FOLDER of signed PDFs]

Without a folder the files are made here: 200 of 1 to 16 signatures. pyHanko validates the same signatures
with the same trust, later changes included; where it raises, the signature counts as not judged.
"""

import logging
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # this folder has a `signing` of its own

import signing  # noqa: E402


def made_files(folder: Path) -> Path:
    """Two hundred files, and the root certificate beside them."""
    from tests.signing.forge_cms import Recipe
    from tests.signing.forge_pdf import base_pdf, sign
    from tests.signing.forge_people import House
    from tests.signing.forge_sound import maker

    house = House()
    recipe = Recipe(house.clerk, certificates=[house.clerk, house.middle])
    kinds = ("plain", "streams", "linear", "tagged")
    for count in (1, 2, 4, 16):
        for kind in kinds:
            data = base_pdf(kind, pages=20)
            for place in range(count):
                low = 760 - 40 * place
                data = sign(data, maker(recipe), field=f"C{place}", rect=(40, low, 140, low + 20))
            copies = {1: 32, 2: 12, 4: 4, 16: 2}[count]
            for copy in range(copies):
                (folder / f"{kind}-{count}-{copy}.pdf").write_bytes(data)
    trust = folder / "root.pem"
    trust.write_bytes(house.root.pem)
    return trust


def ours(file: Path, trust: list[Path]) -> int:
    return len(signing.verify_pdf(file, trust=trust))


def theirs(file: Path, trust: list[Path]) -> int:
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    roots = [load_cert_from_pemder(str(one)) for one in trust]
    judged = 0
    with file.open("rb") as stream:
        reader = PdfFileReader(stream, strict=False)
        for embedded in reader.embedded_signatures:
            context = ValidationContext(trust_roots=roots or None, allow_fetching=False)
            try:
                validate_pdf_signature(embedded, context)
            except Exception:  # noqa: S112
                continue
            judged += 1
    return judged


def measured(
    judge: Callable[[Path, list[Path]], int], files: list[Path], trust: list[Path]
) -> tuple[float, int]:
    """CPU seconds over all files, and the signatures judged."""
    judge(files[0], trust)
    before, judged = time.process_time(), 0
    for file in files:
        try:
            judged += judge(file, trust)
        except Exception:  # noqa: S112
            continue
    return time.process_time() - before, judged


def main() -> None:
    logging.disable(logging.CRITICAL)  # pyHanko tells every missing root with a traceback
    with tempfile.TemporaryDirectory() as scratch:
        trust: list[Path] = []
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        if len(sys.argv) == 1:
            trust = [made_files(folder)]
        files = sorted(folder.glob("*.pdf"))
        own, own_judged = measured(ours, files, trust)
        peer, peer_judged = measured(theirs, files, trust)
    print(f"{platform.machine()}, Python {platform.python_version()}, pyHanko {version('pyhanko')}")
    print(f"{len(files)} files")
    for name, spent, judged in (("sohoa", own, own_judged), ("pyHanko", peer, peer_judged)):
        print(f"{name:8}{spent:7.2f} s CPU, {1000 * spent / len(files):6.1f} ms a file, {judged} judged")
    print(f"ratio   {peer / own:7.2f}")


if __name__ == "__main__":
    main()
