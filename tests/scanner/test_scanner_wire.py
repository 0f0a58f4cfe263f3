"""A worker that lies on the wire is ended, not believed."""

import subprocess
import sys

import pytest

from scanner import ScanError, ScanFault
from scanner.backends.sane import process, torn, wire
from scanner.backends.sane.call import Call
from scanner.contract import never


@pytest.fixture
def liar(monkeypatch, ends):
    """Makes a Call to a process that answers with the given bytes, whatever it is asked, then waits."""
    started = []
    real = subprocess.Popen

    def make(answer: bytes, patience_s: float = 5, stopped=never) -> Call:
        code = f"import sys; sys.stdout.buffer.write({answer!r}); sys.stdout.flush(); sys.stdin.buffer.read()"
        monkeypatch.setattr(
            process.subprocess, "Popen", lambda _, **settings: real([sys.executable, "-c", code], **settings)
        )
        worker = process.Worker(None)
        started.append(worker)
        return Call(worker, stopped, patience_s, "scan")

    yield make
    for worker in started:
        worker.kill()
        assert ends(worker.pid, 0)


def page(width: int, height: int) -> bytes:
    return wire.pack_message(
        {"number": 1, "kind": "page", "width": width, "height": height, "channels": 3, "dpi": 300}
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"\x07" + bytes(8),
        b"\x01" + b"\xff" * 8,
        wire.HEADER.pack(1, 4) + b"nope",
        wire.HEADER.pack(1, 2) + b"[]",
        wire.pack_message({"number": 1}),
        wire.pack_message({"number": 1, "kind": "fault", "fault": "scan.made-up", "facts": {}}),
    ],
)
def test_nonsense_ends_the_worker(liar, answer):
    call = liar(answer)
    with pytest.raises(ScanError) as error:
        call.receive()
    assert error.value.fault is ScanFault.WORKER_DIED
    assert not call.open


def test_a_page_of_ten_gigabytes_is_refused_before_it_is_allocated(liar):
    call = liar(page(60_000, 60_000) + wire.HEADER.pack(2, 60_000 * 60_000 * 3))
    message = call.receive()
    with pytest.raises(ScanError) as error:
        call.receive_pixels(message["width"], message["height"], message["channels"])
    assert error.value.fault is ScanFault.REFUSED_SIZE


def test_pixels_of_another_length_than_announced_end_the_worker(liar):
    call = liar(page(10, 10) + wire.HEADER.pack(2, 299) + bytes(299))
    call.receive()
    with pytest.raises(ScanError) as error:
        call.receive_pixels(10, 10, 3)
    assert error.value.fault is ScanFault.WORKER_DIED


def test_a_worker_that_ignores_the_cancel_is_killed(liar, monkeypatch):
    monkeypatch.setattr("scanner.backends.sane.call._SECONDS_TO_STOP", 0.2)
    call = liar(b"", stopped=lambda: True)
    with pytest.raises(ScanError) as error:
        call.receive()
    assert error.value.fault is ScanFault.CANCELLED
    assert not call._worker.is_alive()


def test_silence_within_a_frame_is_not_answering_either(liar):
    call = liar(page(10, 10)[:12], patience_s=0.3)
    with pytest.raises(ScanError) as error:
        call.receive()
    assert error.value.fault is ScanFault.NOT_ANSWERING


def test_the_decoders_fill_is_told_from_paper():
    row = 3 * 400
    assert torn.is_torn(bytes([250]) * row * 100 + b"\x80" * row * 40, row)
    with_margin = (b"\x80" * (row - 60) + b"\xff" * 60) * 40
    assert torn.is_torn(bytes([250]) * row * 100 + with_margin + b"\xff" * row * 20, row)
    assert not torn.is_torn(bytes([250]) * row * 140, row)
    assert not torn.is_torn(bytes(range(126, 131)) * (row * 28), row)
    assert not torn.is_torn(bytes([250]) * row * 100 + b"\x80" * row * 8 + b"\xff" * row * 20, row)


def test_a_fault_is_told_even_where_the_driver_hangs_in_putting_away(liar):
    told = wire.pack_message({"number": 1, "kind": "fault", "fault": "scan.jammed", "facts": {}})
    call = liar(told)
    with pytest.raises(ScanError) as error:
        call.receive()
    assert error.value.fault is ScanFault.JAMMED
    assert not call.await_free(0.1)
    put_away = liar(told + wire.pack_message({"number": 1, "kind": "free"}))
    with pytest.raises(ScanError):
        put_away.receive()
    assert put_away.await_free(5)


@pytest.mark.parametrize("coded", [b"", b"\xff\xd8 no JPEG \xff\xd9", bytes(5000)])
def test_a_coded_page_that_is_no_jpeg_ends_the_worker(liar, coded):
    frames = b"".join(wire.HEADER.pack(wire.Kind.BYTES, len(part)) + part for part in (coded, b"small"))
    call = liar(page(10, 10) + frames)
    call.receive()
    with pytest.raises(ScanError) as error:
        call.receive_coded((10, 10, 3), 300)
    assert error.value.fault is ScanFault.WORKER_DIED
    assert not call.open
