from math import log

import pytest

from eval.needles.wording import Wording, growth


def test_texts_words_types_and_lengths_are_counted():
    wording = Wording.of(["a b a", "b c", "d"])
    assert (wording.texts, wording.words, wording.types) == (3, 6, 4)
    assert wording.lengths == pytest.approx((1.2, 2.0, 2.8))


def test_idf_is_the_mean_over_the_distinct_words_of_texts():
    wording = Wording.of(["a b a", "b c", "d"])
    assert wording.idf == pytest.approx((log(3) + 2 * log(3 / 2) + log(3) + log(3)) / 5)


def test_growth_is_the_exponent_of_heaps_law():
    assert growth([(n, 2 * n**0.5) for n in range(1, 200)]) == pytest.approx(0.5)
    assert growth([(1, 1)]) == 1.0


def test_the_slope_is_zipfs():
    words = [f"w{rank}" for rank in range(1, 400) for _ in range(40_000 // rank)]
    assert Wording.of([" ".join(words)]).slope == pytest.approx(-1.0, abs=0.02)
