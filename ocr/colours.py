"""How far apart two colours look (độ lệch màu ΔE): CIEDE2000, after Sharma, Wu, Dalal (2005)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Colours = NDArray[np.floating[Any]]


def lab(pixels: "NDArray[np.uint8]") -> "Colours":
    """R, G, B, 0..255, as L*a*b*, height × width × 3."""
    import cv2
    import numpy as np

    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def colour_difference(one: "Colours", other: "Colours") -> "Colours":
    """ΔE00 of L*a*b* colours, value by value, with all weights 1."""
    import numpy as np

    l1, a1, b1 = (one[..., index].astype(np.float64) for index in range(3))
    l2, a2, b2 = (other[..., index].astype(np.float64) for index in range(3))
    grey = 0.5 * (1 - _root7((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    a1, a2 = a1 * (1 + grey), a2 * (1 + grey)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma, angle = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    spread = (
        1
        - 0.17 * np.cos(np.radians(angle - 30))
        + 0.24 * np.cos(np.radians(2 * angle))
        + 0.32 * np.cos(np.radians(3 * angle + 6))
        - 0.20 * np.cos(np.radians(4 * angle - 63))
    )
    in_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    in_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    in_hue = hue / (1 + 0.015 * chroma * spread)
    blue = -2 * _root7(chroma) * np.sin(np.radians(60 * np.exp(-(((angle - 275) / 25) ** 2))))
    return np.asarray(np.sqrt(in_light**2 + in_chroma**2 + in_hue**2 + blue * in_chroma * in_hue))


def _root7(chroma: "Colours") -> "Colours":
    import numpy as np

    return np.asarray(np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
