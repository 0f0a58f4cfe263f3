"""Print told from everything else, as sharp masks in the colours of their inks (tách lớp mực)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.pdf.compact.paper import divided
from ocr.pdf.g4 import encode_g4
from ocr.pdf.layers import Ink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MASK_DPI = 300
_SMOOTHING_PX = 0.6
"""Grain goes at the edges of letters; more would take the gaps of hooks and tones along with it."""
_DARK, _FAINT = 160, 205
_FAINTEST = 190
_COLOURED = 56
_BLACK = 96
_SPECK_PX, _FAINT_SPECK_PX = 10, 24
_NEIGHBOUR_PX = 13
_SHADES = (75, 125)
_HUE_CHROMA = 50
_FEWEST_SHARE = 0.002


@dataclass(frozen=True)
class Print:
    """`mask`: uint8, 0 or 1, where ink lies, at its own resolution; `inks`: the same, coded, by colour."""

    mask: "NDArray[np.uint8]"
    inks: tuple[Ink, ...]


def separate_print(
    pixels: "NDArray[np.uint8]",
    ground: "NDArray[np.uint8]",
    dpi: int,
    elsewhere: "NDArray[np.uint8]",
    *,
    colours: bool,
) -> Print:
    """The print on `pixels` (grey or R, G, B) over paper of brightness `ground`.

    `elsewhere` (uint8, any size) is where pictures are: nothing there is print but what is black beyond
    doubt, except inside photographs (255), where nothing is. With `colours`, coloured ink is print, too.
    Specks far from any letter are left to the background; dots near one are its marks.
    """
    import cv2
    import numpy as np

    even = _evened(pixels, ground, dpi, colours=colours)
    height, width = even.shape
    scale = max(width / pixels.shape[1], 0.01) * dpi / _MASK_DPI
    sigma = _SMOOTHING_PX * scale
    smooth = np.asarray(cv2.GaussianBlur(even, (0, 0), sigma) if sigma > 0.3 else even, np.uint8)
    dark = (smooth < _DARK).astype(np.uint8)
    faint = (smooth < _FAINT).astype(np.uint8)
    places = cv2.resize(elsewhere, (width, height), interpolation=cv2.INTER_NEAREST)
    dark[(places > 0) & ((smooth >= _BLACK) | (places == 255))] = 0
    faint[places > 0] = 0
    mask = _without_specks(dark, faint, smooth, scale)
    return Print(mask, _inks(mask, smooth, pixels))


def _evened(
    pixels: "NDArray[np.uint8]", ground: "NDArray[np.uint8]", dpi: int, *, colours: bool
) -> "NDArray[np.uint8]":
    """How dark every point is against its paper, 255 is paper, at no less than mask resolution.

    The brightest channel tells black ink from coloured; with `colours` the darkest tells ink from paper.
    """
    import cv2
    import numpy as np

    if pixels.ndim == 2:
        grey, light = pixels, ground
    else:
        pick = cv2.min if colours else cv2.max
        parts = [cv2.extractChannel(pixels, index) for index in range(3)]
        grey = np.asarray(pick(pick(parts[0], parts[1]), parts[2]), np.uint8)
        light = ground.min(axis=2) if colours else ground.max(axis=2)
    even = divided(grey, light)
    if dpi < _MASK_DPI - 40:
        factor = _MASK_DPI / dpi
        size = round(even.shape[1] * factor), round(even.shape[0] * factor)
        even = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return even


def _without_specks(
    dark: "NDArray[np.uint8]", faint: "NDArray[np.uint8]", smooth: "NDArray[np.uint8]", scale: float
) -> "NDArray[np.uint8]":
    """`dark`, and of `faint` what is whole strokes of a paler ink, both without lone specks."""
    import cv2
    import numpy as np

    area = scale * scale
    count, labels, stats, _ = cv2.connectedComponentsWithStats(faint | dark, connectivity=8)
    inside = dark > 0
    dark_px = np.bincount(labels[inside], minlength=count)
    sizes = stats[:, cv2.CC_STAT_AREA]
    strong = dark_px >= 1
    strong[0] = False
    crisp = np.full(count, 255, np.uint8)
    pale = (faint > 0) & ~strong[labels]
    np.minimum.at(crisp, labels[pale], smooth[pale])
    paler = ~strong & (sizes >= _FAINT_SPECK_PX * area) & (crisp < _FAINTEST)
    paler[0] = False
    mask = np.where(paler[labels], np.uint8(1), dark)
    small = strong & (dark_px < _SPECK_PX * area)
    if small.any():
        reach = max(3, round(_NEIGHBOUR_PX * scale)) | 1
        large = (mask > 0) & ~small[labels]
        near = cv2.dilate(large.astype(np.uint8), np.ones((reach, reach), np.uint8))
        mask[small[labels] & (near == 0)] = 0
    return np.asarray(mask, np.uint8)


def _inks(
    mask: "NDArray[np.uint8]", smooth: "NDArray[np.uint8]", pixels: "NDArray[np.uint8]"
) -> tuple[Ink, ...]:
    """The mask by ink: every connected stroke in one, its colour the mean of its core."""
    import cv2
    import numpy as np

    count, labels = cv2.connectedComponents(mask, connectivity=8)
    if count == 1:
        return ()
    height, width = mask.shape
    across, down = pixels.shape[1] / width, pixels.shape[0] / height
    places = np.flatnonzero(mask)
    own = labels.ravel()[places]
    rows, columns = np.divmod(places, width)
    sampled = pixels[
        np.minimum((rows * down).astype(np.intp), pixels.shape[0] - 1),
        np.minimum((columns * across).astype(np.intp), pixels.shape[1] - 1),
    ].reshape(len(places), -1)
    weight = (256.0 - smooth.ravel()[places]) ** 2
    total = np.bincount(own, weight, count)
    means = (
        np.stack(
            [np.bincount(own, weight * sampled[:, index], count) for index in range(sampled.shape[1])], axis=1
        )
        / np.maximum(total, 1)[:, None]
    )
    if means.shape[1] == 1:
        means = np.repeat(means, 3, axis=1)
    amount = np.bincount(own, minlength=count)
    groups = _groups(means, amount)
    inks = []
    for group in np.unique(groups[1:]):
        members = groups == group
        members[0] = False
        share = amount * members
        colour = (means * share[:, None]).sum(axis=0) / share.sum()
        layer = np.zeros(width * height, np.uint8)
        layer[places[members[own]]] = 1
        inks.append(_ink(layer.reshape(height, width), colour, across, down))
    return tuple(inks)


def _groups(means: "NDArray[np.float64]", amount: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """A number for every stroke: its shade of grey, or its hue. A rare one joins the commonest."""
    import numpy as np

    shade = np.digitize(means.mean(axis=1), _SHADES)
    chroma = means.max(axis=1) - means.min(axis=1)
    hue = 10 * (1 + means.argmax(axis=1)) + (means.mean(axis=1) > _SHADES[1])
    groups = np.where(chroma > _HUE_CHROMA, hue, shade)
    counts = np.bincount(groups[1:], amount[1:], 40)
    rare = counts < _FEWEST_SHARE * counts.sum()
    return np.asarray(np.where(rare[groups], counts.argmax(), groups))


def _ink(layer: "NDArray[np.uint8]", colour: "NDArray[np.float64]", across: float, down: float) -> Ink:
    import cv2

    left, top, wide, high = cv2.boundingRect(layer)
    data = encode_g4(layer[top : top + high, left : left + wide])
    red, green, blue = (round(float(part)) for part in colour)
    box = left * across, top * down, (left + wide) * across, (top + high) * down
    return Ink(data, wide, high, (red, green, blue), box)
