"""The program around the window: one instance, language, look, and a clean end (chương trình)."""

import sys
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.ui import translation
from app.ui.display import closed_by_signals, require_display
from app.ui.icons import icon
from app.ui.opening import Opener, open_for_work
from app.ui.single import SingleInstance
from app.ui.style import Style
from app.ui.window import MainWindow

# Each call between Qt and Python waits this long for a busy thread to give way; at the usual 5 ms, a
# window that is drawn while papers are signed would stand still for a fifth of a second.
SWITCH_S = 0.0005


def run_window(settings: Settings, opener: Opener = open_for_work) -> int:
    """Runs the window until it is closed and the counter behind it too; the exit code."""
    sys.setswitchinterval(SWITCH_S)
    require_display()
    app = _application()
    folder = settings.work_folder()
    instance = SingleInstance(folder, app)
    if not instance.claim():
        return 0
    translation.install(app, settings.language)
    memory = _memory(settings.folder())
    style = Style(app, memory)
    app.setWindowIcon(icon("scan", style.look.colour("accent")))
    window = MainWindow(settings, style, memory, opener)
    instance.called.connect(window.call_to_front)
    window.leaving.connect(instance.release)
    window.left.connect(app.quit)
    window.show()
    window.open_counter()
    with closed_by_signals(window.close):
        code = app.exec()
    window.opening.wait()
    return code


def _application() -> QApplication:
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("sohoa")
    app.setApplicationDisplayName("Sohoa")
    app.setDesktopFileName("sohoa")
    app.setQuitOnLastWindowClosed(False)  # the counter closes after the window is hidden
    return app


def _memory(folder: Path) -> QSettings:
    """Where the window's size and look are kept: beside the data, no personal data in it."""
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
