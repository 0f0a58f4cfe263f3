"""The window of the counter: Qt widgets over `app.workflow.counter`, nothing else (cửa sổ quầy tiếp nhận)."""

from app.settings import Settings

__all__ = ["run"]


def run(settings: Settings) -> int:
    """Shows the counter's window until it is closed; the exit code for the shell.

    A second start with the same data folder brings the first window to the front and returns 0.
    """
    from app.ui.program import run_window

    return run_window(settings)
