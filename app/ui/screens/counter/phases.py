"""Where the dossier is, what the counter is busy with, what is known of its devices (giai đoạn)."""

from enum import Enum, IntEnum

from app.domain.states import Digitisation

OPEN_FOR_PAGES = frozenset(
    {
        Digitisation.OPEN,
        Digitisation.CAPTURING,
        Digitisation.CAPTURED,
        Digitisation.READ,
        Digitisation.BUILT,
    }
)
SIGNED = frozenset({Digitisation.SIGNED, Digitisation.SEALED})


class Stage(IntEnum):
    """Where the dossier is on its way, as the steps at the top show it."""

    RECEIVE = 0  # tiếp nhận
    SCAN = 1  # quét
    SIGN = 2  # ký và gửi
    RECEIPT = 3  # biên nhận


class Doing(Enum):
    """What the counter is busy with."""

    NOTHING = "nothing"
    ASKING = "asking"  # a short question to the store
    SCANNING = "scanning"
    SENDING = "sending"
    SETTLING = "settling"  # a job has ended, its outcome is being read


class Spot(Enum):
    """Where the pages of a scan go."""

    AT_THE_END = "at-the-end"  # quét tiếp
    IN_PLACE = "in-place"  # quét lại một trang
    BEHIND = "behind"  # chèn sau một trang


class Known(Enum):
    """What has been seen of the line or the token since the window was opened."""

    NOT_USED = "not-used"
    GOOD = "good"
    AWAY = "away"


_NO_LINE = frozenset({"sync.offline", "sync.timeout", "sync.captive-portal", "sync.address"})
_NO_TOKEN = frozenset(
    {"sign.token-absent", "sign.module-absent", "sign.module-broken", "station.no-token-module"}
)


def learned(line: Known, token: Known, code: str, *, sent: bool) -> tuple[Known, Known]:
    """What is known of line and token after a job that ended with this code, or empty; `sent` all the way."""
    if sent:
        return Known.GOOD, Known.GOOD
    return (Known.AWAY if code in _NO_LINE else line), (Known.AWAY if code in _NO_TOKEN else token)


def stage_of(digitisation: Digitisation | None, doing: Doing, *, has_receipt: bool) -> Stage:
    """Where a dossier is on its way; None for one that isn't received yet."""
    if has_receipt:
        return Stage.RECEIPT
    if digitisation is None:
        return Stage.RECEIVE
    if doing is Doing.SENDING or digitisation in (Digitisation.READ, Digitisation.BUILT, *SIGNED):
        return Stage.SIGN if doing is not Doing.SCANNING else Stage.SCAN
    return Stage.SCAN
