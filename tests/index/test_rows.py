"""Sets and orders of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascade.index.rows import descending, held, union

PAIRS = st.tuples(st.integers(0, 50), st.floats(-4, 4, width=32))
SCORES = st.lists(PAIRS, max_size=40, unique_by=lambda pair: pair[0])


@given(SCORES, st.sampled_from([0, 1 << 31, 1 << 40]))
def test_rows_stand_by_score_and_equals_by_row(pairs, base):
    rows = np.array([row + base for row, _ in pairs], dtype=np.int64)
    scores = np.array([score for _, score in pairs], dtype=np.float32)
    order = descending(rows, scores).tolist()
    wanted = sorted(range(len(pairs)), key=lambda at: (-float(scores[at]), int(rows[at]), at))
    assert [(scores[at], rows[at]) for at in order] == [(scores[at], rows[at]) for at in wanted]


def test_zero_and_minus_zero_are_equals():
    assert descending(np.array([3, 2, 1]), np.array([0.0, -0.0, 0.0], np.float32)).tolist() == [2, 1, 0]


@pytest.mark.parametrize("parts", [((),), ((3, 1), (2, 3)), ((), (5,))])
def test_a_union_has_each_row_once_and_in_order(parts):
    found = union(*(np.array(part, np.int64) for part in parts))
    assert found.tolist() == sorted({row for part in parts for row in part})


def test_what_is_held_is_told_for_each_that_is_asked_for():
    assert held(np.array([1, 4, 9]), np.array([9, 2, 1, 10])).tolist() == [True, False, True, False]
    assert held(np.empty(0, np.int64), np.array([1])).tolist() == [False]
