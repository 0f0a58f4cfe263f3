"""Results never land on a source, nor on each other."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocr import OcrError, OcrFault, documents, read_documents


@pytest.fixture
def source(tmp_path: Path, as_jpeg: Callable[..., bytes]) -> Path:
    """A source in a folder of its own."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    file = inbox / "1.jpg"
    file.write_bytes(as_jpeg(np.full((300, 200), 250, np.uint8)))
    return file


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be read."""
    monkeypatch.setattr(documents, "walk_sources", lambda *_, **__: pytest.fail("was read"))
    monkeypatch.setattr(documents, "survey", lambda *_, **__: pytest.fail("was opened"))


def refused(sources: list[Path], out: Path, **results: Path) -> str | int | float:
    """Which result is refused."""
    with pytest.raises(OcrError) as caught:
        read_documents(sources, out, **results)
    assert caught.value.fault is OcrFault.SAME_FILE
    return caught.value.facts["result"]


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("kind", ["pdf", "text", "json"])
def test_a_result_never_lands_on_a_source(kind: str, source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    symbolic, hard = tmp_path / "symbolic.jpg", tmp_path / "hard.jpg"
    symbolic.symlink_to(source)
    os.link(source, hard)
    roundabout = tmp_path / "in" / ".." / "in" / "1.jpg"
    for sources in ([source], [source.parent]):
        for target in (source, roundabout, symbolic, hard):
            results = {"pdf": tmp_path / "a.pdf", kind: target}
            assert refused(sources, results.pop("pdf"), **results) == kind
    assert source.read_bytes() == before
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.usefixtures("unread")
def test_two_results_never_share_a_file(source: Path, tmp_path: Path) -> None:
    (tmp_path / "same").symlink_to(tmp_path)
    one, other = tmp_path / "a", tmp_path / "same" / "a"
    assert refused([source], one, text=one) == "text"
    assert refused([source], one, json=other) == "json"
    assert refused([source], tmp_path / "b", text=one, json=other) == "json"
    assert not one.exists()


def test_a_result_beside_the_sources_of_a_folder_is_written(source: Path) -> None:
    out = source.parent / "a.pdf"
    assert read_documents([source.parent], out, text=source.parent / "a.txt").pages == 1
    assert refused([source.parent], out) == "pdf"


def test_a_source_that_is_not_there_is_said_first(tmp_path: Path) -> None:
    with pytest.raises(OcrError) as caught:
        read_documents([tmp_path / "gone.pdf"], tmp_path / "gone.pdf")
    assert caught.value.fault is OcrFault.NOT_FOUND
