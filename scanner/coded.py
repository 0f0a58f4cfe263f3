"""A page that arrived as a JPEG and is kept as one: its pixels only cost those who look (trang đã nén)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner import jpeg
from scanner.contract import PageImage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class CodedPage(PageImage):
    """A page of a whole JPEG, (H, W, 3) or (H, W) as `shape` says; decoded once its pixels are asked for.

    Who hands one out has made sure that the JPEG decodes to the end.
    """

    def __init__(
        self,
        encoded: bytes,
        shape: tuple[int, ...],
        dpi: int,
        sheet: int,
        side: int,
        *,
        thumbnail: bytes | None = None,
    ) -> None:
        told = {"encoded": encoded, "_shape": shape, "dpi": dpi, "sheet": sheet, "side": side}
        for name, value in {**told, "thumbnail": thumbnail}.items():
            object.__setattr__(self, name, value)

    @property
    def shape(self) -> tuple[int, ...]:
        """That of `pixels`, told without decoding anything."""
        shape: tuple[int, ...] = self.__dict__["_shape"]
        return shape

    def numbered(self, sheet: int, side: int) -> CodedPage:
        """The same image as another side of another sheet."""
        encoded, small = self.__dict__["encoded"], self.thumbnail
        return CodedPage(encoded, self.shape, self.dpi, sheet, side, thumbnail=small)

    def __getattr__(self, name: str) -> npt.NDArray[np.uint8]:
        """Decodes on the first look at `pixels`; there is nothing else that a page could lack."""
        if name != "pixels":
            raise AttributeError(name)
        pixels = jpeg.decoded(self.__dict__["encoded"])
        object.__setattr__(self, "pixels", pixels)
        return pixels
