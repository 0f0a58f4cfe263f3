"""The program run as a whole, as a person or another program runs it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment_in(folder: Path) -> dict[str, str]:
    """An environment of its own: no settings of this account, data below `folder`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "SOHOA_SETTINGS": str(folder / "settings.toml"),
        "SOHOA_ADMIN_SETTINGS": str(folder / "admin.toml"),
        "SOHOA_LANGUAGE": "vi",
        "XDG_DATA_HOME": str(folder / "share"),
    }


class Program:
    """The program as other programs see it: arguments in, exit code and output back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = environment_in(folder)

    def start(self, *arguments: object, **more: str) -> subprocess.Popen[str]:
        """Starts it in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "app.main", *map(str, arguments)],
            env={**self.environment, **more},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *arguments: object, **more: str) -> Ended:
        """Runs it to its end."""
        with self.start(*arguments, **more) as process:
            out, err = process.communicate(timeout=180)
        return Ended(process.returncode, out, err)


@pytest.fixture
def sohoa(tmp_path: Path) -> Program:
    """The program with settings and data of this test only."""
    return Program(tmp_path)


@pytest.fixture(scope="module")
def sohoa_of_module(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program with settings and data shared by the tests of one file."""
    return Program(tmp_path_factory.mktemp("station"))
