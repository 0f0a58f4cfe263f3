"""Scanning ahead of whoever keeps the pages: order, bounds, faults after good pages, the JPEG."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from scanner import ColorMode, Fault, PageImage, ScanError, ScanFault, ScanRequest, Source, Spool
from scanner.pipeline import PAGES_AHEAD, scan_ahead

COUNTER = "airscan:e0:Quầy một"
SLIP = ScanRequest(dpi=200, width_mm=100, height_mm=60)


class Stack:
    """A backend of numbered grey pages; counts how many were asked for and tells when it was closed."""

    def __init__(self, pages, fault=None):
        self.pages, self.fault = pages, fault
        self.asked = 0
        self.closed = threading.Event()

    def devices(self):
        return ()

    def scan(self, device_id, request, stopped=lambda: False):
        try:
            for number in range(1, self.pages + 1):
                if stopped():
                    raise ScanError(ScanFault.CANCELLED)
                self.asked = number
                pixels = np.full((40, 30), number, np.uint8)
                yield PageImage(pixels=pixels, dpi=200, sheet=number, side=1)
            if self.fault:
                raise ScanError(self.fault)
        finally:
            self.closed.set()


def sheets(pages):
    return [page.sheet for page in pages]


def test_order_is_kept(counter, virtual, slips):
    virtual.load(slips)
    plain = [page.pixels for page in counter.scan(COUNTER, SLIP)]
    virtual.load(slips)
    ahead = list(scan_ahead(counter, COUNTER, SLIP))
    assert sheets(ahead) == [1, 2, 3, 4, 5]
    assert all(np.array_equal(page.pixels, one) for page, one in zip(ahead, plain, strict=True))


def test_many_pages_keep_their_order():
    assert sheets(scan_ahead(Stack(200), "", SLIP)) == list(range(1, 201))


def test_good_pages_come_before_the_fault(counter, virtual):
    virtual.set_fault(Fault.parse("jam:3"))
    pages = []
    with pytest.raises(ScanError) as error:
        pages.extend(scan_ahead(counter, COUNTER, SLIP))
    assert (sheets(pages), error.value.fault) == ([1, 2], ScanFault.JAMMED)


def test_no_more_than_a_few_pages_wait():
    stack = Stack(50)
    pages = scan_ahead(stack, "", SLIP)
    for taken in range(1, 20):
        next(pages)
        # The one in the hands of the caller, those that wait, and the one that comes.
        assert stack.asked <= taken + PAGES_AHEAD + 1
    pages.close()


def test_leaving_stops_the_scanner_and_waits_for_it():
    stack = Stack(50)
    pages = scan_ahead(stack, "", SLIP)
    next(pages)
    pages.close()
    assert stack.closed.is_set()
    assert stack.asked <= 2 + PAGES_AHEAD


def test_a_stop_ends_the_stream_after_the_pages_that_had_come():
    stack, taken = Stack(50), []
    with pytest.raises(ScanError) as error:
        taken.extend(scan_ahead(stack, "", SLIP, lambda: stack.asked >= 5))
    assert error.value.fault is ScanFault.CANCELLED
    assert sheets(taken) == [1, 2, 3, 4, 5]


def test_a_bug_of_the_backend_is_not_hidden():
    class Broken(Stack):
        def scan(self, device_id, request, stopped=lambda: False):
            yield from super().scan(device_id, request, stopped)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(scan_ahead(Broken(3), "", SLIP))


@pytest.mark.parametrize("mode", [ColorMode.COLOR, ColorMode.GREY])
def test_the_jpeg_is_the_page_at_its_true_resolution(counter, mode):
    request = ScanRequest(source=Source.FLATBED, mode=mode, dpi=200, width_mm=100, height_mm=60)
    (page,) = scan_ahead(counter, COUNTER, request)
    with Image.open(io.BytesIO(page.encoded)) as image:
        assert image.info["dpi"] == (200, 200)
        assert image.mode == ("RGB" if mode is ColorMode.COLOR else "L")
        # 4:4:4 where there are colours: every component is sampled alike.
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}
        decoded = np.asarray(image)
    assert np.abs(decoded.astype(int) - page.pixels).mean() < 2


def test_the_spool_keeps_the_jpeg_that_went_along(counter, tmp_path):
    spool = Spool(tmp_path)
    pages = [(page.encoded, spool.keep(page, COUNTER)) for page in scan_ahead(counter, COUNTER, SLIP)]
    assert len(pages) == 3
    assert all(kept.path.read_bytes() == encoded for encoded, kept in pages)


def test_a_jpeg_that_the_device_gave_is_left_alone():
    class Giving(Stack):
        def scan(self, device_id, request, stopped=lambda: False):
            for page in super().scan(device_id, request, stopped):
                yield PageImage(page.pixels, page.dpi, page.sheet, page.side, encoded=b"its own")

    assert [page.encoded for page in scan_ahead(Giving(2), "", SLIP)] == [b"its own"] * 2
