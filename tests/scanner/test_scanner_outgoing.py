"""Pages on their way out of the driver's process: coded there, in order, before the fault."""

import json
import os
import threading

import numpy as np
import pytest

from scanner import ColorMode, ScanError, ScanFault, ScanRequest, Source, Spool, jpeg, scan_into
from scanner.backends.sane import reading, waited, wire
from scanner.backends.sane.outgoing import Line, Outgoing
from scanner.backends.sane.session import Session
from scanner.coded import CodedPage
from scanner.contract import Rescue, never
from scanner.rescue import Held, Untaken

SHAPE = (24, 32, 3)
AREA = {"source": Source.FLATBED, "dpi": 200, "width_mm": 60, "height_mm": 30}


def held(level):
    return Held(np.full(SHAPE, level, np.uint8).tobytes(), SHAPE, 200, (level, 1))


class Program:
    """The other end of the pipe: reads frames until it ends."""

    def __init__(self):
        self._read, self.write = os.pipe()
        self.frames = []
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        with os.fdopen(self._read, "rb") as pipe:
            while header := pipe.read(wire.HEADER.size):
                kind, length = wire.HEADER.unpack(header)
                self.frames.append((kind, pipe.read(length)))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.write)
        self._thread.join()


def sent_through(quality, *levels, unwanted=never):
    with Program() as program:
        line = Line(program.write)
        with Outgoing(line, 1, Untaken(), quality, unwanted) as outgoing:
            for level in levels:
                outgoing.put(held(level))
        line.say(1, "end")
    return program.frames


def put_all(outgoing, *pages):
    with outgoing:
        for page in pages:
            outgoing.put(page)


def test_pages_come_out_in_order_before_the_end():
    frames = sent_through(None, 1, 2, 3, 4)
    assert [kind for kind, _ in frames] == [wire.Kind.MESSAGE, wire.Kind.BYTES] * 4 + [wire.Kind.MESSAGE]
    assert [payload[0] for kind, payload in frames if kind == wire.Kind.BYTES] == [1, 2, 3, 4]


def test_a_page_that_takes_long_is_sent_before_the_next_one_which_is_coded_meanwhile(monkeypatch):
    coded_second = threading.Event()
    code = Held.code

    def slow_first(page, quality):
        if page.leaf == (1, 1):
            assert coded_second.wait(10)
        done = code(page, quality)
        if page.leaf == (2, 1):
            coded_second.set()
        return done

    monkeypatch.setattr(Held, "code", slow_first)
    frames = sent_through(90, 1, 2, 3)
    announced = [json.loads(payload) for kind, payload in frames if kind == wire.Kind.MESSAGE]
    assert [message["sheet"] for message in announced if message["kind"] == "page"] == [1, 2, 3]


def test_coded_pages_bring_their_thumbnails():
    frames = sent_through(90, 40)
    _, coded, thumbnail, _ = (payload for _, payload in frames)
    assert coded == jpeg.encode(np.full(SHAPE, 40, np.uint8), 200, 90)
    assert jpeg.header_of(thumbnail) is not None


def test_what_nobody_wants_stays_behind():
    assert [kind for kind, _ in sent_through(90, 1, 2, unwanted=lambda: True)] == [wire.Kind.MESSAGE]


def test_a_page_too_long_for_a_jpeg_is_refused_and_the_ones_before_it_are_out():
    long = Held(bytes(jpeg.LONGEST_SIDE + 1), (jpeg.LONGEST_SIDE + 1, 1), 200, (2, 1))
    with Program() as program, pytest.raises(ScanError) as refused:
        put_all(Outgoing(Line(program.write), 1, Untaken(), 90, never), held(1), long)
    assert refused.value.fault is ScanFault.REFUSED_SIZE
    assert len(program.frames) == 3


def test_a_page_that_is_coded_is_held_as_a_jpeg_only():
    page = held(7)
    before = page.image()
    coded, thumbnail = page.code(90)
    after = page.image()
    assert isinstance(after, CodedPage)
    assert (after.encoded, after.thumbnail, after.shape) == (coded, thumbnail, before.shape)
    assert np.abs(after.pixels.astype(int) - before.pixels).max() <= 2
    with pytest.raises(RuntimeError):
        _ = page.samples


@pytest.mark.parametrize("mode", [ColorMode.COLOR, ColorMode.GREY, ColorMode.BITONAL])
def test_a_page_coded_by_the_driver_is_the_one_that_would_be_coded_here(bench, tmp_path, mode):
    """Through the spool and without it: the same JPEG, density and thumbnail."""
    options = (("test-picture", "Color pattern"),) if mode is not ColorMode.BITONAL else ()
    request = ScanRequest(mode=mode, options=options, **AREA)
    backend = bench()
    (raw,) = backend.scan("test:0", request)
    (kept,) = scan_into(spool := Spool(tmp_path / "batch"), backend, "test:0", request)
    assert kept.path.read_bytes() == jpeg.encode(raw.pixels, raw.dpi, spool.quality)
    assert spool.thumbnail(kept).read_bytes() == jpeg.thumbnail(raw.pixels)


def test_an_object_of_another_form_is_read_by_python_sane():
    """Where it isn't known for certain where the handle lies, nothing is read past the binding."""

    for fields in ({}, {"__slots__": ("one", "two")}, {"__slots__": ()}):
        device = type("Device", (), {"dev": type("SaneDev", (), fields)()})()
        assert not reading.can_read(device, 8, 100)


def test_only_plain_samples_of_a_known_length_are_read_past_the_binding():
    pytest.importorskip("_sane")
    device = type("Device", (), {"dev": type("SaneDev", (), {"__slots__": ("handle",)})()})()
    assert reading.can_read(device, 8, 100)
    assert not reading.can_read(device, 1, 100)
    assert not reading.can_read(device, 8, 0)


def test_a_program_that_is_gone_does_not_stop_the_page_that_is_read():
    """The sign of life that nobody hears must not be taken for a fault of the driver."""
    read, write = os.pipe()
    os.close(read)
    session = Session(write)
    session._beat(100)
    with pytest.raises(BrokenPipeError):
        session._line.beat(1, 100)
    os.close(write)


def test_pages_of_a_program_that_is_gone_are_kept_one_by_one(tmp_path):
    read, write = os.pipe()
    os.close(read)
    untaken = Untaken()
    untaken.begin(Rescue(folder=str(tmp_path), known=0, device="d"))
    assert untaken.claim()
    kept = []
    with Outgoing(Line(write), 1, untaken, 90, never) as outgoing:
        outgoing.put(held(10))
    kept.append(len(Spool(tmp_path, at_rescue=True).pages()))
    with Outgoing(Line(write), 1, untaken, 90, never) as outgoing:
        outgoing.put(held(20))
        outgoing.put(held(30))
    untaken.save()
    kept.append(len(Spool(tmp_path).pages()))
    os.close(write)
    assert kept == [1, 3]


def test_time_in_which_others_had_the_processor_is_no_waiting(monkeypatch, tmp_path):
    told = tmp_path / "schedstat"
    told.write_text("5 1000000000 7")
    monkeypatch.setattr(waited, "_SCHEDULED", told)
    stopwatch = waited.Stopwatch()
    assert stopwatch.waited_s >= 0
    told.write_text("5 61000000000 9")
    assert stopwatch.waited_s < -50
    told.unlink()
    assert waited.Stopwatch().waited_s >= 0
