"""Looking at the PDFs of a package, in a process of its own: a file made to harm its reader harms only this.

Lines of JSON go in (`package`, `names`, `policy`, `trust`) and come out (a list of `component`, `code`,
`detail`). Run as `python -m app.workflow.judging_worker`.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pikepdf

import signing

MEMORY_BYTES = 3 * 1024**3
"""Address space that a judging process may take."""

TRUSTED, WHOLE, NONE = "trusted", "whole", "none"
POLICIES = (TRUSTED, WHOLE, NONE)
"""What signatures must be: of a trusted signer, or at least whole; NONE asks for no signature."""

Objections = list[dict[str, str]]


def main() -> int:
    """Answer until standard input ends."""
    _bound_memory()
    signing.verify_pdf  # noqa: B018 - loaded now, not at the first question
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # what a library prints is no answer
    for line in sys.stdin:
        asked = json.loads(line)
        found = judge_package(
            Path(asked["package"]),
            asked["names"],
            policy=asked["policy"],
            trust=[Path(one) for one in asked["trust"]],
        )
        answers.write(json.dumps(found) + "\n")
        answers.flush()
    return 0


def judge_package(package: Path, names: list[str], *, policy: str, trust: list[Path]) -> Objections:
    """Return what there is to object to in the PDFs `names` of the ZIP `package`."""
    found: Objections = []
    with ZipFile(package) as archive:
        for name in names:
            with _laid_out(archive, name) as path:
                objection = judge_pdf(path, policy=policy, trust=trust)
            if objection is not None:
                found.append({"component": name, "code": objection[0], "detail": objection[1]})
    return found


def judge_pdf(path: Path, *, policy: str, trust: list[Path]) -> tuple[str, str] | None:
    """Return (code, detail) of the first thing wrong with one PDF, or None."""
    try:
        with pikepdf.open(path, attempt_recovery=False) as pdf:
            if not len(pdf.pages):
                return "pdf-empty", ""
    except pikepdf.PasswordError:
        return "pdf-encrypted", ""
    except pikepdf.PdfError:
        return "pdf-broken", ""
    return None if policy == NONE else _judge_signatures(path, trusted=policy == TRUSTED, trust=trust)


def _judge_signatures(path: Path, *, trusted: bool, trust: list[Path]) -> tuple[str, str] | None:
    try:
        signatures = signing.verify_pdf(path, trust=trust)
    except signing.SigningError as error:
        return "pdf-broken", error.code
    if not any(one.kind == "signature" for one in signatures):
        return "unsigned", ""
    for one in signatures:
        if str(one.integrity) != "valid":
            return "signature-broken", one.field
        if str(one.changes) == "suspicious":
            return "signature-changed", one.field
        if trusted and not one.sound:
            return "signer-untrusted", one.field
    return None


@contextmanager
def _laid_out(archive: ZipFile, name: str) -> Iterator[Path]:
    """The file `name` on disk while the block lasts; where the system can, it never has a name there."""
    if Path("/proc/self/fd").is_dir():
        with tempfile.TemporaryFile() as stream, archive.open(name) as source:
            shutil.copyfileobj(source, stream)
            stream.flush()
            yield Path(f"/proc/self/fd/{stream.fileno()}")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "component.pdf"
        with path.open("wb") as stream, archive.open(name) as source:
            shutil.copyfileobj(source, stream)
        yield path


def _bound_memory() -> None:
    if os.name != "nt":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    sys.exit(main())
