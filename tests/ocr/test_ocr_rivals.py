"""Letters with a close second: names in capitals, where a mark more or less is another person."""

import unicodedata
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocr.clean.background import quietened, whiten
from ocr.engines.models import find_model
from ocr.engines.rivals import rival_spellings
from ocr.engines.tess_library import TesseractLibrary
from ocr.reader import never
from ocr.suggesting.candidates import DOUBTFUL, with_suggestions
from resources import path as resource

NAMES = (
    *("QUÀNG VĂN THỨ", "QUÀNG VĂN THỬ", "LÒ THỊ ẤN", "LÒ THỊ ẨN", "BẾ VĂN CHẨN", "BẾ VĂN CHẤN"),
    *("NGUYỄN THỊ HẢO", "TRẦN VĂN TỈNH", "TRẦN VĂN TÍNH", "ĐỖ THỊ HẢI", "PHẠM THỊ NGỔ", "PHẠM THỊ NGỐ"),
    *("HỨA VĂN TỔNG", "HỨA VĂN TỐNG", "MÃ THỊ KHỂ", "MÃ THỊ KHẾ", "LÝ A DẾ", "LÝ A DỂ", "SÙNG A LẢ"),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[TesseractLibrary]:
    opened = TesseractLibrary(find_model("vie"))
    yield opened
    opened.close()


def soft_page(seed: int, weight: str = "Bold") -> np.ndarray:
    """The names one below the other at 200 dpi, a little out of focus and grainy."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (2800, 3600), 250)
    pen = ImageDraw.Draw(page)
    face = ImageFont.truetype(str(resource("fonts", f"LiberationSerif-{weight}.ttf")), 72)
    for row, name in enumerate(NAMES):
        pen.text((400, 300 + 160 * row), f"Họ và tên: {name}, sinh năm 1980", 20, face)
    soft = cv2.GaussianBlur(np.asarray(page, np.float32), (0, 0), float(rng.uniform(1.6, 2.6)))
    small = cv2.resize(soft, (1400, 1800), interpolation=cv2.INTER_AREA) + rng.normal(0, 6, (1800, 1400))
    return quietened(whiten(np.clip(small, 0, 255).astype(np.uint8))[0])


def test_a_wrong_mark_is_seldom_sure_and_a_right_one_seldom_questioned(engine: TesseractLibrary) -> None:
    printed = {part for name in NAMES for part in name.split()} | {"Họ", "và", "tên", "sinh", "năm"}
    sure_and_wrong, offered, right, questioned = [], [], 0, 0
    for seed in (0, 6):
        words = with_suggestions(engine.recognise(soft_page(seed, "Regular"), 200, stopped=never))
        assert len(words) > 150
        for word in words:
            text = unicodedata.normalize("NFC", word.text.strip(" ,.:"))
            if not text.isalpha():
                continue
            if text in printed:
                right += 1
                questioned += word.confidence >= DOUBTFUL and bool(word.suggestions)
            elif word.confidence >= DOUBTFUL:
                (offered if word.suggestions else sure_and_wrong).append(text)
    assert sure_and_wrong == []
    assert offered  # both pages have a wrong word that the engine is sure of
    assert questioned <= 0.04 * right


def test_a_close_second_with_other_marks_is_a_rival() -> None:
    letters = [("T", []), ("H", [("R", 0.9)]), ("Ử", [("Ứ", 0.6), ("Ữ", 0.3), ("Ừ", 0.1), ("U", 0.4)])]
    assert rival_spellings(letters) == ("THỨ", "THU", "THỮ")
    assert rival_spellings([("Đ", [("D", 0.5), ("B", 0.9)]), ("A", [])]) == ("DA",)
    assert rival_spellings([]) == ()


_LETTER = st.sampled_from("aáàảâấbđdeêếEẾuưứừ")


@given(st.lists(st.tuples(_LETTER, st.lists(st.tuples(_LETTER, st.floats(0, 1)), max_size=4)), max_size=6))
@settings(max_examples=80, deadline=None)
def test_rivals_differ_in_the_marks_of_one_letter(letters: list[tuple[str, list[tuple[str, float]]]]) -> None:
    word = "".join(letter for letter, _ in letters)
    rivals = rival_spellings(letters)
    assert len(rivals) <= 3
    for rival in rivals:
        assert len(rival) == len(word)
        assert sum(one != other for one, other in zip(rival, word, strict=True)) == 1
