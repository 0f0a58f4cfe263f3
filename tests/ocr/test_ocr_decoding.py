"""Decoders that crash, hang or ask for too much cost their own process only."""

import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr import OcrError, OcrFault
from ocr.decoding import wire
from ocr.decoding.process import Decoder
from ocr.decoding.wishes import Wishes
from ocr.sources import SourceFault, SourceImage, survey, walk_sources

PLAIN = Wishes(text_layer="redo", as_it_is=False)


def pdf_of_pages(path: Path, count: int, content: bytes = b"0 0 50 50 re f", side: float = 200) -> Path:
    with pikepdf.new() as pdf:
        for _ in range(count):
            page = pdf.add_blank_page(page_size=(side, side))
            page.Contents = pdf.make_stream(content)
        pdf.save(path)
    return path


def never() -> bool:
    return False


def child_of(decoder: Decoder) -> int:
    assert decoder._process is not None
    return decoder._process.pid


def test_a_decoder_that_dies_costs_one_page(tmp_path: Path) -> None:
    file = pdf_of_pages(tmp_path / "a.pdf", 3)
    with Decoder(never) as decoder:
        assert decoder.open(file, PLAIN, pdf=True).count == 3
        assert decoder.page(0).image
        os.kill(child_of(decoder), signal.SIGKILL)
        with pytest.raises(OcrError) as caught:
            decoder.page(1)
        assert caught.value.fault is OcrFault.DECODER_DIED
        assert decoder.page(2).image


def test_a_decoder_that_hangs_is_ended(tmp_path: Path) -> None:
    file = pdf_of_pages(tmp_path / "a.pdf", 2)
    with Decoder(never, patience_s=0.5) as decoder:
        decoder.open(file, PLAIN, pdf=True)
        pid = child_of(decoder)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(OcrError) as caught:
            decoder.page(0)
        assert caught.value.fault is OcrFault.DECODING_TOO_SLOW
        assert not Path(f"/proc/{pid}").exists()
        assert decoder.page(1).image


def test_cancelling_does_not_wait_for_a_decoder(tmp_path: Path) -> None:
    stop: list[bool] = []
    file = pdf_of_pages(tmp_path / "a.pdf", 1)
    with Decoder(lambda: bool(stop)) as decoder:
        decoder.open(file, PLAIN, pdf=True)
        os.kill(child_of(decoder), signal.SIGSTOP)
        stop.append(True)
        with pytest.raises(OcrError) as caught:
            decoder.page(0)
        assert caught.value.fault is OcrFault.CANCELLED


def test_the_decoder_goes_when_its_asker_does(tmp_path: Path) -> None:
    file = pdf_of_pages(tmp_path / "a.pdf", 1)
    asker = f"""
import os, sys
from pathlib import Path
from ocr.decoding.process import Decoder
from ocr.decoding.wishes import Wishes
decoder = Decoder(lambda: False)
decoder.open(Path({str(file)!r}), Wishes(), pdf=True)
print(decoder._process.pid, flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", asker], capture_output=True, text=True, check=True)
    pid = int(done.stdout)
    handle = os.pidfd_open(pid) if Path(f"/proc/{pid}").exists() else None
    if handle is not None:
        import select

        assert select.select([handle], [], [], 20)[0]
        os.close(handle)


def test_a_file_that_fills_memory_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    big = Image.new("RGB", (13_000, 13_000))
    big.save(tmp_path / "big.tif", compression="tiff_lzw")
    pdf_of_pages(tmp_path / "small.pdf", 1)
    with Decoder(never) as decoder:
        files = survey([tmp_path / "big.tif", tmp_path / "small.pdf"], decoder, PLAIN)
        fault, image = walk_sources(files, decoder, PLAIN)
    assert isinstance(fault, SourceFault)
    assert fault.error.fault in (OcrFault.OUT_OF_MEMORY, OcrFault.DAMAGED_IMAGE, OcrFault.BOMB)
    assert isinstance(image, SourceImage)


def test_a_page_as_large_as_a_wall_is_drawn_coarsely(tmp_path: Path) -> None:
    with Decoder(never) as decoder:
        decoder.open(pdf_of_pages(tmp_path / "a.pdf", 1, side=3400), PLAIN, pdf=True)
        page = decoder.page(0)
    assert page.dpi is not None
    assert page.size_px is not None
    assert 72 <= page.dpi < 300
    assert page.size_px[0] * page.size_px[1] < 70_000_000


def test_a_file_that_kills_every_decoder_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = pdf_of_pages(tmp_path / "a.pdf", 9)
    with Decoder(never) as decoder:
        files = survey([file], decoder, PLAIN)
        asked = []

        def dies(index: int) -> None:
            asked.append(index)
            raise OcrError(OcrFault.DECODER_DIED)

        monkeypatch.setattr(decoder, "page", dies)
        faults = list(walk_sources(files, decoder, PLAIN))
    assert len(faults) == 9
    assert asked == [0, 1, 2]


@given(st.binary(max_size=200))
def test_nonsense_on_the_wire_is_told(data: bytes) -> None:
    with pytest.raises(wire.BrokenWireError):
        wire.receive(BytesIO(data))


@given(st.lists(st.binary(max_size=50), max_size=3))
def test_what_is_sent_is_received(parts: list[bytes]) -> None:
    line = BytesIO()
    wire.send(line, {"kind": "x", "tên": "ộ"}, *parts)
    line.seek(0)
    assert wire.receive(line) == ({"kind": "x", "tên": "ộ"}, parts)


@pytest.fixture(scope="module")
def shared_decoder():
    with Decoder(never) as decoder:
        yield decoder


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_spoilt_pdfs_and_tiffs_are_decoded_or_refused(
    data: st.DataObject, shared_decoder: Decoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("spoilt")
    kind = data.draw(st.sampled_from(["pdf", "tif"]))
    file = folder / f"a.{kind}"
    if kind == "pdf":
        pdf_of_pages(file, 2, b"BT /F 9 Tf (x) Tj ET 0 0 50 50 re f")
    else:
        frames = [Image.radial_gradient("L").resize((40, 40 + size)) for size in range(2)]
        frames[0].save(file, save_all=True, append_images=frames[1:], compression="tiff_lzw")
    spoilt = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(bytes(spoilt))
    files = survey([file], shared_decoder, Wishes())
    for item in walk_sources(files, shared_decoder, Wishes()):
        if isinstance(item, SourceFault):
            assert item.error.fault in OcrFault
