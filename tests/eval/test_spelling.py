"""A value is found however it is written, and never as a part of something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.grade import same, says
from eval.numerals import counted
from eval.plain import plain
from eval.spelling import number_of, said


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  Élan\u00a0Vital  ", " elan vital "),
        ("Łódź, Ærø, Straße", "lodz, aero, strasse"),
        ("ＡＢ１２", "ab12"),
        ("٤٦ and ४६", "46 and 46"),
        ("co‑op − 5 — so", "co-op - 5 – so"),
        ("“it’s”", "\"it's\""),
        ("**57** [1], `x`[2, 3].", "57, x."),
        ("the code [1-3] 【4】", "the code"),
        ("パン が", "パン が"),
        ("한국", "한국"),
        ("Андрей", "андреи"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_the_plain_form_has_no_case_accents_marks_or_citations(text: str, form: str) -> None:
    assert plain(text) == form


def test_voiced_and_unvoiced_kana_stay_two_things() -> None:
    assert plain("ガ") != plain("カ")


@pytest.mark.parametrize(
    "text",
    ["1234", "1,234", "1 234", "1\u202f234", "1'234", "1.234", "1,234.0", "1,234.00", "$1,234", "(1234)", "1234年",
     "one thousand two hundred and thirty-four", "One thousand, two hundred thirty four",
     "a thousand two hundred and thirty-four",
     "١٢٣٤", "the 1,234-page book", "twelve thirty-four"],
)  # fmt: skip
def test_a_whole_number_is_found_in_many_spellings(text: str) -> None:
    assert says(f"There are {text} of them.", "1234")
    assert says(f"There are {text} of them.", "1,234")
    assert says(f"There are {text} of them.", "one thousand two hundred and thirty-four")


@pytest.mark.parametrize(
    "text",
    ["11234", "12345", "1234.5", "-1234", "−1234", "1,234,567", "12 34", "5,1234", "1234 thousand", "1235",
     "AB1234", "1234x",
     "12:34", "1234:15", "1234-5", "56 001 234", "1234/7", "twelve", "one thousand",
     "two thousand two hundred and thirty-four",
     "thirty-four", "1234-1240"],
)  # fmt: skip
def test_another_number_is_not_found(text: str) -> None:
    assert not says(f"There are {text} of them.", "1234")


@pytest.mark.parametrize(
    ("text", "value"),
    [("57", "fifty-seven"), ("fifty seven", "57"), ("fifty-seven", "57"), ("one hundred and five", "105"), ("1", "one"),
     ("there is one gate", "1"), ("a million", "1,000,000"), ("nineteen oh five", "1905"), ("eighteen hundred", "1800"),
     ("eighteen fifty-eight", "1858"), ("twenty twenty-one", "2021"), ("3.5", "3,5"), ("3.50", "3.5"), ("12,345.5",
     "12345.5"),
     ("0", "zero"), ("007", "007"), ("57 %", "57%"), ("57 percent", "57%"), ("57 per cent", "57 percent")],
)  # fmt: skip
def test_numbers_compare_by_what_they_say(text: str, value: str) -> None:
    assert says(f"It is {text}.", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("one hundred and fifty-seven", "57"), ("fifty-seven thousand", "57"), ("one of the best", "1"),
     ("no one knows", "1"),
     ("the one", "1"), ("1,234", "234"), ("1 234", "234"), ("1 234", "1"), ("7", "007"), ("3.14", "3"), ("3.14", "14"),
     ("fifty", "57"), ("seven", "57"), ("1.2 million", "1200000"), ("MMXXI", "2021"), ("46th", "46")],
)  # fmt: skip
def test_parts_of_numbers_and_what_is_not_handled_are_not_found(text: str, value: str) -> None:
    assert not says(f"It is {text}.", value)


def test_a_year_may_be_followed_by_a_count() -> None:
    assert says("In 1858 300 men came.", "300")
    assert says("In 1858 300 men came.", "1858")


def test_the_words_of_numbers_are_read() -> None:
    spelled = {"two hundred and five": 205, "a thousand and one": 1_001, "three million two": 3_000_002, "twelve": 12}
    assert {text: counted(text) for text in spelled} == spelled
    assert [counted("a"), counted("two ferries"), counted(""), counted("and")] == [None] * 4
    assert [number_of("1,234"), number_of("twelve"), number_of("007"), number_of("x1")] == [1_234, 12, None, None]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999))
def test_a_number_is_itself_in_every_spelling_and_no_other(n: int, other: int) -> None:
    for text in (f"{n}", f"{n:,}", f"{n:,}".replace(",", " "), f"{n:,}".replace(",", ".")):
        assert says(f"It is {text}, they say.", str(n))
        assert says(f"It is {text}, they say.", str(other)) == (n == other)


@pytest.mark.parametrize(
    "text",
    ["AB-12-34", "ab-12-34", "AB‑12–34", "AB 12 34", "AB1234", "the code AB-12-34.", "(AB-12-34)", "AB-12-34, it says"],
)
def test_an_identifier_is_found_in_any_case_and_with_any_hyphen(text: str) -> None:
    assert says(text, "AB-12-34")


@pytest.mark.parametrize("text", ["AB-12-345", "AB-12-34-X", "XAB-12-34", "X-AB-12-34", "AB-12", "AB.12.34",
"AB-12-34_a"])
def test_a_longer_or_shorter_identifier_is_another(text: str) -> None:
    assert not says(text, "AB-12-34")


@pytest.mark.parametrize(
    ("text", "value", "there"),
    [
        ("10.0.0.12", "10.0.0.1", False), ("10.0.0.1.", "10.0.0.1", True), ("foo_bar_baz", "foo_bar", False),
        ("call foo_bar()", "foo_bar", True), ("v1.2.30", "v1.2.3", False), ("src/main.py", "main.py", True),
        ("b7e2-11f0", "B7E2-11F0", True), ("a@b.example", "a@b.example", True),
    ],
)  # fmt: skip
def test_dotted_and_underscored_identifiers_are_whole(text: str, value: str, there: bool) -> None:
    assert says(text, value) is there


DAY = ["2021-03-14", "2021/3/14", "14 March 2021", "14th of March, 2021", "March 14, 2021", "March 14th 2021",
 "14.03.2021",
       "14.3.2021", "14/03/2021", "03/14/2021", "14. März 2021", "le 14 mars 2021", "14 de marzo de 2021",
       "14 mrt.", "2021年3月14日",
       "14 Mar 2021", "2021, March 14"]  # fmt: skip


@pytest.mark.parametrize("text", [text for text in DAY if text != "14 mrt."])
@pytest.mark.parametrize("value", ["2021-03-14", "14 March 2021", "March 14, 2021", "14.03.2021"])
def test_a_date_is_found_in_many_formats(text: str, value: str) -> None:
    assert says(f"It opened on {text}.", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("15 March 2021", "2021-03-14"), ("14 April 2021", "2021-03-14"), ("14 March 2020", "2021-03-14"),
     ("March 2021", "2021-03-14"),
     ("114 March 2021", "2021-03-14"), ("2021-03-141", "2021-03-14"), ("14 March", "2021-03-14"), ("May", "2021-05"),
     ("14 mrt.", "2021-03-14"), ("March 4", "March 14")],
)  # fmt: skip
def test_another_or_a_vaguer_date_is_not_found(text: str, value: str) -> None:
    assert not says(f"It opened on {text}.", value)


def test_a_date_may_say_more_than_was_asked() -> None:
    assert says("It opened on 14 March 2021.", "March 2021")
    assert says("It opened on 2021-03-14.", "2021")
    assert says("It opened on 14.03.2021.", "2021")
    assert says("It opened on March 14, 2021.", "14 March")


def test_a_day_and_a_month_in_doubt_are_both() -> None:
    assert says("on 3 April 2021", "03/04/2021")
    assert says("on 4 March 2021", "03/04/2021")
    assert not says("on 4 March 2021", "03.04.2021.") or says("on 3 April 2021", "03.04.2021")


@pytest.mark.parametrize("text", ["14:15", "14.15", "14h15", "2:15 pm", "2.15 p.m.", "02:15 PM", "14:15:00"])
def test_a_time_is_found_by_either_clock(text: str) -> None:
    assert says(f"It leaves at {text}.", "14:15")
    assert says(f"It leaves at {text}.", "2:15 pm")


@pytest.mark.parametrize("text", ["2:15", "2:15 am", "14:150", "114:15", "14:16", "2 pm"])
def test_another_time_is_not_found(text: str) -> None:
    assert not says(f"It leaves at {text}.", "14:15")


def test_full_hours_need_no_minutes_and_impossible_hours_are_no_times() -> None:
    assert says("at 2 pm", "14:00")
    assert says("at 12 am", "0:00")
    assert not says("at 2:10 pm", "26:10")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("TORVAE  KLINDAR", "Torvae Klindar"), ("Torvae-Klindar", "Torvae Klindar"), ("Torvae\nKlindar",
        "Torvae Klindar"),
        ("**Torvae** Klindar's house", "Torvae Klindar"), ("Jean Luc", "Jean-Luc"), ("J. Smith", "J Smith"),
        ("Dravel and Sons", "Dravel & Sons"), ("“Bells of Dravel”", "The Bells of Dravel"), ("OBrien", "O'Brien"),
        ("Brenaust", "Brénaust"), ("答案是山田花子です。", "山田花子"), ("톨레도는 도시", "톨레도"), ("46 m",
        "46 metres"),
        ("46m high", "46 meters"), ("forty-six? no: 46 kilometres", "46km"), ("Room B12, first floor", "room B12"),
        ("+45-12-34-56", "+45 12 34 56"), ("Klindar, Torvae", "Klindar, Torvae"), ("the 57 steps", "57 steps"),
    ],
)  # fmt: skip
def test_names_and_phrases_are_found(text: str, value: str) -> None:
    assert says(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Klindars", "Klindar"), ("Torvae lives there", "Torvae Klindar"), ("Torvae. Klindar left", "Torvae Klindar"),
     ("Klindar Torvae", "Torvae Klindar"), ("46 feet", "46 metres"), ("146 metres", "46 metres"), ("東京", "京都"),
     ("Übrig", "Ubrigens"), ("", "x"), ("anything", ""), ("what?", "?")],
)  # fmt: skip
def test_parts_other_words_and_nothing_are_not_found(text: str, value: str) -> None:
    assert not says(text, value)


def test_every_place_is_given_in_order() -> None:
    assert said("57 and 57, not 157", "57") == [(0, 2), (7, 9)]


def test_spellings_of_one_value_are_the_same() -> None:
    assert same("1,234", "1234")
    assert same("14 March 2021", "2021-03-14")
    assert same("Bells of Dravel", "The Bells of Dravel")
    assert not same("1234", "1235")
    assert not same("Ada Dravel", "Ada")
