"""`./run` where something is missing: the exact line for an administrator, and nothing changed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
MISSING = ("sane-airscan", "softhsm2")


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A checkout that any account may read, a `dpkg-query` that misses two packages, no `sudo`."""
    with tempfile.TemporaryDirectory(prefix="checkout-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        shutil.copy(ROOT / "run", folder)
        shutil.copytree(ROOT / "packaging", folder / "packaging")
        programs = folder / "programs"
        programs.mkdir()
        for name in ("bash", "env", "dirname", "readlink", "sed", "tr", "grep"):
            found = shutil.which(name)
            assert found is not None
            (programs / name).symlink_to(found)
        query = programs / "dpkg-query"
        query.write_text(f'#!/bin/sh\ncase "$3" in {"|".join(MISSING)}) exit 1 ;; esac\necho installed\n')
        query.chmod(0o755)
        yield folder


def run_as_a_clerk(checkout: Path, *arguments: str, language: str) -> subprocess.CompletedProcess[str]:
    """Runs `./run` without administrator's rights."""
    return subprocess.run(
        [checkout / "run", *arguments],
        env={"PATH": str(checkout / "programs"), "SOHOA_LANGUAGE": language},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        user=NOBODY if os.geteuid() == 0 else None,
    )


@pytest.mark.parametrize(("language", "word"), [("vi", "quản trị viên"), ("en", "administrator")])
def test_without_rights_the_exact_line_to_ask_for_is_printed(
    checkout: Path, language: str, word: str
) -> None:
    before = sorted(checkout.rglob("*"))
    ended = run_as_a_clerk(checkout, "demo", language=language)
    assert ended.returncode == 1
    line = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(MISSING)}"
    assert f'sudo sh -c "{line}"' in ended.stderr
    assert word in ended.stderr
    assert ended.stdout == ""  # what a program would read stays clean
    assert sorted(checkout.rglob("*")) == before


def test_a_word_it_does_not_know_is_wrong_usage(checkout: Path) -> None:
    ended = run_as_a_clerk(checkout, "nonsense", language="en")
    assert ended.returncode == 2
    assert "./run demo" in ended.stderr
