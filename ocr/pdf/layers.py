"""What is painted on a page (các lớp ảnh của trang): pictures and inks in the order of painting.

Places are px of the page's visible image; the writer turns them into points.
"""

import json
import struct
from dataclasses import asdict, dataclass
from enum import StrEnum

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255 each, sRGB."""


Place = tuple[float, float, float, float]
"""x0, y0, x1, y1 in px of the visible image, the right and lower edges exclusive."""


class Coding(StrEnum):
    """How the bytes of a layer are coded."""

    JPEG = "jpeg"
    """ISO/IEC 10918-1, 8 bits, one or three components."""
    G4 = "g4"
    """ITU-T T.6, one bit a px, 1 is ink."""
    FLATE = "flate"
    """RFC 1950 over PNG rows (RFC 2083, filter byte first), 8 bits a sample."""


@dataclass(frozen=True)
class Picture:
    """An image in its own colours: `width` × `height` px, 1 or 3 `components`, shown in `box`."""

    data: bytes
    coding: Coding
    width: int
    height: int
    components: int
    box: Place


@dataclass(frozen=True)
class Ink:
    """A G4 mask of `width` × `height` px through which `colour` is painted in `box` (lớp mực)."""

    data: bytes
    width: int
    height: int
    colour: Colour
    box: Place


Layer = Picture | Ink


@dataclass(frozen=True)
class Painting:
    """All that is seen of a page, `width_px` × `height_px` at `dpi`, bottom layer first."""

    width_px: int
    height_px: int
    dpi: int
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """The size of the coded layers in bytes."""
        return sum(len(layer.data) for layer in self.layers)

    def pack(self) -> bytes:
        """The painting as bytes that `unpack` turns back into an equal one."""
        parts = [{**asdict(layer), "data": len(layer.data)} for layer in self.layers]
        head = json.dumps({"size": [self.width_px, self.height_px, self.dpi], "layers": parts}).encode()
        return struct.pack(">I", len(head)) + head + b"".join(layer.data for layer in self.layers)

    @classmethod
    def unpack(cls, packed: bytes) -> "Painting":
        """The painting that `pack` wrote. Raises ValueError for anything else."""
        try:
            (length,) = struct.unpack_from(">I", packed)
            head = json.loads(packed[4 : 4 + length])
            at = 4 + length
            layers: list[Layer] = []
            for part in head["layers"]:
                size = part["data"]
                if len(packed) < at + size:
                    raise ValueError("cut off")
                layers.append(_layer({**part, "data": packed[at : at + size]}))
                at += size
            width, height, dpi = head["size"]
        except (struct.error, KeyError, TypeError) as error:
            raise ValueError("not a packed painting") from error
        return cls(width, height, dpi, tuple(layers))


def _layer(part: dict[str, object]) -> Layer:
    part["box"] = tuple(part["box"])  # type: ignore[arg-type]
    if "colour" in part:
        part["colour"] = tuple(part["colour"])  # type: ignore[arg-type]
        return Ink(**part)  # type: ignore[arg-type]
    part["coding"] = Coding(part["coding"])  # type: ignore[arg-type]
    return Picture(**part)  # type: ignore[arg-type]
