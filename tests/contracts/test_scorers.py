"""What every scorer promises: one score in 0..1 for each passage, higher for the better one."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.models.base import Scorer
from cascade.models.toy import ToyScorer

every = pytest.mark.parametrize("scorer", [pytest.param(ToyScorer(), id="toy")])


@every
def test_it_keeps_the_seam(scorer):
    assert isinstance(scorer, Scorer)


@every
def test_scores_are_the_exact_shares_in_the_order_given(scorer):
    scores = scorer.score("red green blue", ["blue sky", "nothing", "Green, red and blue", ""])
    assert scores.dtype == np.float32
    assert scores == pytest.approx([1 / 3, 0, 1, 0])


@every
def test_nothing_asked_or_nothing_given_is_fine(scorer):
    assert scorer.score("", ["a"]) == pytest.approx([0])
    assert scorer.score("a", []).shape == (0,)
