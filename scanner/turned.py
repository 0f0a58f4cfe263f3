"""The backs of a stack that was turned over by hand, laid behind their fronts (mặt sau quét sau khi lật tay).

They are scanned into a spool of their own first, so that none is lost while nobody knows yet whether the
stack was turned as it should be; they are laid behind their fronts once that is settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scanner import jpeg
from scanner.captured import Finding
from scanner.coded import CodedPage
from scanner.errors import ScanError, ScanFault
from scanner.manual_duplex import Flip, Look, Stack, check, interleave, look

if TYPE_CHECKING:
    from scanner.journal import SpooledPage
    from scanner.spool import Spool


def look_at_backs(
    fronts: Sequence[SpooledPage],
    backs: Sequence[SpooledPage],
    flip: Flip = "long-edge",
    stack: Stack = "reversed",
) -> tuple[Finding, ...]:
    """What looks wrong about the backs, all given in the order of feeding; some 70 ms a page.

    Raises ScanError `scan.disk-failed`, `scan.unreadable-paper`.
    """
    return check([_look(page) for page in fronts], [_look(page) for page in backs], flip, stack)


def lay_backs(
    spool: Spool,
    fronts: Sequence[SpooledPage],
    backs: Sequence[SpooledPage],
    stack: Stack = "reversed",
) -> Iterator[SpooledPage]:
    """Puts each back behind its front in `spool`, as side 2 of that sheet, with the bytes that it has.

    May be done again after it was cut off: what is laid already is left. Raises ScanError
    `scan.sides-unequal`, and as `Spool.keep` does.
    """
    laid = {(page.after, page.sha256) for page in spool.history()}
    placed = interleave(list(fronts), list(backs), stack=stack)
    for front, back in zip(placed[::2], placed[1::2], strict=True):
        page, number = back.image, front.image.number
        if (number, page.sha256) in laid:
            continue
        data = _read(page)
        header = jpeg.header_of(data)
        if header is None:
            raise ScanError(ScanFault.UNREADABLE_PAPER)
        shape = (header.height_px, header.width_px, *((3,) if header.components == 3 else ()))
        image = CodedPage(data, shape, page.dpi, front.image.sheet, 2)
        yield spool.keep(image, page.device, profile=page.profile, after=number)


def _look(page: SpooledPage) -> Look:
    try:
        return look(jpeg.decoded(_read(page)), page.dpi, page.number)
    except ValueError:
        raise ScanError(ScanFault.UNREADABLE_PAPER) from None


def _read(page: SpooledPage) -> bytes:
    try:
        return page.path.read_bytes()
    except OSError as error:
        raise ScanError(ScanFault.DISK_FAILED, errno=error.errno or 0) from error
