"""SANE's test pictures, pixel for pixel, through every odd way of reading: the right image, or a refusal."""

import numpy as np
import pytest

from scanner import ColorMode, ScanError, ScanFault, ScanRequest, Source

DPI = 200
AREA = {"source": Source.FLATBED, "dpi": DPI, "width_mm": 60, "height_mm": 30}
COLOR, GREY, BITONAL = ColorMode.COLOR, ColorMode.GREY, ColorMode.BITONAL


def pattern(height, width, mode):
    """The colour pattern: bands of five rows, rising or falling, of red, green, blue; a grid of 85."""
    y, x = np.mgrid[:height, :width]
    ramp = (x // 5) & 255
    value = np.where((y // 5) % 2 == 0, ramp, 255 - ramp).astype(np.uint8)
    on_grid = (y % 5 == 0) | (x % 5 == 0)
    if mode is GREY:
        return np.where(on_grid, np.uint8(85), value)
    bands = np.zeros((height, width, 3), np.uint8)
    for channel in range(3):
        bands[:, :, channel] = np.where((y // 10) % 3 == channel, value, 0)
    bands[on_grid] = 85
    return bands


def page_of(backend, picture, mode, *options):
    request = ScanRequest(mode=mode, options=(("test-picture", picture), *options), **AREA)
    (page,) = backend.scan("test:0", request)
    return page.pixels


def squares(pixels):
    """The grey levels in the middle of each square of 10 mm, from the left and from the top."""
    side = DPI / 25.4 * 10
    grey = pixels if pixels.ndim == 2 else pixels[:, :, 1]
    rows, columns = (round(length // side) for length in grey.shape)
    return [
        [int(grey[int((j + 0.5) * side), int((i + 0.5) * side)]) for i in range(columns)] for j in range(rows)
    ]


ODD_WAYS = {
    "plain": (),
    "few bytes at a time": (("read-limit", True), ("read-limit-size", 61)),
    "rows torn apart": (("read-limit", True), ("read-limit-size", 4097)),
    "slowly": (("read-delay", True), ("read-delay-duration", 1000)),
    "without waiting": (("non-blocking", True),),
    "by file descriptor": (("select-fd", True),),
    "guessing its size first": (("fuzzy-parameters", True),),
}


@pytest.mark.parametrize("mode", [COLOR, GREY])
@pytest.mark.parametrize("way", ODD_WAYS)
def test_the_pattern_arrives_exactly(bench, way, mode):
    pixels = page_of(bench(), "Color pattern", mode, *ODD_WAYS[way])
    assert pixels.shape[:2] == (236, 472)
    assert np.array_equal(pixels, pattern(236, 472, mode))


@pytest.mark.parametrize("mode", [COLOR, GREY])
def test_a_hand_scanner_gives_its_own_length_and_the_right_image(bench, mode):
    """It announces a height of -1 and is 110 mm wide, whatever is asked."""
    pixels = page_of(bench(), "Color pattern", mode, ("hand-scanner", True))
    height, width = pixels.shape[:2]
    assert width == 866
    assert height >= 236
    assert np.array_equal(pixels, pattern(height, width, mode))


@pytest.mark.parametrize("mode", [COLOR, GREY, BITONAL])
@pytest.mark.parametrize("way", [(), (("hand-scanner", True),), (("fuzzy-parameters", True),)])
def test_the_grid_is_white_in_its_corner(bench, mode, way):
    found = squares(page_of(bench(), "Grid", mode, *way))
    assert found == [[255 * ((i + j) % 2 == 0) for i in range(len(found[0]))] for j in range(len(found))]
    assert len(found) >= 2


@pytest.mark.parametrize("mode", [COLOR, GREY, BITONAL])
@pytest.mark.parametrize(("picture", "level"), [("Solid black", 0), ("Solid white", 255)])
def test_black_is_black_and_white_is_white(bench, mode, picture, level):
    assert set(np.unique(page_of(bench(), picture, mode))) == {level}


@pytest.mark.parametrize(
    ("mode", "options", "field"),
    [
        (COLOR, [("ppl-loss", 3)], "bytes_per_line"),
        (GREY, [("ppl-loss", 3)], "bytes_per_line"),
        (COLOR, [("three-pass", True)], "frame"),
        (COLOR, [("three-pass", True), ("three-pass-order", "BGR")], "frame"),
        (COLOR, [("three-pass", True), ("hand-scanner", True)], "frame"),
        (COLOR, [("depth", 16)], "frame"),
        (GREY, [("depth", 16)], "frame"),
        (GREY, [("depth", 16), ("invert-endianess", True)], "frame"),
        (GREY, [("depth", 1)], "mode"),
    ],
)
def test_what_would_be_read_wrongly_is_refused(bench, mode, options, field):
    with pytest.raises(ScanError) as error:
        page_of(bench(), "Color pattern", mode, *options)
    assert (error.value.fault, error.value.facts["field"]) == (ScanFault.UNSUPPORTED, field)


STATUSES = {
    "eof": ScanFault.TRUNCATED,
    "jammed": ScanFault.JAMMED,
    "nodocs": ScanFault.NO_DOCUMENTS,
    "coveropen": ScanFault.COVER_OPEN,
    "ioerror": ScanFault.IO,
    "nomem": ScanFault.OUT_OF_MEMORY,
    "accessdenied": ScanFault.ACCESS_DENIED,
}


@pytest.mark.parametrize(("status", "fault"), STATUSES.items())
def test_a_status_after_some_rows_is_the_fault_and_no_page(served, slips, status, fault):
    scanner = served(slips[0])
    request = ScanRequest(options=((f"status-{status}", True),), **AREA)
    with pytest.raises(ScanError) as error:
        list(scanner.scan("pnm:0", request))
    assert error.value.fault is fault
    assert len(list(scanner.scan("pnm:0", ScanRequest(**AREA)))) == 1
