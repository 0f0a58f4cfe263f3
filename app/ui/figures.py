"""Numbers, dates and sizes as they are written here: 22/11/2026, 97 %, 1,2 MB (cách ghi số liệu)."""

from datetime import datetime, timedelta, timezone

from PySide6.QtCore import QCoreApplication

from app.domain.page import Page

_VIETNAM = timezone(timedelta(hours=7))
_MM_PER_INCH = 25.4
_SHEETS_MM = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "A6": (105, 148)}
_SHEET_SLACK_MM = 4


def day(moment: datetime) -> str:
    """A date as dd/MM/yyyy; Qt's short Vietnamese form leaves out zeros and the century."""
    return f"{moment.day:02d}/{moment.month:02d}/{moment.year:04d}"


def day_and_time(moment: datetime) -> str:
    """A moment, whatever its zone, as dd/MM/yyyy HH:mm on a wall clock in Viet Nam (+07:00)."""
    here = moment.astimezone(_VIETNAM)
    return f"{day(here)} {here.hour:02d}:{here.minute:02d}"


def moment_of(text: str) -> datetime | None:
    """The moment that an ISO 8601 text with its zone names, or None for any other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def percent(value: float) -> str:
    """A confidence of 0 to 100 without decimals, never rounded up to 100."""
    return f"{int(value)} %"


def megabytes(count: int) -> str:
    """A number of bytes in MB (10⁶) with a decimal comma."""
    return f"{count / 1e6:.1f} MB".replace(".", ",")


def time_left(seconds: float) -> str:
    """How long a step still takes, in steps that do not flicker."""
    if seconds < 5:
        return QCoreApplication.translate("Figures", "còn vài giây")
    if seconds < 60:
        rounded = round(seconds / 5) * 5
        return QCoreApplication.translate("Figures", "còn khoảng %1 giây").replace("%1", str(rounded))
    return QCoreApplication.translate("Figures", "còn khoảng %1 phút").replace("%1", str(round(seconds / 60)))


def paper_size(page: Page) -> str:
    """The size of the paper in mm, with its name when it is a common sheet."""
    if page.dpi <= 0:
        return "–"
    width = round(page.width_px / page.dpi * _MM_PER_INCH)
    height = round(page.height_px / page.dpi * _MM_PER_INCH)
    return f"{_sheet_name(width, height)}{width} × {height} mm"


def _sheet_name(width: int, height: int) -> str:
    short, long = sorted((width, height))
    for name, (short_mm, long_mm) in _SHEETS_MM.items():
        if abs(short - short_mm) <= _SHEET_SLACK_MM and abs(long - long_mm) <= _SHEET_SLACK_MM:
            return f"{name} · "
    return ""
