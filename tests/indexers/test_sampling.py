"""A sample is drawn evenly over all of a source, is the same each time, and is no larger than it may be."""

from __future__ import annotations

import numpy as np
import pytest
from small import prose, record

from cascade.models.toy import ToyEncoder
from indexers.compact import wanted
from indexers.sampling import Sampler

ENCODER = ToyEncoder()
TURN = np.eye(ENCODER.dim, dtype=np.float32)
BYTES = 200 * ENCODER.dim


def sampled(records, expected=0, most=BYTES, batch=100):
    """A sampler that has read everything."""
    sampler = Sampler(ENCODER, TURN, expected, most)
    for begin in range(0, len(records), batch):
        sampler.take(records[begin : begin + batch])
    return sampler


def numbered(count):
    """Records of one of two words, the first half of the one, the rest of the other."""
    return [record(f"f{number}", "river" if number < count // 2 else "glacier") for number in range(count)]


@pytest.mark.parametrize("expected", [0, 3000])
def test_head_and_end_of_a_source_have_the_same_weight(expected):
    vectors = sampled(numbered(3000), expected).vectors()
    river = (vectors == vectors[0]).all(axis=1).sum()
    assert len(vectors) == 200
    assert 70 <= river <= 130


def test_the_order_of_reading_changes_nothing_but_the_order():
    forth, back = sampled(prose(900)), sampled(prose(900)[::-1], batch=37)
    assert sorted(map(bytes, forth.vectors())) == sorted(map(bytes, back.vectors()))


def test_it_tells_how_many_passages_there_are():
    assert abs(sampled(prose(3000)).passages - 3000) < 500
    assert sampled(prose(30)).passages == 30
    assert sampled(prose(300), expected=77).passages == 77


def test_a_small_source_is_its_own_sample():
    assert len(sampled(prose(150)).vectors()) == 150
    assert sampled([]).vectors().shape == (0, ENCODER.dim)
    assert sampled([record("a", " ")]).vectors().shape == (0, ENCODER.dim)


def test_lists_want_fifty_vectors_each_within_a_gigabyte():
    assert wanted(10_000_000, 256) == 50 * 16_384
    assert wanted(10**9, 256) == (1 << 30) // 256
