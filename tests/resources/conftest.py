"""Fixtures for the shipped specimens: the images decoded, the stack as it is described and rendered again."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from resources import specimens
from resources.specimens.render.demo import Scan, stack


@pytest.fixture(scope="session")
def scans() -> dict[str, Scan]:
    """The description of each image of the demo by its file name."""
    return {f"{scan.name}.jpg": scan for scan in stack()}


@pytest.fixture(scope="session")
def shipped() -> Callable[[str], NDArray[np.uint8]]:
    """Decodes a shipped image by its file name: height × width × 3."""
    paths = {image.name: image for image in specimens.demo_stack()}

    def decode(name: str) -> NDArray[np.uint8]:
        with Image.open(paths[name]) as image:
            return np.asarray(image.convert("RGB"))

    return decode


@pytest.fixture(scope="session")
def rendered_again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder into which the command line has just written the stack."""
    folder = tmp_path_factory.mktemp("stack")
    command = [sys.executable, "-W", "error", "-m", "resources.specimens.render", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    yield folder
    for file in folder.iterdir():
        file.unlink()
