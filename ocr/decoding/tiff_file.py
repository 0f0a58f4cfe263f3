"""The pages of a TIFF file (tệp TIFF nhiều trang), one after the other."""

from pathlib import Path

from ocr.decoding.wishes import DecodedPage
from ocr.errors import OcrError, OcrFault
from ocr.image import credible_dpi, encode_bmp, frame_pixels, load_bytes, open_header, refuse_bomb

_MOST_FRAMES = 10_000


class TiffFile:
    """A TIFF with `count` pages. Raises OcrError as `ocr.image.open_header` does."""

    def __init__(self, path: Path) -> None:
        self._data = load_bytes(path)
        self.count = self._frames()
        self.signatures = 0

    def page(self, index: int) -> DecodedPage:
        """Page `index` from 0 as BMP. Raises OcrError."""
        # A stored page opened afresh: one broken directory doesn't spoil the pages after it.
        frame = open_header(self._data)
        try:
            frame.seek(index)
        except Exception as error:
            raise OcrError(OcrFault.DAMAGED_IMAGE) from error
        refuse_bomb(*frame.size)
        return DecodedPage(encode_bmp(frame_pixels(frame)), credible_dpi(frame))

    def close(self) -> None:
        """Lets go of the file."""
        self._data = b""

    def _frames(self) -> int:
        opened = open_header(self._data)
        try:
            return max(1, min(int(getattr(opened, "n_frames", 1)), _MOST_FRAMES))
        except Exception:
            # A chain of directories that ends in nonsense: the first page is still there.
            return 1
