"""What compaction plans, and that it changes where passages lie and nothing else."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from small import BUILT, build, cut, prose, texts

from cascade.index import vectors
from cascade.index.manifest import Entry, Generation, Grave, Manifest
from cascade.index.tokens import TokenBatch
from cascade.index.writer import Writer
from indexers.compact import Shape, compact, full, lists_for, plan, tier
from indexers.embed import Embedder, digests
from indexers.known import Known

SHAPE = Shape(exact=1000, most=400, small=3)


def manifest(*sizes, generation=0, trained=0, dead=(), imbalance=1.0):
    entries = tuple(Entry(f"s{i}", size, size, generation, 0, "", imbalance) for i, size in enumerate(sizes))
    graves = tuple(Grave(f"s{i}", 1, rows, "") for i, rows in dead)
    trainings = (Generation(generation, 64, trained, ""),) if generation else ()
    return Manifest(BUILT, "", "", generations=trainings, segments=entries, graves=graves)


def planned(made, thorough=False):
    found = plan(made, SHAPE, thorough)
    return [e.name for e in found.rewrite], found.train


@pytest.mark.parametrize(
    ("made", "rewrite", "train"),
    [
        (manifest(), [], False),
        (manifest(400, 400), [], False),
        (manifest(10, 10, 10), [], False),
        (manifest(10, 10, 10, 10, 400), ["s0", "s1", "s2", "s3"], False),
        (manifest(10, 60, 60, 7, 7, 7), [], False),
        (manifest(70, 7, 7, 400, 7, 7), ["s1", "s2", "s4", "s5"], False),
        (manifest(10, 10, 10, 7, 7, 7, 7, 70), ["s0", "s1", "s2", "s3", "s4", "s5", "s6"], False),
        (manifest(70, 70, 70, 60, 60, 60, 60), ["s0", "s1", "s2", "s3", "s4", "s5", "s6"], False),
        (manifest(70, 7, 70, 7, 70, 7, 70, 7), ["s1", "s3", "s5", "s7", "s0", "s2", "s4", "s6"], False),
        (manifest(70, 7, 7, 7, 60, dead=[(4, 54)]), ["s1", "s2", "s3", "s4"], False),
        (manifest(400, 300, dead=[(0, 81)]), ["s0"], False),
        (manifest(400, 300, dead=[(0, 80)]), [], False),
        (manifest(400, 300, dead=[(0, 41), (0, 40)]), ["s0"], False),
        (manifest(600, 400), [], False),
        (manifest(601, 400), ["s0", "s1"], True),
        (manifest(600, 600, generation=1, trained=600), [], False),
        (manifest(600, 600, generation=1, trained=149), ["s0", "s1"], True),
        (manifest(600, 600, generation=1, trained=700, imbalance=5.0), ["s0", "s1"], True),
        (manifest(600, 600, generation=1, trained=900, imbalance=5.0), [], False),
    ],
)
def test_the_plan(made, rewrite, train):
    assert planned(made) == (rewrite, train)


def test_a_thorough_plan_takes_every_dead_row_and_any_two_small_segments():
    assert planned(manifest(400, 300, dead=[(1, 1)]), thorough=True) == (["s1"], False)
    assert planned(manifest(10, 10, 400), thorough=True) == (["s0", "s1"], False)
    assert planned(manifest(10, 400), thorough=True) == ([], False)


@pytest.mark.parametrize("size", [1, 10, 100])
def test_thousands_of_small_additions_rewrite_each_passage_a_few_times_and_leave_tens_of_segments(size):
    shape, adds = Shape(), 20_000
    held, written, most = {}, 0, 0
    for number in range(adds):
        held[f"s{number}"] = size
        written += size
        for at, names in enumerate(full({n: held[n] for n in held if held[n] < shape.most // 4}, shape)):
            total = sum(held.pop(name) for name in names)
            held[f"m{number}-{at}"] = total
            written += total
        most = max(most, len(held))
    assert sum(held.values()) == adds * size
    levels = math.log(adds * size, shape.ratio)
    assert most <= shape.small * (levels + 1) + adds * size / (shape.most // 4)
    assert written / (adds * size) <= levels + 1


@pytest.mark.parametrize(("passages", "expected"), [(0, 0), (7, 0), (8, 1), (63, 1), (64, 2), (8**7 - 1, 6), (8**7, 7)])
def test_a_tier_ends_where_the_next_begins(passages, expected):
    assert tier(passages, 8) == expected


@pytest.mark.parametrize(("passages", "lists"), [(200_000, 2048), (1_000_000, 4096), (10**9, 131_072)])
def test_lists_are_about_four_roots_of_the_passages(passages, lists):
    assert lists_for(passages) == lists


def test_compaction_keeps_every_passage_and_its_vector(fresh, opened):
    root = fresh()
    build(root, prose(90), cut(9))
    before = opened(root)
    stored = {p.id: v for p, v in zip(before.read(np.arange(90)), before.vectors(np.arange(90)), strict=True)}
    told = []
    with Writer(root) as writer:
        assert compact(writer, Shape(exact=50, most=40), told=lambda *what: told.append(what)) == 10
    after = opened(root)
    assert [len(s) for s in after.segments] == [30, 30, 30]
    assert {s.entry.generation for s in after.segments} == {1}
    assert texts(after) == {r.locator: r.text for r in prose(90)}
    for passage, vector in zip(after.read(np.arange(90)), after.vectors(np.arange(90)), strict=True):
        assert np.array_equal(stored[passage.id], vector)
    assert told[0] == ("training 32 lists", 0, 32)
    assert told[-1] == ("organising", 90, 90)
    assert after.verify() == []


def test_passages_of_one_neighbourhood_lie_side_by_side(fresh, opened):
    """In the order of ingest topics alternate; in list order most neighbours are of one topic."""
    root = fresh()
    build(root, prose(300), cut(300, Shape(exact=100)))
    topics = [p.metadata["topic"] for p in opened(root).read(np.arange(300))]
    assert np.mean([a == b for a, b in pairwise(topics)]) > 0.8


def test_int8_keeps_cosines_to_a_hundredth():
    random = np.random.default_rng(6)
    unit = random.standard_normal((200, 256)).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    turned = unit @ vectors.rotation(256)
    np.testing.assert_allclose(turned @ turned.T, unit @ unit.T, atol=1e-5)
    kept = vectors.dequantize(vectors.quantize(turned))
    np.testing.assert_allclose(kept @ turned[0], turned @ turned[0], atol=0.01)


class Tokens:
    """An encoder that reads ids of the vocabulary: the vector says which came first."""

    name, dim, limit, fingerprint = "tokens", 4, 256, "tokens-1"

    def encode_tokens(self, tokens, offsets):
        out = np.zeros((len(offsets) - 1, 4), np.float32)
        out[np.arange(len(out)), tokens[offsets[:-1]]] = 1
        return out


def test_an_encoder_that_reads_tokens_is_given_those_of_the_texts_that_are_new():

    batch = TokenBatch.of([np.empty(0, np.uint16)] * 3, [np.array([i, 0], np.uint16) for i in (2, 1, 2)])
    embedder = Embedder(Tokens(), np.eye(4, dtype=np.float32), Known())
    out = embedder.embed(["x", "y", "x"], digests(["x", "y", "x"]), batch)
    assert out.argmax(axis=1).tolist() == [2, 1, 2]
