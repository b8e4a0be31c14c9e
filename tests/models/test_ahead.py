"""Questions that wait are encoded with the first of them, once, and give what they give alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np

from cascade.models.ahead import MOST, Ahead
from cascade.models.minilm import MiniLM
from cascade.models.static import Static


class Counted:
    """Encodes a text as its length, and keeps the batches it was given."""

    def __init__(self):
        self.batches = []

    def __call__(self, texts):
        self.batches.append(list(texts))
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def test_what_nobody_expects_is_encoded_alone():
    counted = Counted()
    ahead = Ahead(counted)
    assert [ahead.vector(text)[0] for text in ("a", "bcd")] == [1, 3]
    assert counted.batches == [["a"], ["bcd"]]


def test_what_is_expected_is_encoded_with_the_first_and_not_again():
    counted = Counted()
    ahead = Ahead(counted)
    with ahead.expect("bb"), ahead.expect("a"), ahead.expect("ccc"):
        assert [ahead.vector(text)[0] for text in ("a", "bb", "ccc", "bb")] == [1, 2, 3, 2]
    assert counted.batches == [["a", "bb", "ccc"]]


def test_the_same_text_expected_twice_stays_until_both_are_over():
    counted = Counted()
    ahead = Ahead(counted)
    with ahead.expect("aa"):
        with ahead.expect("aa"):
            ahead.vector("aa")
        ahead.vector("aa")
    ahead.vector("aa")
    assert counted.batches == [["aa"], ["aa"]]
    assert (ahead._ready, dict(ahead._expected)) == ({}, {})


def test_a_batch_is_no_larger_than_is_worth_it():
    counted = Counted()
    ahead = Ahead(counted)
    with ExitStack() as stack:
        for number in range(40):
            stack.enter_context(ahead.expect(f"t{number}"))
        ahead.vector("t39")
    assert len(counted.batches[0]) == MOST


def test_a_failure_reaches_who_asked_and_the_next_is_tried_anew():
    def fails(texts):
        if len(texts) > 1:
            raise MemoryError("too many")
        return np.ones((1, 1), dtype=np.float32)

    ahead = Ahead(fails)
    with ahead.expect("a"):
        with ahead.expect("b"):
            try:
                ahead.vector("a")
                raise AssertionError("the failure was kept")
            except MemoryError:
                pass
        assert ahead.vector("a")[0] == 1


def test_threads_that_ask_at_once_all_get_their_own():
    counted = Counted()
    ahead = Ahead(counted)
    begin = threading.Barrier(8)

    def ask(number):
        text = "x" * number
        with ahead.expect(text):
            begin.wait(10)
            return ahead.vector(text)[0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(1, 9))) == list(range(1, 9))
    assert len(counted.batches) < 8
    assert ahead._ready == {}


def test_minilm_and_static_give_together_what_they_give_alone():
    texts = ["When does the ferry leave?", "", "zlib.crc32", "how high is the lighthouse at skagen " * 60]
    for encoder in (MiniLM(), Static()):
        alone = [encoder.encode_query(text) for text in texts]
        with ExitStack() as stack:
            for text in texts:
                stack.enter_context(encoder.expect(text))
            together = [encoder.encode_query(text) for text in texts]
        np.testing.assert_allclose(together, alone, atol=1e-6)
