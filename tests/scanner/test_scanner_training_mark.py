"""The training mark: there for the eye, gone for whoever reads."""

import numpy as np
import pytest
import tesserocr
from PIL import Image

from ocr.engines.models import find_model
from resources.specimens import demo_stack
from scanner.training_mark import mark


def specimen(start: str) -> np.ndarray:
    with Image.open(next(path for path in demo_stack() if path.name.startswith(start))) as image:
        return np.asarray(image)


def test_the_mark_is_seen_all_along_the_diagonal():
    page = np.full((3508, 2480, 3), 250, np.uint8)
    changed = (mark(page) != page).any(axis=2)
    assert 0.05 < changed.mean() < 0.4
    cells = changed.reshape(4, 877, 4, 620).mean(axis=(1, 3))
    assert all(cells[3 - step, step] > 0.05 for step in range(4))
    assert int(mark(page).min()) > 200


def test_print_and_ink_keep_every_pixel():
    page = specimen("04")
    before = page.copy()
    marked = mark(page)
    assert np.array_equal(page, before)
    dark = (page < 200).all(axis=2)
    assert dark.any()
    assert np.array_equal(marked[dark], page[dark])
    assert (marked <= page).all()


def test_grey_pages_are_marked_as_well():
    page = np.full((1000, 700), 255, np.uint8)
    marked = mark(page)
    assert marked.shape == page.shape
    assert 200 < int(marked.min()) < 235


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3, 3), (40, 30, 3)])
def test_pages_of_any_size_are_marked(shape):
    assert mark(np.full(shape, 255, np.uint8)).shape == shape


@pytest.mark.parametrize(
    "page", [np.zeros((0, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4))]
)
def test_what_is_no_page_image_is_refused(page):
    with pytest.raises(ValueError, match="page image"):
        mark(page)


def test_a_page_reads_as_well_as_before():
    """Mean confidence of Tesseract over the words of half a page, unmarked and marked."""
    page = specimen("04")[700:2100]
    whole = mark(specimen("04"))[700:2100]
    means, texts = [], []
    with tesserocr.PyTessBaseAPI(path=str(find_model("vie").folder), lang="vie") as reader:
        for image in (page, whole):
            reader.SetImage(Image.fromarray(image))
            reader.SetSourceResolution(300)
            texts.append(reader.GetUTF8Text().split())
            means.append(np.mean(reader.AllWordConfidences()))
    assert len(texts[0]) > 100
    assert means[0] - means[1] < 2
    same = sum(a == b for a, b in zip(*texts, strict=False))
    assert same > 0.97 * len(texts[0])
