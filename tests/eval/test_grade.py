import pytest

from eval.grade import right


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("It is Torvae Klindar [1].", "Torvae Klindar"),
        ("TORVAE  KLINDAR", "Torvae Klindar"),
        ("The code is 482,913.", "482913"),
        ("Born in Brénaust, they say.", "Brenaust"),
    ],
)
def test_an_answer_with_the_value_is_right_however_it_is_written(answer, value):
    assert right(answer, value)


@pytest.mark.parametrize(
    ("answer", "value"),
    [("The code is 4829131.", "482913"), ("Torvae lives there.", "Torvae Klindar"), ("", "x"), ("Klindars", "Klindar")],
)
def test_a_part_or_a_longer_word_is_not_the_value(answer, value):
    assert not right(answer, value)


def test_an_answer_that_lists_a_rival_too_is_wrong():
    assert right("It is 482913.", "482913", rivals=["555111"])
    assert not right("It is 482913 or 555111.", "482913", rivals=["555111"])
