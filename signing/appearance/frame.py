"""The page as it is seen: mm from its top left corner, whatever its /Rotate and boxes (khung trang)."""

from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Box:
    """A rectangle on the page as seen: mm from the left and from the top, width and height in mm."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge, from the page's top."""
        return self.top + self.height

    def grown(self, by: float) -> "Box":
        """The same with `by` mm more on every side."""
        return Box(self.left - by, self.top - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True)
class Frame:
    """The visible box of a page in user space (pt) and its /Rotate (0, 90, 180, 270, clockwise)."""

    left: float
    bottom: float
    right: float
    top: float
    rotate: int

    @property
    def width_mm(self) -> float:
        """Width as seen."""
        return (self._height if self.rotate % 180 else self._width) / POINTS_PER_MM

    @property
    def height_mm(self) -> float:
        """Height as seen."""
        return (self._width if self.rotate % 180 else self._height) / POINTS_PER_MM

    @property
    def _width(self) -> float:
        return self.right - self.left

    @property
    def _height(self) -> float:
        return self.top - self.bottom

    def box_of(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Where a rectangle of user space (pt) is seen."""
        spots = [self._seen(x, y) for x in (left, right) for y in (bottom, top)]
        across, down = [spot[0] for spot in spots], [spot[1] for spot in spots]
        return Box(
            min(across) / POINTS_PER_MM,
            min(down) / POINTS_PER_MM,
            (max(across) - min(across)) / POINTS_PER_MM,
            (max(down) - min(down)) / POINTS_PER_MM,
        )

    def rectangle_of(self, box: Box) -> tuple[float, float, float, float]:
        """The user space rectangle (pt: left, bottom, right, top) of a box as seen."""
        spots = [self._user(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        across, up = [spot[0] for spot in spots], [spot[1] for spot in spots]
        return min(across), min(up), max(across), max(up)

    def matrix_of(self, box: Box) -> tuple[float, float, float, float, float, float]:
        """The matrix that sets content, drawn upright in pt from its lower left corner, into `box`."""
        x, y = self._user(box.left, box.bottom)
        a, b = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}[self.rotate]
        return a, b, -b, a, x, y

    def _seen(self, x: float, y: float) -> tuple[float, float]:
        """Points right and down from the seen top left corner."""
        return {
            0: (x - self.left, self.top - y),
            90: (y - self.bottom, x - self.left),
            180: (self.right - x, y - self.bottom),
            270: (self.top - y, self.right - x),
        }[self.rotate]

    def _user(self, across_mm: float, down_mm: float) -> tuple[float, float]:
        across, down = across_mm * POINTS_PER_MM, down_mm * POINTS_PER_MM
        return {
            0: (self.left + across, self.top - down),
            90: (self.left + down, self.bottom + across),
            180: (self.right - across, self.bottom + down),
            270: (self.right - down, self.top - across),
        }[self.rotate]
