"""Paper for the eye (nền giấy): shadows and the yellow of age go, colours of ink and paper stay."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COARSE = 8
_VERY_COARSE = 4
_PICTURE_MM = 60.0
_MM_PER_INCH = 25.4
_COLOURED_PAPER = 26
_DARKEST_SHARE = 0.55
_CALM = 14
_UNLIFTED = 40
WHITE = 255


@dataclass(frozen=True)
class Paper:
    """`ground` is the paper's brightness at 1/8 of the size, uint8, one or three channels; `tint` the colour
    in which it is to be shown, white unless the paper is coloured."""

    ground: "NDArray[np.uint8]"
    tint: tuple[int, ...]


def find_paper(pixels: "NDArray[np.uint8]", dpi: int) -> Paper:
    """The paper under what is written, printed and glued on `pixels` (grey or R, G, B).

    Strokes go by a dilation, photographs and seals by a closing as wide as the largest of them; what is left
    follows the light alone.
    """
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    size = (max(1, width // _COARSE), max(1, height // _COARSE))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    light = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 5)
    tiny_size = (max(1, size[0] // _VERY_COARSE), max(1, size[1] // _VERY_COARSE))
    tiny = cv2.resize(light, tiny_size, interpolation=cv2.INTER_AREA)
    across = max(3, round(_PICTURE_MM / _MM_PER_INCH * dpi / _COARSE / _VERY_COARSE)) | 1
    closed = cv2.morphologyEx(
        tiny, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    )
    # Wider than that it is a picture that fills the page; no lamp leaves so little light.
    least = _DARKEST_SHARE * np.percentile(closed.reshape(-1, *closed.shape[2:]), 95, axis=0)
    smooth = cv2.GaussianBlur(np.maximum(closed, least).astype(np.uint8), (0, 0), 1.5)
    floor = cv2.resize(smooth, size, interpolation=cv2.INTER_LINEAR)
    # Within a twelfth of the light around it a place is paper in its own shade; darker, something lies on it.
    shade = cv2.addWeighted(floor, 0.92, floor, 0, 0)
    ground = np.where(light >= shade, light, floor)
    ground = np.maximum(cv2.GaussianBlur(ground, (0, 0), 2.0), 1)
    if ground.ndim == 2:
        return Paper(np.asarray(ground, np.uint8), (WHITE,))
    usual = np.median(ground.reshape(-1, 3), axis=0)
    coloured = float(usual.max() - usual.min()) > _COLOURED_PAPER
    tint = usual * (WHITE / usual.max()) if coloured else np.full(3, float(WHITE))
    return Paper(np.asarray(ground, np.uint8), tuple(int(value) for value in tint.round()))


def divided(channel: "NDArray[np.uint8]", ground: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """One or more channels, brought to 255 where they are as bright as `ground`."""
    import cv2
    import numpy as np

    height, width = channel.shape[:2]
    wide = cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(channel, wide, scale=WHITE), np.uint8)


def calmed(pixels: "NDArray[np.uint8]", tint: tuple[int, ...]) -> "NDArray[np.uint8]":
    """Whitened `pixels` without the grain of the paper, in the paper's `tint`: what is barely darker than
    white becomes white, ink keeps its colour."""
    import cv2
    import numpy as np

    depth = WHITE - np.arange(256, dtype=np.float32)
    # What is a little deeper than grain is lifted a little; from `_UNLIFTED` levels on nothing is.
    kept = np.where(
        depth < _UNLIFTED, np.clip((depth - _CALM) * _UNLIFTED / (_UNLIFTED - _CALM), 0, None), depth
    )
    curves = [np.clip((WHITE - kept) * part / WHITE, 0, WHITE).round().astype(np.uint8) for part in tint]
    if pixels.ndim == 2:
        return np.asarray(cv2.LUT(pixels, curves[0]), np.uint8)
    return np.asarray(cv2.LUT(pixels, np.stack(curves, axis=-1)[None]), np.uint8)
