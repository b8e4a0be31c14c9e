"""Nomination: one threshold over segments, lists in waves, where to stop."""

import numpy as np
import pytest

from cascade.index import weigh
from cascade.index.nominate import WAVES, Reach, cut, nominate
from cascade.index.weigh import BINS

LISTS, EACH = 40, 25


class Near:
    """Lists of one number each; a query is nearest to the first."""

    def __len__(self):
        return LISTS

    def nearest(self, vector, probes):
        return np.arange(min(probes, LISTS)), np.linspace(1, 0, LISTS, dtype=np.float32)[:probes]


class Kept:
    """Scores of rows in lists of EACH, as a process of segments would keep them; remembers the waves."""

    def __init__(self, scores, exact=()):
        self.scores, self.plain = np.asarray(scores, np.float32), np.asarray(exact, np.float32)
        self.seen, self.waves, self.bytes = [], [], 0

    def exact(self):
        self.seen += [(10**6 + at, score) for at, score in enumerate(self.plain.tolist())]
        return self._counted(self.plain)

    def wave(self, probes):
        lists = probes[1][0]
        self.waves.append(lists.tolist())
        rows = np.concatenate([np.arange(one * EACH, (one + 1) * EACH) for one in lists])
        self.seen += list(zip(rows.tolist(), self.scores[rows].tolist(), strict=True))
        self.bytes += len(rows)
        return self._counted(self.scores[rows])

    def above(self, least):
        found = [pair for pair in self.seen if pair[1] >= least]
        return np.array([row for row, _ in found], np.int64), np.array([score for _, score in found], np.float32)

    def _counted(self, scores):
        counts = np.zeros(BINS, np.int64)
        weigh.tally(np.asarray(scores, np.float32), counts)
        return counts


def asked(kept, **how):
    reach = Reach(**{"keep": 50, "scanned": 10**6, "fewest": 1, **how})
    return nominate(kept, np.ones(1, np.float32), {1: Near()}, {1: np.full(LISTS, EACH)}, reach)


def falling(seed=0):
    """Scores that fall from list to list, with noise."""
    noise = np.random.default_rng(seed).normal(0, 0.02, LISTS * EACH)
    return np.repeat(np.linspace(0.9, 0.1, LISTS), EACH) + noise


@pytest.mark.parametrize("keep", [1, 50, 999, 5000])
def test_the_best_of_all_that_was_compared_are_found(keep):
    scores = falling()
    found = asked(Kept(scores), keep=keep)
    assert sorted(found.rows.tolist()) == sorted(np.argsort(-scores, kind="stable")[:keep].tolist())
    np.testing.assert_allclose(found.scores, scores[found.rows], rtol=1e-6)
    assert (found.codes, found.bytes) == (LISTS * EACH, LISTS * EACH)


def test_no_more_codes_are_compared_than_allowed_and_the_nearest_lists_first():
    kept = Kept(falling())
    found = asked(kept, scanned=10 * EACH)
    assert found.codes <= 11 * EACH
    assert [one for wave in kept.waves for one in wave] == list(range(len(found.probes[1][0])))
    assert len(kept.waves) == 1, "no wave may be the last, so there is one"


def test_the_fewest_lists_are_read_though_they_hold_more_than_is_allowed():
    assert asked(Kept(falling()), scanned=1, fewest=7).probes[1][0].tolist() == list(range(7))


def test_a_wave_that_brings_little_is_the_last():
    kept = Kept(falling())
    found = asked(kept, patience=0.05)
    assert len(kept.waves) == 2
    assert found.codes == 2 * LISTS * EACH // WAVES
    assert sorted(found.rows.tolist()) == sorted(asked(Kept(falling())).rows.tolist())


def test_where_scores_do_not_fall_nothing_is_stopped():
    kept = Kept(np.random.default_rng(1).random(LISTS * EACH))
    asked(kept, patience=0.05)
    assert len(kept.waves) == WAVES


def test_more_lists_are_read_until_as_many_are_found_as_wanted():
    scores = np.full(LISTS * EACH, -np.inf)
    scores[-30:] = 0.3  # what a filter lets through lies far from the query
    found = asked(Kept(scores), scanned=EACH, wanted=30, keep=30)
    assert sorted(found.rows.tolist()) == list(range(LISTS * EACH - 30, LISTS * EACH))


def test_what_has_no_codes_stands_beside_what_has():
    found = asked(Kept(falling(), exact=[0.99, -0.5, 0.98]), keep=3)
    assert {10**6, 10**6 + 2} <= set(found.rows.tolist())


def test_without_lists_everything_was_compared_exactly():
    found = nominate(Kept([], exact=[0.1, 0.3, 0.2]), np.ones(1), {}, {}, Reach(2, 10, 1))
    assert (sorted(found.rows.tolist()), found.probes, found.codes) == ([10**6 + 1, 10**6 + 2], {}, 0)


def test_of_equals_at_the_cut_the_first_rows_stay_wherever_they_came_from():
    rows, scores = np.array([9, 3, 5, 1, 7]), np.array([0.5, 0.9, 0.5, 0.5, 0.1], np.float32)
    assert sorted(cut(rows, scores, 3)[0].tolist()) == [1, 3, 5]
    assert sorted(cut(rows[::-1], scores[::-1], 3)[0].tolist()) == [1, 3, 5]
    assert cut(rows, scores, 9)[0].tolist() == rows.tolist()
