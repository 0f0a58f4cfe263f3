"""The four axes of a dossier's state, each with its legal moves.

Business (nghiệp vụ), digitisation (số hóa), synchronisation (đồng bộ) and archiving (lưu trữ) are
separate: a dossier can be solved and still wait for the line, or be delivered and not yet archived.
"""

from enum import StrEnum

from app.domain.moves import Moves


class Business(StrEnum):
    """National dossier states 1–10 as exchanged by the one-stop systems (trạng thái nghiệp vụ)."""

    NEW = "1"  # Mới đăng ký
    RECEIVED = "2"  # Được tiếp nhận
    REFUSED = "3"  # Không được tiếp nhận
    PROCESSING = "4"  # Đang xử lý
    SUPPLEMENT = "5"  # Yêu cầu bổ sung giấy tờ
    PAYMENT = "6"  # Yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = "7"  # Công dân yêu cầu rút hồ sơ
    STOPPED = "8"  # Dừng xử lý
    SOLVED = "9"  # Đã xử lý xong
    RETURNED = "10"  # Đã trả kết quả


class Digitisation(StrEnum):
    """How far the papers are (trạng thái số hóa); TT 01/2023/TT-VPCP Điều 7 names the steps."""

    OPEN = "open"  # mới lập, chưa quét
    CAPTURING = "capturing"  # đang sao chụp
    CAPTURED = "captured"  # sao chụp xong
    READ = "read"  # đã nhận dạng, tách thành phần
    BUILT = "built"  # đã lập PDF/A và cấp mã
    SIGNED = "signed"  # đã ký
    SEALED = "sealed"  # đã niêm phong gói


class Synchronisation(StrEnum):
    """Where the sealed package is (trạng thái đồng bộ)."""

    NONE = "none"  # chưa xếp hàng
    QUEUED = "queued"  # chờ gửi
    SENDING = "sending"  # đang gửi
    DELIVERED = "delivered"  # đã có biên nhận
    STUCK = "stuck"  # cần người xem
    REJECTED = "rejected"  # bị trả lại, chờ sửa


class Archiving(StrEnum):
    """Hand-over to the archive (trạng thái lưu trữ); due one year after the work ended."""

    NOT_DUE = "not-due"
    DUE = "due"
    HANDED_OVER = "handed-over"


BUSINESS_MOVES = Moves(
    {
        Business.NEW: frozenset({Business.RECEIVED, Business.REFUSED, Business.WITHDRAWN}),
        Business.RECEIVED: frozenset(
            {
                Business.PROCESSING,
                Business.SUPPLEMENT,
                Business.PAYMENT,
                Business.WITHDRAWN,
                Business.STOPPED,
                Business.SOLVED,
            }
        ),
        Business.REFUSED: frozenset(),
        Business.PROCESSING: frozenset(
            {Business.SUPPLEMENT, Business.PAYMENT, Business.WITHDRAWN, Business.STOPPED, Business.SOLVED}
        ),
        Business.SUPPLEMENT: frozenset({Business.PROCESSING, Business.WITHDRAWN, Business.STOPPED}),
        Business.PAYMENT: frozenset({Business.PROCESSING, Business.WITHDRAWN, Business.STOPPED}),
        Business.WITHDRAWN: frozenset(),
        Business.STOPPED: frozenset({Business.PROCESSING}),
        Business.SOLVED: frozenset({Business.RETURNED}),
        Business.RETURNED: frozenset(),
    }
)

# A page added after the papers were read or built takes the dossier back to capturing; nothing
# leads back from a signature: a correction after signing is a new version of the component, and only a
# rejection by the province opens a sealed dossier for that.
DIGITISATION_MOVES = Moves(
    {
        Digitisation.OPEN: frozenset({Digitisation.CAPTURING}),
        Digitisation.CAPTURING: frozenset({Digitisation.CAPTURED}),
        Digitisation.CAPTURED: frozenset({Digitisation.CAPTURING, Digitisation.READ}),
        Digitisation.READ: frozenset({Digitisation.CAPTURING, Digitisation.BUILT}),
        Digitisation.BUILT: frozenset({Digitisation.CAPTURING, Digitisation.SIGNED}),
        Digitisation.SIGNED: frozenset({Digitisation.SEALED}),
        Digitisation.SEALED: frozenset({Digitisation.CAPTURING}),
    }
)

SYNCHRONISATION_MOVES = Moves(
    {
        Synchronisation.NONE: frozenset({Synchronisation.QUEUED}),
        Synchronisation.QUEUED: frozenset({Synchronisation.SENDING}),
        Synchronisation.SENDING: frozenset(
            {Synchronisation.QUEUED, Synchronisation.DELIVERED, Synchronisation.STUCK}
        ),
        Synchronisation.DELIVERED: frozenset({Synchronisation.REJECTED}),
        Synchronisation.STUCK: frozenset({Synchronisation.QUEUED}),
        Synchronisation.REJECTED: frozenset({Synchronisation.NONE}),
    }
)

ARCHIVING_MOVES = Moves(
    {
        Archiving.NOT_DUE: frozenset({Archiving.DUE}),
        Archiving.DUE: frozenset({Archiving.HANDED_OVER}),
        Archiving.HANDED_OVER: frozenset(),
    }
)
