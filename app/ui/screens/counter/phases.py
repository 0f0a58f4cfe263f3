"""Where the dossier is, what the counter is busy with, what is known of its devices (giai đoạn)."""

from enum import Enum, IntEnum


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
