"""Finished pages outlive a crash: kept whole or not at all, not read again, the same bytes in the end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ocr import Flag, OcrError, OcrFault, read_documents
from ocr.pdf.composed import composed
from ocr.pdf.finished import CopiedPage, FinishedPage
from ocr.pdf.layers import Painting
from ocr.placeholder import placeholder
from ocr.spool import PageSpool, opened_spool

SHA = "ab" * 32


def test_a_page_comes_back_as_it_was_put(tmp_path: Path) -> None:
    spool = PageSpool(tmp_path, "stamp")
    painted = placeholder("Trang 2\nocr.truncated", "x")
    copied = FinishedPage(painted.read, CopiedPage(b"%PDF", has_text=True))
    for number, page in enumerate((painted, copied), 1):
        assert not spool.has(SHA, number)
        spool.put(spool.name(SHA, number), page)
        assert spool.has(SHA, number)
        assert spool.get(spool.name(SHA, number)) == page


def test_another_stamp_or_source_or_page_is_another_page(tmp_path: Path) -> None:
    spool = PageSpool(tmp_path, "stamp")
    spool.put(spool.name(SHA, 1), placeholder("x", "x"))
    assert not spool.has(SHA, 2)
    assert not spool.has("cd" * 32, 1)
    assert not PageSpool(tmp_path, "other").has(SHA, 1)


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-1], lambda data: data[:40] + b"x" + data[41:], lambda _: b""]
)
def test_a_page_that_is_not_whole_is_not_there(spoil, tmp_path: Path) -> None:
    spool = PageSpool(tmp_path, "stamp")
    name = spool.name(SHA, 1)
    spool.put(name, placeholder("x", "x"))
    (tmp_path / name).write_bytes(spoil((tmp_path / name).read_bytes()))
    assert not spool.has(SHA, 1)
    with pytest.raises(ValueError, match="no such page"):
        spool.get(name)


def test_after_success_nothing_stays_and_after_a_fault_the_pages_do(tmp_path: Path) -> None:
    root = tmp_path / "reading"

    def stopped_job() -> None:
        with opened_spool(root, tmp_path, "job", "s") as spool:
            spool.put(spool.name(SHA, 1), placeholder("x", "x"))
            raise OcrError(OcrFault.CANCELLED)

    with pytest.raises(OcrError):
        stopped_job()
    with opened_spool(root, tmp_path, "job", "s") as spool:
        assert spool.has(SHA, 1)
        with opened_spool(root, tmp_path, "job", "s") as second:
            assert not second.has(SHA, 1)  # the job is being done; this one works apart
    assert [path.name for path in root.iterdir() if path.is_dir()] == []


def test_pages_that_nobody_came_back_to_are_removed(tmp_path: Path) -> None:
    root = tmp_path / "reading"
    for job in ("old", "young"):
        with pytest.raises(RuntimeError), opened_spool(root, tmp_path, job, "s"):
            raise RuntimeError
    os.utime(root / "old", (1, 1))
    with opened_spool(root, tmp_path, "third", "s"):
        assert sorted(path.name for path in root.iterdir() if path.is_dir()) == ["third", "young"]


def test_where_pages_cannot_be_kept_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OcrError) as caught, opened_spool(tmp_path / "file" / "x", tmp_path, "job", "s"):
        pytest.fail("opened")
    assert caught.value.fault is OcrFault.NOT_WRITABLE


def test_the_sheet_shows_its_reason_and_stays_within_its_edges() -> None:
    empty, told = placeholder("", "x"), placeholder(f"{'rất dài ' * 60}\n{'x' * 400}\nocr.bomb", "x")
    assert told.read.flags == (Flag.UNREADABLE,)
    assert isinstance(empty.shown, Painting)
    assert isinstance(told.shown, Painting)
    plain, written = (composed(page.shown)[..., 0] for page in (empty, told))
    assert (written < 128).sum() > (plain < 128).sum() + 3000
    assert np.array_equal(written[:, -60:], plain[:, -60:])


JOB = """
import sys
from pathlib import Path
from ocr import read_documents
folder = Path(sys.argv[1])
def report(done, total):
    print(done, flush=True)
files = {"json": folder / "a.json", "resume": folder / "reading"}
read_documents([folder / "in"], folder / "a.pdf", jobs=2, report=report, **files)
"""


def test_after_kill_9_finished_pages_are_not_read_again(tmp_path: Path, render, as_jpeg) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    letter = render(100)
    for number in range(6):
        page = letter.copy()
        page[:40, : 40 + number] = 0
        (inbox / f"{number}.jpg").write_bytes(as_jpeg(page, 100))
        os.utime(inbox / f"{number}.jpg", (1_750_000_000, 1_750_000_000))
    process = subprocess.Popen([sys.executable, "-c", JOB, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "3":
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "a.pdf").exists()
    first = read_documents(
        [inbox], tmp_path / "a.pdf", json=tmp_path / "a.json", jobs=2, resume=tmp_path / "reading"
    )
    assert first.resumed >= 3
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [page["resumed"] for page in told["pages"]][:3] == [True] * 3
    again = read_documents([inbox], tmp_path / "b.pdf", title="a", jobs=1)
    assert again.resumed == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert [path.name for path in (tmp_path / "reading").iterdir() if path.is_dir()] == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".") and path.is_dir()] == []


def test_what_is_kept_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with opened_spool(tmp_path / "reading", tmp_path, "job", "s"):
        assert (tmp_path / "reading").stat().st_mode & 0o077 == 0
        assert (tmp_path / "reading" / "job").stat().st_mode & 0o077 == 0
