"""Rerank: the same ranking however a corpus lies on disk, ties by id, near-duplicates once, and fates with margins."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from small import LOOSE, TOPICS, build, cut, prose, record

from cascade.config import RerankConfig, RetrieveConfig
from cascade.data import Query
from cascade.index.fusion import Circumstance
from cascade.index.scan import Feature
from cascade.index.vectors import first
from cascade.ledger import Ledger
from cascade.models.toy import ToyEncoder, ToyScorer
from cascade.stages.eyes import hand_set
from cascade.stages.rerank import Rerank
from cascade.stages.retrieve import Retrieve
from cascade.stages.selecting import linked, stop
from indexers.compact import Shape
from indexers.remove import remove

COUNT = 420
QUESTIONS = ("river bridge boat", "genome unique77", "audit tariff 東京", "unique5", "basalt fault erosion quartz")


def ranked(snapshot, eyes, text, keep=10, select=False, *, wide=None, config=None, scorer=None, **how):
    rerank = Rerank(snapshot, eyes(snapshot), replace(config or RerankConfig(), keep=keep), scorer, select)
    return (Retrieve(snapshot, ToyEncoder(), wide) >> rerank).run(Query(text, Ledger(), **how))


def shown(ranking):
    return [(r.rank, r.passage.id, round(r.score, 4), round(r.relevance, 4)) for r in ranking.ranked]


@pytest.fixture(scope="module")
def corpora(fresh):
    """The same passages in one, three and seven segments, and in lists."""
    roots = {}
    for segments in (1, 3, 7):
        roots[segments] = fresh()
        build(roots[segments], prose(COUNT), cut(COUNT // segments))
    roots["lists"] = fresh()
    build(roots["lists"], prose(COUNT), cut(140, Shape(exact=300, small=10_000)))
    return roots


@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("select", [False, True])
def test_the_ranking_does_not_depend_on_how_the_corpus_lies(corpora, opened, eyes, text, select):
    one, *others = (shown(ranked(opened(root), eyes, text, 30, select)) for root in corpora.values())
    assert len(one) == 30
    for other in others:
        assert [row[1] for row in other] == [row[1] for row in one]
        np.testing.assert_allclose([row[2:] for row in other], [row[2:] for row in one], atol=2e-4)


def test_the_same_question_twice_is_the_same_to_the_last_bit(corpora, opened, eyes):
    snapshot = opened(corpora[3])
    once, again = (ranked(snapshot, eyes, "river bridge", 50) for _ in range(2))
    assert [(r.score, r.passage) for r in once.ranked] == [(r.score, r.passage) for r in again.ranked]


def test_the_switch_to_lists_cannot_be_seen_in_the_top_ten(corpora, opened, eyes):
    plain, lists = opened(corpora[1]), opened(corpora["lists"])
    kept = []
    for one in prose(COUNT)[::30]:
        text = " ".join(one.text.split()[:6])
        there = [p.id for p in ranked(plain, eyes, text).passages]
        here = [p.id for p in ranked(lists, eyes, text, wide=RetrieveConfig(width=COUNT - 20)).passages]
        kept.append(len(set(there) & set(here)) / 10)
    assert np.mean(kept) >= 0.97  # moments of the features are taken over the candidates


def test_search_gives_k_whenever_k_exist(corpora, opened, eyes):
    snapshot = opened(corpora["lists"])
    assert len(ranked(snapshot, eyes, "river", 200)) == 200
    assert len(ranked(snapshot, eyes, "river", 1000)) == COUNT
    for wide in (RetrieveConfig(), RetrieveConfig(width=60, exact_filtered=5, fewest=1, scanned=1)):
        for filter_, matching in (("topic = violin", 84), ("number < 7", 7), ("key = k400", 1), ("key = none", 0)):
            for select in (False, True):
                found = ranked(snapshot, eyes, "river bridge", 50, select, wide=wide, filter=filter_)
                assert len(found) == min(50, matching)


def test_a_word_of_its_own_brings_its_passage_to_the_top(corpora, opened, eyes):
    for number in (0, 123, 419):
        assert ranked(opened(corpora[7]), eyes, f"unique{number}").passages[0].key == f"k{number}"


def test_scores_fall_and_ranks_count_from_one(corpora, opened, eyes):
    found = ranked(opened(corpora[3]), eyes, "violin sonata", 40).ranked
    assert [r.rank for r in found] == list(range(1, 41))
    assert all(a.score >= b.score for a, b in pairwise(found))
    assert all(0 <= r.relevance <= 1 for r in found)


def test_ties_are_broken_by_passage_id_wherever_they_lie(fresh, opened, eyes):
    twins = [record(f"t{i}", "violin concert tonight") for i in range(40)]
    found = []
    for records, size in ((twins + prose(20), 7), (twins[::-1] + prose(20), 60)):
        root = fresh()
        build(root, records, cut(size))
        found.append([p.id for p in ranked(opened(root), eyes, "violin concert tonight", 12).passages])
    assert found[0] == found[1] == sorted(found[0])


def test_a_context_holds_near_duplicates_once_and_a_search_all_of_them(fresh, opened, eyes):
    root = fresh()
    build(root, [*(record(f"t{i}", "violin concert tonight") for i in range(9)), *prose(30)], cut(10))
    snapshot = opened(root)
    searched = ranked(snapshot, eyes, "violin concert tonight", 20)
    packed = ranked(snapshot, eyes, "violin concert tonight", 20, select=True)
    assert sum(p.locator.startswith("t") for p in searched.passages) == 9
    assert sum(p.locator.startswith("t") for p in packed.passages) == 1
    assert packed.query.ledger.entries[-1].notes["collapsed"] == 8


def test_a_floor_of_relevance_stops_a_context_but_not_a_search(corpora, opened, eyes):
    snapshot = opened(corpora[1])
    high = RerankConfig(floor=0.999)
    assert len(ranked(snapshot, eyes, "zzz", 10, select=True, config=high)) == 0
    assert len(ranked(snapshot, eyes, "zzz", 10, config=high)) == 10


def test_deleted_passages_are_never_ranked(fresh, opened, eyes):
    root = fresh()
    build(root, prose(60), cut(20))
    remove(root, "topic = glacier")
    found = ranked(opened(root), eyes, TOPICS[4], 60)
    assert len(found) == 48
    assert "glacier" not in {p.metadata["topic"] for p in found.passages}


@pytest.mark.parametrize("select", [False, True])
@pytest.mark.parametrize("scorer", [None, ToyScorer()])
def test_nothing_to_rank_is_an_empty_ranking(fresh, opened, eyes, select, scorer):
    root = fresh()
    build(root, [])
    assert len(ranked(opened(root), eyes, "river", select=select, scorer=scorer)) == 0


ODD = ["", "   ", "🙂", "\ud800", "[SEP] [CLS]", "a" * 5000, "river " * 600, "river " * 20_000]


@pytest.mark.parametrize("text", ODD)
def test_any_question_can_be_asked(corpora, opened, eyes, text):
    assert len(ranked(opened(corpora[3]), eyes, text, 5)) == 5


def test_a_judge_decides_among_the_best_and_says_who_it_was(corpora, opened, eyes):
    snapshot = opened(corpora[3])
    config = RerankConfig(judged=20, trust=1.0)
    found = ranked(snapshot, eyes, "river ferry tide", 30, config=config, scorer=ToyScorer())
    notes = found.query.ledger.entries[-1].notes
    assert (notes["judged"], notes["scorer"]) == (20, "toy")
    opinions = [float(ToyScorer().score("river ferry tide", [f"{p.name}\n{p.text}"])[0]) for p in found.passages[:20]]
    assert all(r.score <= max(o, 0.02) + 1e-6 for r, o in zip(found.ranked[:20], opinions, strict=True))
    assert all(a.score >= b.score for a, b in pairwise(found.ranked))


class Enthusiast:
    """Finds everything perfect."""

    name = "enthusiast"

    def score(self, query, passages):
        return np.ones(len(passages), dtype=np.float32)


def test_a_judge_may_not_raise_what_the_scan_found_irrelevant(corpora, opened, eyes):
    found = ranked(opened(corpora[3]), eyes, "zzz", 20, config=RerankConfig(trust=1.0), scorer=Enthusiast())
    assert max(r.relevance for r in found.ranked) < 0.02


def test_the_ledger_follows_the_candidates_through_scan_and_select(corpora, opened, eyes):
    found = ranked(opened(corpora[3]), eyes, "river bridge", 25)
    entries = [e.as_json() for e in found.query.ledger.entries]
    assert [(e["name"], e["in"], e["out"]) for e in entries] == [
        ("encode", 1, 1), ("retrieve", COUNT, COUNT), ("scan", COUNT, COUNT), ("feedback", COUNT, COUNT),
        ("select", COUNT, 25),
    ]  # fmt: skip
    assert all(e["bytes"] > 0 for e in entries[1:] if e["name"] != "feedback")


def fates(snapshot, eyes, text, keep=10, **how):
    """The fate at rerank of each of the first hundred passages."""
    names = tuple(p.id for p in snapshot.read(np.arange(100)))
    found = ranked(snapshot, eyes, text, keep, trace=names, **how)
    kept = {p.id: r.rank for p, r in zip(found.passages, found.ranked, strict=True)}
    told = [f for f in found.query.ledger.fates if f.stage == "rerank"]
    assert [f.passage for f in told] == list(names)
    return told, kept


def test_margins_are_positive_for_what_is_kept_and_negative_for_what_is_lost(corpora, opened, eyes):
    told, kept = fates(opened(corpora[1]), eyes, "unique7 violin river unique41")
    assert {f.passage for f in told if f.kept} == set(kept) & {f.passage for f in told}
    for fate in told:
        assert (fate.margin >= 0) is fate.kept
        assert fate.kept is (fate.rank <= 10)
        if fate.kept:
            assert fate.rank == kept[fate.passage]
        else:
            assert "below the best 10" in fate.why
        assert "dense" in fate.why


def test_a_near_duplicate_that_is_left_out_is_told_as_one(fresh, opened, eyes):
    root = fresh()
    build(root, [*(record(f"t{i}", "violin concert tonight") for i in range(3)), *prose(120)], cut(123))
    told, kept = fates(opened(root), eyes, "violin concert tonight", select=True)
    lost = [f for f in told if not f.kept and f.rank <= 3]
    assert len(lost) == 2
    assert all("repeats" in f.why for f in lost)
    assert kept


def test_what_was_no_candidate_was_not_seen_by_the_scan(corpora, opened, eyes):
    snapshot = opened(corpora[1])
    told, _ = fates(snapshot, eyes, "river bridge boat", wide=RetrieveConfig(width=30, lexical=0))
    unseen = [f for f in told if f.rank is None]
    assert unseen
    assert {(f.kept, f.score, f.margin, f.why) for f in unseen} == {(False, None, None, "was not among the candidates")}


def test_when_time_is_up_the_first_candidates_are_ranked_and_the_rest_said_to_be_unread(fresh, opened, eyes):
    root = fresh()
    build(root, (record(f"f{i}", f"{TOPICS[i % 5]} unique{i}") for i in range(4200)), cut(4200, LOOSE))
    snapshot = opened(root)
    names = tuple(p.id for p in snapshot.read(np.arange(0, 4200, 40)))
    found = ranked(snapshot, eyes, "river bridge unique40", deadline=0.0, trace=names)
    scan = next(e for e in found.query.ledger.entries if e.name == "scan")
    assert (scan.taken, scan.given, scan.notes["late"]) == (4200, 4096, True)
    assert len(found) == 10
    whys = {f.why for f in found.query.ledger.fates if f.stage == "rerank" and f.rank is None}
    assert whys <= {"was not read in time"}


def test_a_word_in_another_form_counts_by_its_stem(fresh, opened, eyes):
    """Stage one knows stems, the scan words as they are written: a question has one form, the passage another."""
    where = fresh()
    said = record("told", "the quorlexed zanbrick stood where the drenfells gathered", key="told")
    build(where, [*prose(60), said])
    snapshot = opened(where)
    by_stem = ranked(snapshot, eyes, "quorlexing zanbricks drenfell", 60)
    told = next(one for one in by_stem.ranked if one.passage.key == "told")
    assert told.rank == 1
    features = Rerank(snapshot, eyes(snapshot)).read(by_stem.candidates)[1].features
    at = int(np.flatnonzero(by_stem.candidates.rows == told.row)[0])
    assert features[at, Feature.STEMS] == np.nanmax(by_stem.candidates.lexical) > 0
    assert not features[np.isnan(by_stem.candidates.lexical), Feature.STEMS].any()


NO_TURN = np.zeros(len(Circumstance), np.float32)


def test_the_hand_set_fusion_is_a_weighted_sum_of_z_scores():
    random = np.random.default_rng(4)
    features = random.standard_normal((50, len(Feature))).astype(np.float32)
    features[:, Feature.COVERAGE] = 7
    z = (features - features.mean(0)) / features.std(0).clip(1e-9)
    c = RerankConfig()
    expected = (
        c.dense * z[:, 0] + c.bm25 * z[:, 1] + c.late * z[:, 2] + c.pairs * z[:, 4] + c.head * z[:, 5]
        + c.stems * z[:, 6] + c.echo * z[:, 7]
    )  # fmt: skip
    fusion = hand_set(c)
    np.testing.assert_allclose(fusion.scores(features, NO_TURN), expected, rtol=1e-4, atol=1e-5)
    assert fusion.scores(np.empty((0, len(Feature)), np.float32), NO_TURN).shape == (0,)
    assert fusion.scores(np.ones((1, len(Feature)), np.float32), NO_TURN).tolist() == [0.0]


def test_relevance_grows_with_every_feature_it_reads():
    fusion, nothing = hand_set(RerankConfig()), np.zeros((1, len(Feature)), np.float32)
    for feature in (Feature.DENSE, Feature.LATE, Feature.COVERAGE):
        more = nothing.copy()
        more[0, feature] = 1
        assert fusion.relevance(more)[0] > fusion.relevance(nothing)[0]
    assert fusion.relevance(nothing)[0] < 0.001
    assert fusion.relevance(np.ones((1, len(Feature)), np.float32))[0] > 0.95


def test_links_take_every_other_place_after_the_first_and_leave_the_rest_in_order():
    scores = np.arange(100, 0, -1).astype(np.float32)
    features = np.zeros((100, len(Feature)), np.float32)
    features[[80, 90], Feature.NAMED] = 1, 2
    raised = linked(scores, features, RerankConfig(first=5, titled=200), 2)
    assert np.argsort(-raised, kind="stable")[:9].tolist() == [0, 1, 2, 3, 4, 5, 90, 6, 80]
    assert [row for row in np.argsort(-raised, kind="stable").tolist() if row not in (80, 90)] == [
        row for row in range(100) if row not in (80, 90)
    ]
    assert linked(scores, features, RerankConfig(), 0).tolist() == scores.tolist()


def test_a_few_sure_links_go_to_early_places_and_the_others_wait():
    scores = np.arange(100, 0, -1).astype(np.float32) / 100
    features = np.zeros((100, len(Feature)), np.float32)
    features[70:77, Feature.BRIDGE] = np.linspace(1, 0.7, 7)
    features[80, Feature.BRIDGE] = 0.2
    raised = linked(scores, features, RerankConfig(early=2, first=20), 10)
    order = np.argsort(-raised, kind="stable").tolist()
    assert order[:11] == [0, 1, 2, 70, 3, 71, 4, 72, 5, 73, 6]
    assert order[24:33] == [20, 74, 21, 75, 22, 76, 23, 80, 24]
    assert [row for row in order if row < 70] == list(range(70))


def test_first_is_a_stable_sort_cut_short():
    random = np.random.default_rng(9)
    for keep in (0, 1, 7, 200, 500):
        scores = random.integers(0, 9, 200).astype(np.float32)
        assert first(scores, keep).tolist() == np.argsort(-scores, kind="stable")[:keep].tolist()


def test_what_a_filter_keeps_out_is_not_led_to(fresh, opened, eyes):
    root = fresh()
    build(root, [*CHAIN, *prose(400)], cut(100))
    snapshot, wide = opened(root), RetrieveConfig(width=8, lexical=4, exact_filtered=5, follow=20)
    for filter_, found in (("", True), ("title != \"Ottilie Brandauer\"", False)):
        retrieve = Retrieve(snapshot, ToyEncoder(), wide)
        rerank = Rerank(snapshot, eyes(snapshot), select=False)
        ranking = (retrieve >> rerank).run(Query("The Glass Harbour", Ledger(), filter=filter_))
        assert ("director" in {p.locator for p in ranking.passages}) == found
        assert ranking.candidates.rows.tolist() == sorted(set(ranking.candidates.rows.tolist()))


def test_the_stop_rule_takes_passages_until_they_hold_the_share_that_is_enough():
    relevance = np.array([0.5, 0.3, 0.1, 0.1], np.float32)
    assert [stop(relevance, enough) for enough in (0.4, 0.79, 0.81, 0.95, 1.0)] == [1, 2, 3, 4, 4]
    assert stop(np.empty(0, np.float32), 0.9) == 0


def test_a_context_stops_where_it_holds_enough_and_a_search_does_not(corpora, opened, eyes):
    snapshot = opened(corpora[1])
    whole = ranked(snapshot, eyes, "unique7 violin", 50, select=True)
    less = RerankConfig(enough=0.5)
    short = ranked(snapshot, eyes, "unique7 violin", 50, select=True, config=less)
    assert 1 <= len(short) < len(whole)
    assert [r.passage.id for r in short.ranked] == [r.passage.id for r in whole.ranked][: len(short)]
    assert len(ranked(snapshot, eyes, "unique7 violin", 50, config=less)) == 50


CHAIN = [
    record("film", "The Glass Harbour was directed by Ottilie Brandauer in 1962.", title="The Glass Harbour"),
    record("director", "Violin and sonata, a chorus and a quartet, organ and melody.", title="Ottilie Brandauer"),
]


def test_the_second_link_of_a_chain_is_found_by_what_the_first_one_names(fresh, opened, eyes):
    root = fresh()
    build(root, [*CHAIN, *prose(400)], cut(100))
    question = "glass harbour 1962"
    without = ranked(opened(root), eyes, question, 402, config=RerankConfig(believed=0, links=0))
    found = ranked(opened(root), eyes, question, 402)
    places = [[p.locator for p in ranking.passages].index("director") for ranking in (without, found)]
    assert found.passages[0].locator == "film"
    assert places[0] > 40
    assert places[1] < 25


def test_with_effort_high_the_best_nominate_what_was_no_candidate(fresh, opened, eyes):
    root = fresh()
    build(root, [*CHAIN, *prose(400)], cut(100))
    snapshot = opened(root)
    wide = RetrieveConfig(width=8, lexical=4, exact_filtered=5, follow=20)
    question = "director of The Glass Harbour"
    found = []
    for high in (False, True):
        retrieve = Retrieve(snapshot, ToyEncoder(), wide)
        rerank = Rerank(snapshot, eyes(snapshot), select=False, again=retrieve.again if high else None)
        ranking = (retrieve >> rerank).run(Query(question, Ledger()))
        found.append({p.locator for p in ranking.passages})
        names = [e.name for e in ranking.query.ledger.entries]
        assert (names.count("again"), names.count("feedback")) == (2 if high else 0, 1)
        assert ranking.candidates.rows.tolist() == sorted(set(ranking.candidates.rows.tolist()))
    assert "film" in found[0]
    assert found[0] < found[1]
    assert "director" in found[1]


def test_when_time_is_up_nothing_is_read_a_second_time(corpora, opened, eyes):
    found = ranked(opened(corpora[1]), eyes, "river bridge", deadline=0.0)
    feedback = next(e for e in found.query.ledger.entries if e.name == "feedback")
    assert feedback.notes["late"]
    assert len(found) == 10


def test_unknown_pieces_of_a_question_count_for_nothing(corpora, opened, eyes):
    snapshot = opened(corpora[1])
    seeing = eyes(snapshot)
    assert seeing.vocabulary.unknown in seeing.vocabulary.encode(["river \U0001f642 bridge"])[0]
    rerank = Rerank(snapshot, seeing)
    vector = np.zeros(snapshot.built.dim, dtype=np.float32)
    plain, strange = (rerank.probe(text, vector).sight for text in ("river bridge", "river \U0001f642 bridge"))
    assert np.array_equal(plain.idf, strange.idf)
    assert np.array_equal(plain.words.idf, strange.words.idf)
    assert np.array_equal(plain.exact, strange.exact)


def test_a_question_in_letters_that_are_not_known_goes_by_whole_words_and_not_by_vectors(corpora, opened, eyes):
    rerank = Rerank(opened(corpora[1]), eyes(opened(corpora[1])))
    bridge = "\u043c\u043e\u0441\u0442 \u0447\u0435\u0440\u0435\u0437 \u0440\u0435\u043a\u0443"
    probe = rerank.probe(bridge, np.zeros(8, np.float32))
    features = np.zeros((3, len(Feature)), dtype=np.float32)
    features[0, Feature.DENSE] = features[1, Feature.LATE] = 1.0
    features[2, Feature.BM25] = 0.1
    assert probe.legible == 0
    assert np.argmax(rerank._fused(features, probe)) == 2


def test_stems_weigh_more_in_a_foreign_question(corpora, opened, eyes):
    own = eyes(opened(corpora[1]))._replace(fusion=hand_set(RerankConfig()))
    rerank = Rerank(opened(corpora[1]), own)
    probe = rerank.probe("river boat anchor", np.zeros(8, np.float32))
    features = np.zeros((4, len(Feature)), dtype=np.float32)
    features[0, Feature.STEMS] = features[1, Feature.LATE] = 1.0
    known, strange = (rerank._fused(features, replace(probe, foreign=degree)) for degree in (0.0, 1.0))
    assert probe.foreign == 0
    assert known[1] > known[0] and strange[0] > strange[1]


def test_words_that_lose_their_accents_are_not_looked_for_where_most_of_a_question_is_such(corpora, opened, eyes):
    rerank = Rerank(opened(corpora[1]), eyes(opened(corpora[1])))
    foreign = "th\u1ecb tr\u01b0\u1edfng c\u1ee7a river"
    probe, alone = (rerank.probe(text, np.zeros(8, np.float32)) for text in (foreign, "river"))
    assert probe.asked.tolist() == alone.asked.tolist()
    assert 0 < probe.legible < alone.legible == 1
    assert probe.foreign == 1 > alone.foreign == 0
    few = rerank.probe("river bo\u00e1t anchor tide", np.zeros(8, np.float32))
    assert len(few.asked) > len(rerank.probe("river anchor tide", np.zeros(8, np.float32)).asked)


@pytest.mark.parametrize(("deadline", "lies"), [(None, True), (60.0, True), (1.5, False)])
def test_candidates_are_read_as_they_lie_unless_time_is_scarce(corpora, opened, eyes, deadline, lies):
    rerank = Rerank(opened(corpora[1]), eyes(opened(corpora[1])))
    retrieve = Retrieve(rerank.snapshot, ToyEncoder())
    found = retrieve.run(Query("a boat at the river bridge", Ledger(), deadline=deadline))
    _, scored = rerank.read(found)
    assert set(scored.rows.tolist()) >= set(found.rows.tolist())
    with found.query.ledger.stage("scan") as entry:
        first = rerank._scan(found, rerank.probe(found.query.sought, found.vector), entry).rows
    assert np.array_equal(first, np.sort(found.rows)) == lies
    assert sorted(first.tolist()) == sorted(found.rows.tolist())
