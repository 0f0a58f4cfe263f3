"""From a source's page to a finished one (hoàn tất một trang): read it, or keep its words, and paint it."""

import hashlib
from collections.abc import Callable

from ocr.image import decode
from ocr.page import ReadPage, mean_confidence, text_of
from ocr.pdf.finished import CopiedPage, FinishedPage
from ocr.pdf.profiles import Profile, painted
from ocr.pipeline import parameters_stamp
from ocr.reader import Reader
from ocr.sources import SourceImage

EXISTING = "existing text layer"
"""The engine of words that nobody had to read."""


def finish(
    source: SourceImage,
    reader: Reader,
    profile: Profile,
    *,
    reverse: bytes | None = None,
    stopped: Callable[[], bool],
) -> FinishedPage:
    """The page as it goes into the PDF; `reverse` is the image of the other side of its leaf.

    Raises OcrError as `Reader.read` does.
    """
    if source.words is not None:
        return _kept(source, profile)
    seen = reader.see(source.data, dpi=source.dpi, reverse=reverse, stopped=stopped)
    unmoved = not seen.read.turned and not seen.read.skew_deg
    same_size = source.size_px in (None, (seen.read.width_px, seen.read.height_px))
    if source.copy is not None and unmoved and same_size and profile is not Profile.COMPACT:
        return FinishedPage(seen.read, CopiedPage(source.copy, has_text=False))
    painting = painted(seen.pixels, seen.read.dpi, profile, jpeg=seen.jpeg, most=_jpeg_bytes(source.data))
    return FinishedPage(seen.read, painting)


def _kept(source: SourceImage, profile: Profile) -> FinishedPage:
    """The page with the words it brought along."""
    words = source.words or ()
    picture = decode(source.data) if source.data else None
    size = picture.pixels.shape[1::-1] if picture else source.size_px or (1, 1)
    dpi = source.dpi or (picture and picture.dpi) or 300
    read = ReadPage(
        source_sha256=hashlib.sha256(source.data or source.copy or b"").hexdigest(),
        parameters_sha256=parameters_stamp(EXISTING, source.dpi),
        width_px=int(size[0]),
        height_px=int(size[1]),
        dpi=dpi,
        words=words,
        text=text_of(words),
        confidence=mean_confidence(words),
        turned=0,
        skew_deg=0.0,
        flags=(),
        barcodes=(),
        engine=EXISTING,
    )
    if picture is None:
        return FinishedPage(read, CopiedPage(source.copy or b"", has_text=True))
    most = _jpeg_bytes(source.data)
    return FinishedPage(read, painted(picture.pixels, dpi, profile, jpeg=picture.jpeg, most=most))


def _jpeg_bytes(data: bytes) -> int | None:
    return len(data) if data.startswith(b"\xff\xd8\xff") else None
