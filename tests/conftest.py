"""What every test may lean on: real data where it is at hand, no stray warnings in the log."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine is no defect. The short run asks the same examples every time, so that it says something
# about the change at hand; the long one looks for new ones.
settings.register_profile(
    "short", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("SOHOA_EXAMPLES", "short"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real scans, signed files and device answers; the test is skipped without it."""
    folder = Path(os.environ.get("SOHOA_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no folder of real data")
    return folder


@pytest.fixture(autouse=True)
def no_unexpected_log_lines(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """A line at WARNING or above in our own loggers fails the test, unless it is marked `logs_warnings`."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    ours = ("app", "scanner", "ocr", "signing", "sync")
    unexpected = [
        record
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)  # type: ignore[arg-type]
        if record.levelno >= logging.WARNING and record.name.split(".")[0] in ours
    ]
    assert not unexpected, [record.getMessage() for record in unexpected]
