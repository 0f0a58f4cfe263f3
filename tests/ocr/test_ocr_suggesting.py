"""What a doubtful word may be instead: offered, ranked, possible in Vietnamese, never put in its place."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import FieldGathering, ReadPage
from ocr.fields.found import Band, found
from ocr.page import Word, nfc, text_of
from ocr.suggesting.candidates import DOUBTFUL, candidates_for, with_suggestions
from ocr.suggesting.syllable import TONES, is_syllable

RIGHT = (
    "nghiêng nguyễn quỳnh giếng gì gìn khuya khuỷu quyết định hoà hòa thuỷ thủy uỷ ủy yên yêu ý y kỹ kĩ quý"
    " ghế gắng người ngoài phường ươm ướt ấn ẩn thử lò mẫu quàng giàng chẩn sơ yếu lý ngoảnh huýt của lửa"
    " mía giữa giáo giường cứu khoẻ khỏe hoàng quá toán thuở khuấy loại xoong rượu"
)
WRONG = "ngiêng gế kăn câp tăt hoat ceng nghua ö đưng1 yang qa kịêm ngụyên hòan tóan thử̉"


def word(text: str, confidence: float = 70.0, suggestions: tuple[str, ...] = ()) -> Word:
    return Word(text, (10, 10, 90, 40), (10.0, 40.0, 90.0, 40.0), confidence, 0, 0, suggestions)


@pytest.mark.parametrize("text", RIGHT.split())
def test_syllables_are_known_by_their_build(text: str) -> None:
    assert is_syllable(text)
    assert is_syllable(text.upper())


@pytest.mark.parametrize("text", WRONG.split())
def test_what_no_syllable_is_built_like_is_none(text: str) -> None:
    assert not is_syllable(nfc(text))


def test_real_papers_are_written_in_syllables(real_data: Path) -> None:
    text = " ".join(file.read_text(encoding="utf-8") for file in (real_data / "ocr-truth").glob("*.txt"))
    small = [one for one in text.split() if one.isalpha() and one.islower() and len(one) > 1]
    assert sum(not is_syllable(one) for one in small) <= 0.002 * len(small)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("THỬ", "THỨ"),
        ("NGUYÊN", "NGUYỄN"),
        ("ĐỒ", "ĐỖ"),
        ("kiêm", "kiểm"),
        ("Quyét", "Quyết"),
        ("(thï", "(thị"),
        ("2O25", "2025"),
        ("đinh;", "định;"),
    ],
)
def test_what_is_often_confused_is_offered(read: str, meant: str) -> None:
    assert meant in candidates_for(read)


def test_the_engines_own_seconds_come_first_and_words_of_the_page_before_others() -> None:
    assert candidates_for("THỬ", ("THỪ",))[0] == "THỪ"
    assert candidates_for("phương", here={"phường"})[0] == "phường"
    sure, unsure = word("phường", 96.0), word("phương", 60.0)
    assert with_suggestions([sure, unsure])[1].suggestions[0] == "phường"


def test_a_sure_word_gets_none_and_no_text_is_changed() -> None:
    words = [word("Quyết", 96.0), word("đinh", 60.0), word("UBND", 50.0), word("12/3", 40.0)]
    told = with_suggestions(words)
    assert text_of(told) == text_of(words)
    assert told[0] == words[0]
    assert "định" in told[1].suggestions
    assert told[2].suggestions == told[3].suggestions == ()


_LETTERS = st.sampled_from(list("aăâbcdđeêghiklmnoôơpqrstuưvxyöïäåÀỬắ1.,-") + list(TONES))


@given(st.text(_LETTERS, max_size=14), st.floats(0, DOUBTFUL - 1))
@settings(max_examples=150, deadline=None)
def test_candidates_are_few_other_and_possible(text: str, confidence: float) -> None:
    (told,) = with_suggestions([word(nfc(text), confidence)])
    assert told.text == nfc(text)
    assert len(told.suggestions) <= 4
    assert len(set(told.suggestions)) == len(told.suggestions)
    for one in told.suggestions:
        assert one != told.text
        assert one == nfc(one)
        core = one.strip("-.,\u0300\u0301\u0303\u0309\u0323")
        assert core.isdigit() or is_syllable(core)


def test_a_field_with_a_word_in_question_is_not_accepted_unseen() -> None:
    words = [word("QUÀNG", 97.0), word("VĂN", 97.0), word("THỬ,", 97.0, ("THỨ,",))]
    field = found("name", "QUÀNG VĂN THỬ", words, 1)
    assert field.value == "QUÀNG VĂN THỬ"
    assert field.band is Band.NOTICE
    assert [(choice.word, choice.instead) for choice in field.choices] == [("THỬ", ("THỨ",))]
    assert json.loads(json.dumps(field.to_dict()))["choices"] == [{"word": "THỬ", "instead": ["THỨ"]}]
    assert found("kind", "Quyết định", words, 1).band is Band.ACCEPT


def test_suggestions_come_back_from_json_and_older_pages_have_none(letter_page) -> None:
    page = letter_page.read
    asked = replace(page, words=(word("THỬ", 91.0, ("THỨ", "THỪ")), *page.words))
    assert ReadPage.from_json(asked.to_json()) == asked
    older = json.loads(page.to_json())
    older["words"] = [values[:6] for values in older["words"]]
    kept = ReadPage.from_json(json.dumps(older))
    assert text_of(kept.words) == page.text
    assert all(one.suggestions == () for one in kept.words)
    gathering = FieldGathering()
    gathering.add(page, None)
    assert gathering.found().fields
