"""Streamed text ends before a stop, wherever the pieces are cut."""

import pytest

from cascade.stops import Until


def until(text, stops, size):
    cut = Until(stops)
    said = ""
    for at in range(0, len(text), size):
        said += cut.take(text[at : at + size])
        if cut.over:
            break
    return said + cut.rest(), cut.over


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("stops", "said", "over"),
    [
        ((), "one END two ENDED", False),
        (("",), "one END two ENDED", False),
        (("END",), "one ", True),
        (("two", "ENDED"), "one END ", True),
        (("ENDED!", "EDX"), "one END two ENDED", False),
        (("two", "END t"), "one ", True),
    ],
)
def test_text_ends_before_the_first_stop(size, stops, said, over):
    assert until("one END two ENDED", stops, size) == (said, over)
