"""Which pages are the two sides of one leaf (hai mặt của một tờ), where scans were made of both sides."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ocr.sources import Source, SourceImage


@dataclass(frozen=True)
class Side:
    """A page, and the image of the other side of its leaf; `reverse` is None where that isn't known."""

    source: Source
    reverse: SourceImage | None = None

    @property
    def reverse_name(self) -> str:
        """Names the image of the other side; empty for none."""
        return f"{self.reverse.file_sha256}:{self.reverse.page}" if self.reverse else ""


def one_by_one(sources: Iterable[Source]) -> Iterator[Side]:
    """Every page by itself."""
    return (Side(source) for source in sources)


def in_pairs(sources: Iterable[Source], many: Collection[str]) -> Iterator[Side]:
    """Pages that lie as they were scanned: front, back, front, back. One page is looked ahead, no more.

    `many` names the files of several pages: each begins with a front, and pairs end where it ends.
    """
    front: Source | None = None
    for source in sources:
        if front is None:
            front = source
        elif _is_back_of(front, source, many):
            yield Side(front, _image(source))
            yield Side(source, _image(front))
            front = None
        else:
            yield Side(front)
            front = source
    if front is not None:
        yield Side(front)


def _is_back_of(front: Source, source: Source, many: Collection[str]) -> bool:
    if front.origin in many or source.origin in many:
        return front.origin == source.origin and source.page == front.page + 1
    return True


def _image(source: Source) -> SourceImage | None:
    return source if isinstance(source, SourceImage) and source.data else None
