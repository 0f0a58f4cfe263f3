"""The program around the window: quick to start, one of its kind, heavy things only when needed."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.page import Page
from app.settings import Settings
from app.ui import figures, program
from app.ui.notice import Tone, tell_error
from app.ui.single import SingleInstance
from app.ui.window import MainWindow

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("cv2", "numpy", "tesserocr", "pyhanko", "pikepdf", "starlette", "ocr", "scanner", "signing", "sync")

START = """
import sys, time
began = time.process_time()
import app.ui
assert "PySide6" not in sys.modules, "importing the room must cost nothing"
from PySide6.QtWidgets import QApplication
from app.settings import Settings
from app.ui.style import Style
from app.ui.window import MainWindow
qt = QApplication([])
window = MainWindow(Settings(data_folder=sys.argv[1]), Style(qt))
window.show()
qt.processEvents()
window.screen_.form.name.setText("x")
print(time.process_time() - began)
print(",".join(name for name in sys.argv[2].split(",") if name in sys.modules))
window._background.close(); window._pictures.close(); window.bridge.close()
"""


def test_the_window_is_usable_soon_and_engines_are_not_loaded_for_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, tmp_path, ",".join(HEAVY)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seconds, loaded = done.stdout.split("\n")[:2]
    assert loaded == ""
    assert float(seconds) < 1.5


def test_a_second_start_calls_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first, second, other = SingleInstance(tmp_path), SingleInstance(tmp_path), SingleInstance(tmp_path / "b")
    assert first.claim()
    with qtbot.waitSignal(first.called, timeout=3000):
        assert not second.claim()
    assert other.claim()
    first.release()
    assert second.claim()
    second.release()
    other.release()


def test_a_program_runs_until_its_window_is_closed(
    qtbot: QtBot, qapp: QApplication, settings: Settings, counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import contextmanager

    closed: list[str] = []

    @contextmanager
    def opener(wanted: Settings) -> Any:
        yield counter
        closed.append(wanted.data_folder)

    def close_when_ready() -> None:
        for widget in qapp.topLevelWidgets():
            if isinstance(widget, MainWindow) and widget.isVisible() and widget.work.can_receive:
                widget.close()
                timer.stop()

    monkeypatch.setattr(program.translation, "install", lambda _app, _language: None)
    timer = QTimer()
    timer.timeout.connect(close_when_ready)
    timer.start(20)
    assert program.run_window(settings, opener) == 0
    assert closed == [settings.data_folder]
    assert (settings.folder() / "window.ini").is_file()


def test_real_work_is_not_marked_as_training(qtbot: QtBot, opened_window: Any, counter: Any) -> None:
    counter.training = False
    window = opened_window(settings=Settings(data_folder="x", intake_url="https://tiep-nhan.example"))
    assert not window.training.isVisible()
    assert window.screen_.form.name.text() == ""
    assert window.screen_.foot.line.text == "Đường truyền: chưa dùng"
    window.screen_.form.checklist.show_kinds(counter.procedures()[0].components)
    assert window.screen_.form.checklist.keys() == ("1.001193.01", "1.001193.02")


def test_training_is_marked(opened_window: Any) -> None:
    window = opened_window()
    assert window.training.isVisible()
    assert window.training.text() == "TẬP HUẤN – không gửi hồ sơ thật"
    assert window.screen_.foot.line.text == "Máy chủ tập huấn"


def test_figures_are_written_as_here() -> None:
    moment = datetime(2026, 3, 9, 18, 4, tzinfo=UTC)
    assert figures.day_and_time(moment) == "10/03/2026 01:04"
    assert figures.moment_of("2026-03-09T18:04:00+00:00") == moment
    assert figures.moment_of("2026-03-09T18:04:00") is None
    assert figures.moment_of("soon") is None
    assert figures.percent(99.99) == "99 %"
    assert figures.megabytes(1_240_000) == "1,2 MB"
    a4 = Page("P", "D", 1, "o", 300, 2480, 3508, 1, 1, "")
    assert figures.paper_size(a4) == "A4 · 210 × 297 mm"
    assert figures.paper_size(Page("P", "D", 1, "o", 300, 1000, 1000, 1, 1, "")) == "85 × 85 mm"
    assert figures.paper_size(Page("P", "D", 1, "o", 0, 1000, 1000, 1, 1, "")) == "–"


@pytest.mark.usefixtures("qapp")
def test_time_left_does_not_flicker() -> None:
    left = [figures.time_left(seconds) for seconds in (1, 4.9, 11, 13, 58, 90)]
    assert left == [
        "còn vài giây",
        "còn vài giây",
        "còn khoảng 10 giây",
        "còn khoảng 15 giây",
        "còn khoảng 60 giây",
        "còn khoảng 2 phút",
    ]


def test_a_coded_fault_keeps_its_code_and_a_cancel_is_calm(jam: BaseException) -> None:
    from app.jobs import Cancelled

    assert tell_error(jam, "vi").message.code == "scan.jammed"
    assert tell_error(jam, "vi").tone is Tone.BAD
    assert tell_error(Cancelled(), "en").tone is Tone.CALM
    jam.code = "scan.cancelled"  # type: ignore[attr-defined]
    assert tell_error(jam, "vi").tone is Tone.CALM


def test_a_message_cannot_bring_its_own_markup(opened_window: Any) -> None:
    from app.messages import Message
    from app.ui.notice import Told

    window = opened_window()
    window.notice.show_told(Told(Message("x.y", "<b>a</b>", "1 < 2.", "Bấm **Quét**."), Tone.BAD))
    assert window.notice._happened.text() == "&lt;b&gt;a&lt;/b&gt;"
    assert window.notice._rest.text() == "1 &lt; 2. Bấm <b>Quét</b>."
    window.notice.dismiss()
    assert window.notice.code == ""
