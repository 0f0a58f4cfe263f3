"""One feed's way into the spool: each page kept in its place before the next is asked for (lượt nạp)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from scanner.contract import Backend, PageImage, Rescue, ScanRequest, never
from scanner.journal import SpooledPage
from scanner.spool import Spool


@dataclass(frozen=True)
class Spot:
    """Where new pages go: at the end, in the place of the page `replaces`, or behind the page `after`.

    Both are page numbers of the spool; `after` 0 stands for the very beginning.
    """

    replaces: int | None = None
    after: int | None = None


AT_THE_END = Spot()


class Feed:
    """Pages of one scan, kept in a spool from `spot` on: the first may replace one, the rest come behind."""

    def __init__(self, spool: Spool, device: str, profile: str = "", spot: Spot = AT_THE_END) -> None:
        self._spool = spool
        self._device = device
        self._profile = profile
        self._spot = spot

    def keep(self, image: PageImage) -> SpooledPage:
        """Puts the next page on the disk. Raises ScanError as `Spool.keep` does."""
        spot = self._spot
        kept = self._spool.keep(
            image, self._device, profile=self._profile, replaces=spot.replaces, after=spot.after
        )
        if spot != AT_THE_END:
            self._spot = Spot(after=kept.number)
        return kept


def scan_into(
    spool: Spool,
    backend: Backend,
    device_id: str,
    request: ScanRequest,
    stopped: Callable[[], bool] = never,
    *,
    profile: str = "",
    spot: Spot = AT_THE_END,
) -> Iterator[SpooledPage]:
    """Scans into a spool; every page is on the disk when it is yielded. Raises ScanError.

    Where a driver runs in a process of its own, pages that this program could not take any more, because it
    was killed, are kept all the same: opening the spool again waits for that.
    """
    rescue = Rescue(
        folder=str(spool.folder.resolve()),
        known=len(spool.history()),
        device=device_id,
        profile=profile,
        replaces=spot.replaces,
        after=spot.after,
    )
    asked = replace(request, rescue=rescue, jpeg_quality=spool.quality)
    feed = Feed(spool, device_id, profile, spot)
    for image in backend.scan(device_id, asked, stopped):
        yield feed.keep(image)
