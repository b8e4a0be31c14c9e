"""Segments are spread evenly by bytes, stay where they are, and no node holds two copies of one shard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cascade.errors import BadConfig
from cascade.index.manifest import Entry
from indexers.cluster.machines import Node
from indexers.cluster.placement import enough, seat, spread, weights


def entries(*sizes: int) -> list[Entry]:
    """Segments of so many bytes."""
    return [Entry(f"{number:08d}", 1, 1, 0, size, "") for number, size in enumerate(sizes, 1)]


@given(st.lists(st.integers(1, 1_000), max_size=40), st.integers(1, 8))
def test_no_shard_is_much_fuller_than_it_must_be(sizes: list[int], shards: int) -> None:
    held = spread(entries(*sizes), shards)
    filled = weights(entries(*sizes), held)
    assert sorted(held) == [entry.name for entry in entries(*sizes)]
    assert len(filled) == min(shards, len(sizes))
    best = max([sum(sizes) / shards, *sizes], default=0)
    assert max(filled.values(), default=0) <= best * 4 / 3 + 1_000 / 3


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=20), st.lists(st.integers(1, 1_000), max_size=20))
def test_segments_stay_where_they_were(old: list[int], new: list[int]) -> None:
    before = spread(entries(*old), 3)
    after = spread(entries(*old, *new), 3, before)
    assert {name: after[name] for name in before} == before


def test_a_new_segment_goes_where_there_is_least() -> None:
    before = {"00000001": 0, "00000002": 1}
    assert spread(entries(10, 30, 5), 2, before)["00000003"] == 0


def test_a_node_holds_one_copy_and_the_least_full_is_taken() -> None:
    nodes = [Node("a", 100), Node("b", 200), Node("c", 150)]
    assert seat(50, nodes, {}, ()) == "b"
    assert seat(50, nodes, {"b": 100}, ()) == "c"
    assert seat(50, nodes, {}, ("b",)) == "c"
    assert seat(50, nodes, {"a": 400, "b": 400, "c": 300}, ()) == "b"
    assert seat(50, [Node("a", 10_000), Node("b", 10_400)], {"b": 50}, ()) == "a"
    assert seat(50, nodes, {}, ("a", "b", "c")) is None


def test_more_copies_than_nodes_are_refused() -> None:
    enough([Node("a", 1), Node("b", 1)], 2)
    with pytest.raises(BadConfig, match="3 replicas need as many nodes"):
        enough([Node("a", 1), Node("b", 1)], 3)
