"""Where the best passages lead: by rare names, hop by hop, and never to what is deleted or filtered away."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from small import build, cut, prose, record

from cascade.index.analyzer import Analyzer
from cascade.index.bridges import RARE, TOPIC, Walk, _on, _two_best
from cascade.index.lexical import named
from cascade.index.rows import held, union
from cascade.models.toy import ToyEncoder
from cascade.models.vocabulary import Vocabulary
from cascade.stages.rerank import Rerank
from indexers.remove import remove

CHAIN = [
    record("ship", "Barque Quentorry river anchor: Ilsabet Vrandoom, boat harbour tide."),
    record("captain", "Organ melody chorus Ilsabet Vrandoom tempo sonata: Muskelbrook."),
    record("town", "Ledger audit Muskelbrook, budget mayor Hortense Zwill; bond."),
    record("mayor", "Glacier moraine Hortense Zwill, bees fault basalt."),
]
QUESTION = "bees of the mayor of the birthplace of the commander of the barque of Quentorry"


@pytest.fixture(scope="module")
def root(fresh):
    folder = fresh()
    build(folder, [*prose(300), *CHAIN], cut(100))
    return folder


@pytest.fixture
def walk(root, opened, eyes):
    def make(folder=root, question=QUESTION, **how):
        snapshot = opened(folder)
        probe = Rerank(snapshot, eyes(snapshot)).probe(question, snapshot.rotate(ToyEncoder().encode_query(question)))
        return snapshot, Walk(snapshot, Vocabulary(), probe, snapshot.named(question), **how)

    return make


def row_of(snapshot, locator):
    rows = np.flatnonzero(np.concatenate(snapshot.live))
    return next(row for row, one in zip(rows.tolist(), snapshot.read(rows), strict=True) if one.locator == locator)


def reached(walk, hops, **how):
    snapshot, made = walk(**how)
    found = made.run(np.array([row_of(snapshot, "ship")]), hops)
    assert found.rows.tolist() == sorted(set(found.rows.tolist()))
    assert ((found.strength >= 0) & (found.strength <= 1)).all()
    assert set(found.rows[found.strength == 0]) <= set(made._begin(np.array([row_of(snapshot, "ship")])).rows)
    names = [passage.locator for passage in snapshot.read(found.rows)]
    return {name: value for name, value in zip(names, found.strength.tolist(), strict=True) if value}


@pytest.mark.parametrize("hops", [0, 1, 2, 3])
def test_each_hop_reaches_the_next_link_of_the_chain(walk, hops):
    found = reached(walk, hops)
    assert [name in found for name in ("captain", "town", "mayor")] == [hops > n for n in range(3)]


def test_no_hop_begins_after_it_is_late(walk):
    snapshot, made = walk()
    clock = iter([False, False, True])
    found = made.run(np.array([row_of(snapshot, "ship")]), 4, lambda: next(clock))
    assert row_of(snapshot, "town") in found.rows
    assert row_of(snapshot, "mayor") not in found.rows


def test_the_next_link_is_the_strongest_of_its_hop(walk):
    found = reached(walk, 1)
    assert found["captain"] == max(found.values())


def test_all_links_of_the_best_chain_are_worth_as_much_as_its_end(fresh, walk):
    folder = fresh()
    build(folder, [*prose(60), *CHAIN, record("choir", "Tenor Ilsabet Vrandoom sang.")], cut(100))
    snapshot, made = walk(folder)
    found = made.run(np.array([row_of(snapshot, "ship")]), 3)
    worth = dict(zip((one.locator for one in snapshot.read(found.rows)), found.path.tolist(), strict=True))
    assert [worth[name] for name in ("ship", "captain", "town", "mayor")] == [1.0] * 4
    assert 0 < worth["choir"] < 1


def test_a_chain_goes_on_from_where_another_went_only_with_more_of_the_question(walk):
    snapshot, made = walk()
    captain = row_of(snapshot, "captain")
    reached = made._hop(made._begin(np.array([row_of(snapshot, "ship")])))
    before = {captain: 0.0}
    assert reached.rows[_on(reached, before)].tolist() == [captain]
    assert before[captain] > 0
    assert not len(_on(reached, before))


def test_words_of_the_question_and_common_words_lead_nowhere(walk):
    question = f"{QUESTION} Ilsabet Vrandoom"
    assert reached(walk, 1, question=question).keys() == {"town"}, "the captain, whom the question names, leads there"
    snapshot, _ = walk()
    assert [len(rows) for rows in snapshot.holders(["river", "unique7", "vrandoom"], RARE)] == [0, 0, 2]


@pytest.mark.parametrize("question", [QUESTION, QUESTION.lower()])
def test_a_chain_begins_at_the_rarest_name_of_the_question_though_others_are_nearer(walk, question):
    snapshot, made = walk(question=question)
    found = made.run(np.array([row_of(snapshot, "f00003")]), 1)
    assert row_of(snapshot, "captain") in found.rows
    beside, made = walk(question="the tide of the river")
    assert row_of(beside, "captain") not in made.run(np.array([row_of(beside, "f00003")]), 1).rows


def test_what_is_filtered_away_is_neither_reached_nor_passed_through(walk):
    snapshot, _ = walk()
    masks = [mask.copy() for mask in snapshot.live]
    number, _, local = next(snapshot.split(np.array([row_of(snapshot, "captain")])))
    masks[number][local] = False
    assert not {"captain", "town", "mayor"} & reached(walk, 3, allowed=masks).keys()


def test_what_is_deleted_is_not_reached(fresh, walk):
    folder = fresh()
    build(folder, [*prose(60), *CHAIN], cut(20))
    remove(folder, "locator = captain")
    assert not {"captain", "town", "mayor"} & reached(walk, 3, folder=folder).keys()


def test_a_name_is_a_word_with_a_capital_somewhere():
    analyzer = Analyzer("english")
    assert named("The boats of Lund. boats, Boats", analyzer) == {"the": True, "boat": True, "of": False, "lund": True}
    assert named(f"Lund {'x' * 100} sails", analyzer) == {"lund": True, "sail": False}
    assert named("", analyzer) == {}


def test_the_two_greatest_worths_of_each_pair_count_and_less_where_it_shares_a_topic():
    random = np.random.default_rng(5)
    leads, rows = random.integers(0, 4, 300), random.integers(0, 30, 300)
    worths = random.random(300)
    expected = defaultdict(list)
    for lead, row, worth in zip(leads.tolist(), rows.tolist(), worths.tolist(), strict=True):
        expected[lead, row].append(worth)
    found = _two_best(leads, rows, worths)
    assert list(zip(found[0].tolist(), found[1].tolist(), strict=True)) == sorted(expected)
    pairs = [sorted(expected[pair], reverse=True) for pair in sorted(expected)]
    assert max(map(len, pairs)) > TOPIC > min(map(len, pairs))
    wanted = [sum(worths[:2]) * min(1, TOPIC / len(worths)) for worths in pairs]
    np.testing.assert_allclose(found[2], wanted, rtol=1e-6)
    nothing = _two_best(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    assert [len(part) for part in nothing] == [0, 0, 0]


def test_sets_of_rows():
    random = np.random.default_rng(6)
    a, b = random.integers(0, 50, 40), random.integers(0, 50, 7)
    assert union(a, b).tolist() == np.union1d(a, b).tolist()
    assert union().tolist() == []
    assert held(np.unique(a), b).tolist() == np.isin(b, a).tolist()
    assert held(np.empty(0, np.int64), b).tolist() == [False] * 7
