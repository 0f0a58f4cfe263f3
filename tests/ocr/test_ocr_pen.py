"""Print told from handwriting by its ink and by what was left unread."""

import cv2
import numpy as np
import pytest

from ocr.fields.pen import Print
from ocr.page import Word

PAPER, BLACK, PEN, LABEL = (246, 240, 228), (40, 38, 36), (58, 74, 150), (170, 60, 50)
FOOT = 70


class Line:
    """A line drawn on paper, its words in px."""

    def __init__(self) -> None:
        self.pixels = np.full((110, 900, 3), PAPER, np.uint8)
        self._left = 20

    def draw(self, text: str, ink: tuple[int, int, int] = BLACK, *, read: str | None = None) -> Word:
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.3, 3)
        cv2.putText(self.pixels, text, (self._left, FOOT), cv2.FONT_HERSHEY_SIMPLEX, 1.3, ink, 3, cv2.LINE_AA)
        box = (self._left, FOOT - height, self._left + width, FOOT + 3)
        self._left += width + 24
        return Word(text if read is None else read, box, (box[0], FOOT, box[2], FOOT), 95.0, 0, 0)

    def print(self) -> Print:
        """As a scanner sees it: ink runs into the paper at its edges."""
        soft = cv2.GaussianBlur(self.pixels, (0, 0), 1.2)
        return Print(lambda: soft)


@pytest.mark.parametrize("digits", ["7", "48", "4076"])
def test_black_digits_beside_black_print_are_typed(digits: str) -> None:
    line = Line()
    head, number, notation = line.draw("So"), line.draw(digits), line.draw("BCUBND")
    assert line.print().typed([number], [head, notation], behind=head)


@pytest.mark.parametrize("digits", ["7", "4076"])
def test_the_same_digits_in_the_blue_of_a_pen_are_not(digits: str) -> None:
    line = Line()
    head, number, notation = line.draw("So"), line.draw(digits, PEN), line.draw("BCUBND")
    assert not line.print().typed([number], [head, notation], behind=head)


def test_black_digits_behind_a_coloured_label_are_typed() -> None:
    line = Line()
    label, number = line.draw("HBN", LABEL), line.draw("1204")
    assert line.print().typed([number], [label])


def test_a_number_of_which_a_digit_was_not_read_is_not_believed() -> None:
    line = Line()
    head, _, number, notation = line.draw("So"), line.draw("4"), line.draw("76"), line.draw("BCUBND")
    assert line.print().typed([number], [head, notation])
    assert not line.print().typed([number], [head, notation], behind=head)


def test_dots_to_write_on_are_no_digits() -> None:
    line = Line()
    head, _, number, notation = line.draw("So"), line.draw("..."), line.draw("76"), line.draw("BCUBND")
    assert line.print().typed([number], [head, notation], behind=head)
