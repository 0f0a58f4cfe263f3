"""A whole JPEG is never refused for being short, a short one never passes for whole."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner.backends.escl.wholeness import decodes_to_its_end, has_end, read_frame, with_true_height

END = b"\xff\xd9"


def passes(data: bytes) -> bool:
    frame = read_frame(data)
    return frame is not None and has_end(data, frame) and decodes_to_its_end(data, frame)


@st.composite
def pictures(draw) -> bytes:
    """Noise above, one colour below, in every way that a baseline JPEG is written."""
    width, height = draw(st.integers(49, 130)), draw(st.integers(49, 130))
    mode = draw(st.sampled_from(["RGB", "L"]))
    shape = (height, width, 3) if mode == "RGB" else (height, width)
    pixels = np.random.default_rng(draw(st.integers(0, 9))).integers(0, 256, shape).astype(np.uint8)
    plain_rows = draw(st.integers(0, height // 2))
    pixels[height - plain_rows :] = draw(st.sampled_from([0, 128, 240, 255]))
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out,
        "JPEG",
        quality=draw(st.integers(20, 95)),
        subsampling=draw(st.integers(0, 2)),
        optimize=draw(st.booleans()),
        restart_marker_rows=draw(st.integers(0, 2)),
    )
    return out.getvalue()


@settings(deadline=None)
@given(pictures(), st.binary(max_size=8))
def test_whole_pictures_pass(data, padding):
    assert passes(data)
    assert passes(data + bytes(len(padding)))


@settings(deadline=None)
@given(pictures(), st.floats(0, 0.8), st.booleans())
def test_pictures_that_are_cut_never_pass(data, share, ended):
    """Whether or not somebody put an end mark behind the cut."""
    start = read_frame(data).scan_at
    kept = data[: start + int((len(data) - start) * share)].rstrip(b"\xff")
    assert not passes(kept + END if ended else kept)


@given(st.binary(max_size=300))
def test_any_bytes_have_a_frame_or_none(noise):
    for data in (noise, b"\xff\xd8" + noise, b"\xff\xd8\xff\xc0\0\x11\x08" + noise):
        assert with_true_height(data)[:1] == data[:1]
        frame = read_frame(data)
        assert frame is None or 1 <= frame.components <= 4


def test_real_scans_pass(real_data):
    files = sorted((real_data / "scans").rglob("*.jpg"))[:12]
    if not files:
        pytest.skip("no real scans as JPEG")
    assert [file.name for file in files if not passes(file.read_bytes())] == []
