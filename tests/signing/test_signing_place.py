"""Where the blocks go: free of ink, words and fields, on every paper and at every rotation."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import signing
from signing import ClerkBlock, CodeStamp, SigningError, TokenSession
from signing.appearance.frame import Box, Frame

SIZES = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210)}
ROTATIONS = (0, 90, 180, 270)
MM = 72 / 25.4


def rendered(pdf: Path, dpi: int = 150, *, fields: bool = True) -> Any:
    document = pypdfium2.PdfDocument(pdf)
    try:
        if fields:
            document.init_forms()
        return document[0].render(scale=dpi / 72, grayscale=True, may_draw_forms=fields).to_numpy().copy()
    finally:
        document.close()


def part(picture: Any, box: tuple[float, float, float, float], dpi: int = 150) -> Any:
    left, top, width, height = (edge * dpi / 25.4 for edge in box)
    return picture[int(top) : int(top + height) + 1, int(left) : int(left + width) + 1]


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] + one[2] <= other[0]
        or other[0] + other[2] <= one[0]
        or one[1] + one[3] <= other[1]
        or other[1] + other[3] <= one[1]
    )


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("paper", SIZES)
def test_blocks_cover_nothing(
    paper: str, rotate: int, make_pdf: Any, bar: Any, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    width, height = SIZES[paper]
    wide, high = width * MM, height * MM
    seen = Frame(0, 0, wide, high, rotate)
    agency = seen.rectangle_of(Box(20, 22, seen.width_mm - 40, 6))
    word = seen.rectangle_of(Box(10, 6, 12, 5))
    source = make_pdf(
        tmp_path / "p.pdf",
        size=(width, height),
        rotate=rotate,
        bars=(bar(agency[0], agency[1], agency[2] - agency[0], agency[3] - agency[1]),),
        words=((word[0], word[1], "Chữ"),),
    )
    coded = signing.stamp_code(
        source, tmp_path / "c.pdf", CodeStamp("H18.19_TK_000021_V1", "H18.19_TK_000021_V1")
    )
    one = signing.sign_pdf(coded.path, tmp_path / "1.pdf", session, appearance=block, timestamp=None)
    two = signing.sign_pdf(one.path, tmp_path / "2.pdf", session, appearance=block, timestamp=None)
    boxes = [coded.box_mm, one.box_mm, two.box_mm]
    assert all(box is not None for box in boxes)
    before, after = rendered(source), rendered(two.path)
    assert before.shape == after.shape
    outside = np.ones(before.shape, dtype=bool)
    for number, box in enumerate(boxes):
        assert box is not None
        assert (part(before, box) > 250).all(), "something stood there"
        assert (part(after, box) < 100).mean() > 0.01, "nothing was drawn"
        assert all(apart(box, other) for other in boxes[number + 1 :] if other)
        part(outside, (box[0] - 0.5, box[1] - 0.5, box[2] + 1, box[3] + 1))[:] = False
    assert (before[outside] == after[outside]).all()
    assert one.box_mm != (8.0, 4.0, *one.box_mm[2:]), "the hidden word was not seen"


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_text_reads_upright(
    rotate: int, make_pdf: Any, bar: Any, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    pictures = []
    for turned in (0, rotate):
        size = (297, 210) if turned % 180 else (210, 297)
        source = make_pdf(tmp_path / f"{turned}.pdf", size=size, rotate=turned, bars=(bar(300, 300, 5, 5),))
        done = signing.sign_pdf(
            source, tmp_path / f"{turned}s.pdf", session, appearance=block, timestamp=None
        )
        assert done.box_mm is not None
        shown = part(rendered(done.path), done.box_mm).astype(np.float32)
        pictures.append(cv2.resize(shown, (64, 12), interpolation=cv2.INTER_AREA))
    straight, turned_back = pictures
    assert np.corrcoef(straight.ravel(), turned_back.ravel())[0, 1] > 0.9
    assert np.corrcoef(straight.ravel(), straight[::-1, ::-1].ravel())[0, 1] < 0.7


def test_a_cropped_page_is_measured_as_seen(
    make_pdf: Any, bar: Any, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    source = make_pdf(tmp_path / "p.pdf", bars=(bar(200, 300, 5, 5),), crop=(50, 60, 500, 700))
    done = signing.sign_pdf(source, tmp_path / "s.pdf", session, appearance=block, timestamp=None)
    assert done.box_mm is not None
    assert (part(rendered(done.path), done.box_mm) < 100).mean() > 0.01


def test_a_full_page_has_no_room(
    make_pdf: Any, bar: Any, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    source = make_pdf(tmp_path / "p.pdf", bars=tuple(bar(0, y, 596, 3) for y in range(0, 842, 12)))
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(source, tmp_path / "s.pdf", session, appearance=block, timestamp=None)
    assert caught.value.code == "sign.no-room"
    assert caught.value.facts["page_width_mm"] == 210.0
    with pytest.raises(SigningError) as caught:
        signing.stamp_code(source, tmp_path / "c.pdf", CodeStamp("A", "A"))
    assert caught.value.code == "sign.no-room"
    assert [item.name for item in tmp_path.iterdir()] == ["p.pdf"]


def test_code_goes_to_the_foot_and_then_the_side(make_pdf: Any, bar: Any, tmp_path: Path) -> None:
    head = bar(0, 742, 596, 100)
    foot = bar(0, 0, 596, 100)
    stamp = CodeStamp("H18.19_TK_000021_V1", "H18.19_TK_000021_V1")
    low = signing.stamp_code(make_pdf(tmp_path / "a.pdf", bars=(head,)), tmp_path / "b.pdf", stamp)
    assert low.box_mm[1] > 260
    body = bar(120, 110, 340, 620)
    side = signing.stamp_code(
        make_pdf(tmp_path / "c.pdf", bars=(head, foot, body)), tmp_path / "d.pdf", stamp
    )
    assert 36 < side.box_mm[1] < 260
    assert side.box_mm[0] > 160


edges = st.floats(-500, 500, allow_nan=False)
lengths = st.floats(50, 3000, allow_nan=False)


@given(edges, edges, lengths, lengths, st.sampled_from(ROTATIONS), st.tuples(*[st.floats(1, 90)] * 4))
def test_frames_map_there_and_back(
    left: float, bottom: float, width: float, height: float, rotate: int, box: tuple[float, ...]
) -> None:
    frame = Frame(left, bottom, left + width, bottom + height, rotate)
    seen = Box(*box)
    back = frame.box_of(*frame.rectangle_of(seen))
    assert np.allclose([back.left, back.top, back.width, back.height], box, atol=1e-6)
    a, b, c, d, x, y = frame.matrix_of(seen)
    corner = (a * seen.width * MM + c * seen.height * MM + x, b * seen.width * MM + d * seen.height * MM + y)
    rectangle = frame.rectangle_of(seen)
    assert np.allclose(corner, frame._user(seen.right, seen.top), atol=1e-6)
    assert rectangle[0] - 1e-6 <= corner[0] <= rectangle[2] + 1e-6
