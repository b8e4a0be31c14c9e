"""The catalog gives the same rows however often it is asked, from whichever thread, and its memory does not grow."""

from __future__ import annotations

import gc
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from small import BUILT, prose, random_batch

from cascade.index import catalog, layout, segment
from cascade.index.catalog import Catalog
from cascade.index.segment import Segment


@pytest.fixture
def asked(fresh):
    """A catalog of 300 passages."""
    folder, batch = fresh(), random_batch(prose(300))
    imbalance = segment.write(folder, batch, BUILT, None)
    held = Segment(folder, segment.entry(folder, batch, 0, imbalance), BUILT, None)
    with closing(held), closing(Catalog([(folder / layout.PASSAGES, held.sums[layout.PASSAGES], len(held))])) as found:
        yield found


def locators(found):
    return [fact[catalog.LOCATOR] for fact in found]


def test_rows_are_the_same_before_and_after_the_connection_is_opened_anew(asked):
    rows = np.array([7, 250, 3, 99])
    before = asked.fetch(0, rows)
    for _ in range(catalog.RENEWED // 2):  # two statements each: renewed once
        assert asked.fetch(0, rows) == before
    assert len(before) == 4


def test_threads_that_ask_while_it_is_opened_anew_all_get_their_own_rows(asked):
    whole = asked.fetch(0, np.arange(300))

    def ask(seed):
        random = np.random.default_rng(seed)
        for _ in range(catalog.RENEWED // 6):
            rows = random.integers(0, 300, 5)
            assert asked.fetch(0, rows) == [whole[row] for row in rows.tolist()]
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))


def test_a_connection_that_was_replaced_is_let_go(asked):
    asked.fetch(0, np.arange(3))
    first = weakref.ref(asked._connection)
    for _ in range(catalog.RENEWED // 2):
        asked.fetch(0, np.arange(3))
    gc.collect()
    assert first() is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of this process")
def test_two_thousand_questions_leave_no_more_memory_than_one_connection_keeps(asked):
    random = np.random.default_rng(5)

    def anonymous():
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

    def ask(times):
        for _ in range(times):
            asked.fetch(0, random.integers(0, 300, 100))

    ask(600)
    before = anonymous()
    ask(2000)
    assert anonymous() - before < 6_000  # kilobytes; 10,000 and more without
