"""Retrieve: a small index is searched whole, a large one in lists without a seam, and filters never starve."""

from __future__ import annotations

import numpy as np
import pytest
from small import TOPICS, build, cut, prose, record

from cascade.config import RetrieveConfig
from cascade.data import Query
from cascade.errors import BadFilter, NoPassage
from cascade.index import vectors
from cascade.ledger import Ledger
from cascade.models.toy import ToyEncoder
from cascade.stages.retrieve import Retrieve
from indexers.compact import Shape
from indexers.remove import remove

COUNT = 900
LISTED = Shape(exact=300, small=10_000)


@pytest.fixture(scope="module")
def exact(fresh):
    """900 passages in three segments, without lists."""
    root = fresh()
    build(root, prose(COUNT), cut(300))
    return root


@pytest.fixture(scope="module")
def listed(fresh):
    """The same 900 passages, in lists."""
    root = fresh()
    build(root, prose(COUNT), cut(300, LISTED))
    return root


@pytest.fixture(scope="module")
def clustered(fresh):
    """800 passages of one topic and 40 of another, in lists: a filter can match in few lists only."""
    topics = [TOPICS[0]] * 800 + [TOPICS[3]] * 40
    root = fresh()
    build(
        root,
        (
            record(f"f{i}", f"{' '.join(topic.split()[i % 5:])} unique{i}", metadata={"rare": i >= 800})
            for i, topic in enumerate(topics)
        ),
        cut(420, LISTED),
    )
    return root


def retrieved(snapshot, text, config=None, **how):
    query = Query(text, Ledger(), **how)
    return Retrieve(snapshot, ToyEncoder(), config).run(query)


def locators(snapshot, rows):
    return [p.locator for p in snapshot.read(np.asarray(rows, dtype=np.int64))]


def ids(snapshot, rows):
    return [p.id for p in snapshot.read(np.asarray(rows, dtype=np.int64))]


def best(found, count):
    order = np.lexsort((found.rows, -found.dense))
    return found.rows[order[:count]]


def test_fewer_passages_than_the_width_are_all_candidates(exact, opened):
    snapshot = opened(exact)
    found = retrieved(snapshot, "river bridge")
    assert found.rows.tolist() == list(range(COUNT))
    assert not np.isnan(found.dense).any()
    assert np.isnan(found.lexical).sum() == COUNT - COUNT // 5


def test_dense_scores_are_the_cosines_of_the_stored_vectors(exact, opened):
    snapshot = opened(exact)
    found = retrieved(snapshot, "violin concert")
    query = ToyEncoder().encode_query("violin concert")
    texts = [f"{p.title}\n{p.text}" for p in snapshot.read(found.rows[:50])]
    expected = ToyEncoder().encode_passages(texts) @ query
    np.testing.assert_allclose(found.dense[:50], expected, atol=0.02)


def test_with_every_list_probed_the_best_are_those_of_exact_search(exact, listed, opened):
    plain, lists = opened(exact), opened(listed)
    assert [e.generation for e in lists.manifest.segments] == [1] * len(lists.segments)
    everything = RetrieveConfig(width=400, fewest=10_000)
    for text in ("river bridge boat", "genome receptor", "audit tariff budget", "basalt fault"):
        there = ids(plain, best(retrieved(plain, text), 20))
        found = retrieved(lists, text, everything)
        assert len(found) >= 400
        assert set(there) <= set(ids(lists, found.rows))


def test_default_probing_keeps_nearly_all_of_the_exact_best(exact, listed, opened):
    plain, lists = opened(exact), opened(listed)
    config = RetrieveConfig(width=400, fewest=32)
    kept = []
    for number in range(0, COUNT, 45):
        text = plain.read(np.array([number]))[0].text
        there = ids(plain, best(retrieved(plain, text), 10))
        kept.append(len(set(there) & set(ids(lists, retrieved(lists, text, config).rows))) / 10)
    assert np.mean(kept) >= 0.95


def test_the_union_is_cut_without_losing_the_top_of_either_list(listed, opened):
    snapshot = opened(listed)
    config = RetrieveConfig(width=60, lexical=60, fewest=10_000)
    found = retrieved(snapshot, "unique500 river", config)
    assert len(found) == 60
    assert np.all(np.diff(found.rows) > 0)
    everything = retrieved(snapshot, "unique500 river", RetrieveConfig(width=COUNT, lexical=60))
    top_by_words = everything.rows[np.nanargmax(everything.lexical)]
    assert top_by_words in found.rows
    assert locators(snapshot, [top_by_words]) == ["f00500"]
    assert (~np.isnan(found.dense)).sum() >= 30


def test_deleted_passages_are_no_candidates_by_vectors_or_words(fresh, opened):
    for shape in (Shape(small=10_000), LISTED):
        root = fresh()
        build(root, prose(400), cut(200, shape))
        remove(root, "topic = river or key = k1")
        snapshot = opened(root)
        for config in (None, RetrieveConfig(width=200, fewest=10_000)):
            found = retrieved(snapshot, "river bridge unique1 unique0 violin", config)
            names = set(locators(snapshot, found.rows))
            assert not names & {r.locator for r in prose(400) if r.metadata["topic"] == "river" or r.key == "k1"}


@pytest.mark.parametrize(
    "config", [None, RetrieveConfig(exact_filtered=10), RetrieveConfig(exact_filtered=10, fewest=2)]
)
@pytest.mark.parametrize("filter_", ["topic = violin", "number >= 880", "number < 3", "topic = river and number < 450"])
def test_filtered_candidates_are_exactly_those_that_match(listed, opened, config, filter_):
    snapshot = opened(listed)
    wide = RetrieveConfig() if config is None else config
    found = retrieved(snapshot, "river bridge", wide, filter=filter_)
    matching = np.concatenate(snapshot.matching(filter_)).nonzero()[0]
    assert found.rows.tolist() == matching.tolist()


def test_a_filter_that_matches_only_far_from_the_question_still_fills(clustered, opened):
    snapshot = opened(clustered)
    config = RetrieveConfig(width=30, lexical=0, exact_filtered=10, fewest=1, scanned=1)
    found = retrieved(snapshot, TOPICS[0], config, filter="rare = true")
    assert len(found) == 30
    assert {int(name[1:]) >= 800 for name in locators(snapshot, found.rows)} == {True}


def test_a_filter_that_matches_nothing_gives_nothing(exact, opened):
    assert len(retrieved(opened(exact), "river", filter="key = nobody")) == 0
    with pytest.raises(BadFilter):
        retrieved(opened(exact), "river", filter="key =")


def test_the_ledger_counts_what_went_in_and_out(listed, opened):
    snapshot = opened(listed)
    found = retrieved(snapshot, "river bridge", RetrieveConfig(width=100, lexical=50))
    encode, retrieve = (entry.as_json() for entry in found.query.ledger.entries)
    assert (encode["name"], encode["in"], encode["out"]) == ("encode", 1, 1)
    assert (retrieve["name"], retrieve["in"], retrieve["out"]) == ("retrieve", COUNT, len(found))
    assert (retrieve["dense"], retrieve["lexical"]) == (100, 50)
    assert 0 < retrieve["bytes"] < COUNT * 64


def fate(snapshot, text, locator, config, **how):
    (row,) = (int(r) for r in np.concatenate(snapshot.matching(f"locator = {locator}")).nonzero()[0])
    passage = snapshot.read(np.array([row]))[0].id
    found = retrieved(snapshot, text, config, trace=(passage,), **how)
    (told,) = found.query.ledger.fates
    assert (told.stage, told.passage) == ("retrieve", passage)
    assert told.kept == (row in found.rows)
    return told


def test_a_passage_that_both_lists_nominate_has_the_better_rank(exact, opened):
    told = fate(opened(exact), "river bridge boat unique15", "f00015", None)
    assert (told.kept, told.rank) == (True, 1)
    assert "words (rank 1)" in told.why


def test_the_nearest_passage_is_kept_by_its_distance_from_the_last(exact, opened):
    snapshot = opened(exact)
    config = RetrieveConfig(lexical=0)
    text = snapshot.read(np.array([15]))[0].text
    told = fate(snapshot, text, "f00015", config)
    found = retrieved(snapshot, text, config)
    assert (told.kept, told.rank) == (True, 1)
    assert told.score == pytest.approx(found.dense.max())
    assert told.margin == pytest.approx(found.dense.max() - found.dense.min())


def test_a_passage_kept_by_words_alone_has_a_margin_among_words(listed, opened):
    config = RetrieveConfig(width=100, lexical=10, fewest=1, scanned=1)
    told = fate(opened(listed), f"{TOPICS[0]} unique1", "f00001", config)
    assert told.kept
    assert told.margin >= 0
    assert told.why == "nominated by words (rank 1)"


def test_a_passage_whose_list_was_not_probed_was_lost_by_the_lists_distance(clustered, opened):
    config = RetrieveConfig(width=30, lexical=0, fewest=1, scanned=1)
    told = fate(opened(clustered), TOPICS[0], "f820", config)
    assert (told.kept, told.rank) == (False, None)
    assert told.margin < 0
    assert "only 1 were probed" in told.why


def test_a_passage_in_a_probed_list_was_lost_to_nearer_ones(listed, opened):
    config = RetrieveConfig(width=20, lexical=0, fewest=10_000)
    told = fate(opened(listed), "river bridge", "f00001", config)
    assert (told.kept, told.rank) == (False, None)
    assert told.margin < 0
    assert told.why.endswith("was probed")


def test_a_passage_cut_from_the_union_was_lost_by_its_better_list(exact, opened):
    snapshot = opened(exact)
    losers = []
    for number in range(0, 200, 5):
        told = fate(snapshot, "river bridge boat", f"f{number:05d}", RetrieveConfig(width=40, lexical=40))
        assert (told.margin >= 0) if told.kept else (told.margin <= 0)
        losers += [told.why] if told.rank and not told.kept else []
    assert losers
    assert all("but cut: the union holds more than 40" in why for why in losers)


def test_a_passage_the_filter_excludes_is_lost_to_the_filter(exact, opened):
    told = fate(opened(exact), "river", "f00000", None, filter="topic = violin")
    assert (told.kept, told.margin, told.why) == (False, None, "does not match the filter")


def test_a_passage_that_does_not_exist_cannot_be_followed(exact, opened):
    for name in ("nonsense", "0" * 32 + "-0", "abc-1", ""):
        with pytest.raises(NoPassage):
            retrieved(opened(exact), "river", trace=(name,))


def test_words_that_are_late_are_left_out_and_the_ledger_says_so(exact, opened):
    snapshot = opened(exact)
    many = " ".join(f"unique{i} topic{i}" for i in range(40_000))
    found = retrieved(snapshot, many, RetrieveConfig(lexical_seconds=0.0))
    assert found.query.ledger.entries[-1].notes["late"] is True
    assert np.isnan(found.lexical).all()
    assert len(found) == COUNT


def test_an_empty_index_has_no_candidates(fresh, opened):
    root = fresh()
    build(root, [])
    assert len(retrieved(opened(root), "river")) == 0
    assert len(retrieved(opened(root), "river", filter="key = x")) == 0


@pytest.mark.parametrize(
    ("history", "asked"),
    [
        ((), "and then?"),
        (("Who built it?",), "Who built it?\nand then?"),
        (("Who built it?", "Eiffel."), "Who built it?\nand then?"),
        (("user: Who built it?", "assistant: Eiffel."), "Who built it?\nand then?"),
        (("first", "a", "second", "b"), "second\nand then?"),
    ],
)
def test_a_question_is_asked_with_what_was_said_before(history, asked):
    assert Query("and then?", Ledger(), history=history).sought == asked


def test_exact_cosines_do_not_depend_on_which_rows_are_asked():
    random = np.random.default_rng(0)
    stored = random.integers(-127, 127, (50, 64)).astype(np.int8)
    vector = random.standard_normal(64).astype(np.float32)
    rows = np.array([7, 3, 49])
    np.testing.assert_allclose(vectors.exact(stored, vector)[rows], vectors.exact(stored, vector, rows), rtol=1e-5)
    slow = stored.astype(np.float64) @ vector.astype(np.float64) * vectors.step(64)
    np.testing.assert_allclose(vectors.exact(stored, vector), slow, rtol=1e-4, atol=1e-5)
