"""What an index holds already is recognised: content, place and embedded text."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small import record

from cascade.models.toy import ToyEncoder
from indexers.embed import Embedder, digests
from indexers.known import Keys, Known, Leaf, Seen, Sorted

HASHES = st.lists(st.integers(0, 40) | st.integers(2**64 - 3, 2**64 - 1), max_size=30).map(
    lambda values: np.array(values, dtype=np.uint64)
)


def leaf(name, records, alive=None):
    keys = Keys.of(records)
    count = len(records)
    hashes = digests([r.text for r in records])
    vectors = np.arange(count * 64).reshape(count, 64).astype(np.int8)
    return Leaf(name, keys, hashes, vectors, np.ones(count, bool) if alive is None else np.array(alive))


@given(HASHES, HASHES)
def test_a_sorted_column_finds_the_first_and_all_rows_of_a_value(values, wanted):
    column = Sorted(values)
    held = values.tolist()
    assert column.row(wanted).tolist() == [held.index(w) if w in held else -1 for w in wanted.tolist()]
    for value in wanted:
        assert column.rows(value).tolist() == [i for i, v in enumerate(held) if v == int(value)]


@given(st.lists(HASHES, max_size=6))
def test_places_met_before_are_known_in_this_batch_and_in_later_ones(batches):
    seen, met = Seen(), set()
    for batch in batches:
        expected = []
        for value in batch.tolist():
            expected.append(value in met)
            met.add(value)
        assert seen.add(batch).tolist() == expected
    assert seen.holds(np.arange(41, dtype=np.uint64)).tolist() == [value in met for value in range(41)]


def test_the_same_content_is_unchanged_and_deleted_content_is_not():
    old = [record("a", "one"), record("b", "two"), record("c", "three")]
    known = Known([leaf("s1", old[:2], [True, False]), leaf("s2", old[2:])])
    now = [*old, record("a", "one, changed"), record("d", "one")]
    assert known.unchanged(Keys.of(now)).tolist() == [True, False, True, False, False]


def test_content_deleted_in_one_segment_and_alive_in_another_is_unchanged():
    again = [record("a", "one")]
    known = Known([leaf("s1", again, [False]), leaf("s2", again)])
    assert known.unchanged(Keys.of(again)).tolist() == [True]


def test_every_live_row_of_a_changed_thing_is_replaced_once():
    old = [record("a", "one"), record("b", "two"), record("a", "one"), record("a", "dead")]
    known = Known([leaf("s1", old, [True, True, True, False])])
    keys = Keys.of([record("a", "new"), record("z", "new")])
    everything = np.ones(2, dtype=bool)
    assert {name: rows.tolist() for name, rows in known.replaced(keys, everything).items()} == {"s1": [0, 2]}
    assert known.replaced(keys, everything) == {}
    assert known.replaced(Keys.of([record("b", "new")]), np.zeros(1, dtype=bool)) == {}


def test_a_key_is_unique_in_its_file_and_not_elsewhere():
    one, moved = record("a.jsonl#1", "x", key="1"), record("a.jsonl#9", "x", key="1")
    other = record("b.jsonl#1", "x", key="1")
    assert one.place == moved.place != other.place


class Counting(ToyEncoder):
    """A toy encoder that remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def encode_passages(self, texts):
        self.asked += texts
        return super().encode_passages(texts)


def test_a_text_is_embedded_once_in_a_batch_and_between_batches():
    encoder = Counting()
    embedder = Embedder(encoder, np.eye(64, dtype=np.float32), Known())
    first = embedder.embed(["a", "b", "a"], digests(["a", "b", "a"]), None)
    second = embedder.embed(["c", "a", "b"], digests(["c", "a", "b"]), None)
    assert sorted(encoder.asked) == ["a", "b", "c"]
    assert np.array_equal(first[[0, 1]], second[[1, 2]])
    assert np.array_equal(first[0], first[2])
    assert (embedder.computed, embedder.reused) == (3, 3)


def test_a_vector_the_index_holds_is_taken_from_it():
    held = leaf("s1", [record("a", "one"), record("b", "two")], [False, True])
    encoder = Counting()
    embedder = Embedder(encoder, np.eye(64, dtype=np.float32), Known([held]))
    out = embedder.embed(["two", "one"], digests(["two", "one"]), None)
    assert np.array_equal(out, held.vectors[[1, 0]])
    assert encoder.asked == []
