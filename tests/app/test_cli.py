"""The command line without the engines: help, exit codes, the three-part message."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.outcome import StopOnSignal, faults_shown
from app.cli.root import program
from app.domain.errors import StationError, StationFault


@pytest.fixture(autouse=True)
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "admin.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_every_command_explains_itself() -> None:
    runner = CliRunner()
    for name, command in program.commands.items():
        assert command.help, name
        told = runner.invoke(program, [name, "--help"])
        assert told.exit_code == 0
        assert command.help.split()[0] in told.output


def test_an_empty_outbox_is_no_fault() -> None:
    listed = CliRunner().invoke(program, ["outbox", "list", "--json"])
    assert (listed.exit_code, listed.stdout.strip()) == (0, "[]")


@pytest.mark.parametrize("error", [StationError(StationFault.DISK_FULL), OSError(28, "no space")])
def test_a_fault_of_the_world_ends_in_three_parts(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exception, match="1") as ended, faults_shown("vi"):
        raise error
    assert ended.value.exit_code == 1  # type: ignore[attr-defined]
    shown = capsys.readouterr().err
    assert "[station.disk-full]" in shown
    assert "→" in shown
    assert "Traceback" not in shown


@pytest.mark.logs_warnings
def test_a_bug_is_logged_and_told_politely(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Exception, match="1"), faults_shown("vi"):
        raise ZeroDivisionError
    assert "[bug]" in capsys.readouterr().err
    assert "ZeroDivisionError" in caplog.text


def test_ctrl_c_asks_first_and_then_insists() -> None:
    import signal

    with StopOnSignal() as stopped:
        assert not stopped()
        signal.raise_signal(signal.SIGINT)
        assert stopped()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ("cv2", "tesserocr", "pyhanko", "PySide6", "starlette", "numpy", "pikepdf", "sane")
    code = f"import sys; import app.main; print([m for m in {heavy!r} if m in sys.modules])"
    root = Path(__file__).resolve().parents[2]
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    ).stdout
    assert seen.strip() == "[]"
