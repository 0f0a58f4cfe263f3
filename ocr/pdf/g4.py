"""Black and white without loss: ITU-T Recommendation T.6, "Group 4" (nén nhị phân không mất mát)."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STRIP_OFFSETS, _STRIP_BYTES = 273, 279


def encode_g4(ink: "NDArray[np.uint8]") -> bytes:
    """`ink` (uint8, height × width, 0 is paper, anything else ink) as T.6 data in which ink is black."""
    import cv2
    from PIL import Image

    black = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY)[1]
    written = io.BytesIO()
    # In one strip: T.6 data can't be joined. libtiff codes the ones as black, whatever they mean.
    Image.fromarray(black).convert("1", dither=Image.Dither.NONE).save(
        written, "TIFF", compression="group4", strip_size=1 << 31
    )
    whole = written.getvalue()
    with Image.open(io.BytesIO(whole)) as opened:
        tags = opened.tag_v2  # type: ignore[attr-defined]
        (start,), (size,) = tags[_STRIP_OFFSETS], tags[_STRIP_BYTES]
    return whole[start : start + size]
