"""The engine: the cascade in the order written, over one snapshot until refreshed, with the models of its index."""

from __future__ import annotations

import os
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import TOPICS, build, cut, prose, record

from cascade.config import Config, RetrieveConfig
from cascade.data import Effort
from cascade.engine import Engine
from cascade.errors import BadFilter, Cancelled, NoIndex, NoPassage, UsageError, WrongEncoder
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.ledger import Ledger
from cascade.models.toy import ToyEncoder, ToyReader
from indexers.remove import remove

FACT = "The harbour master of Lothair is called Brannoc Vey."


class Newer(ToyEncoder):
    fingerprint = "toy-2"


@pytest.fixture(scope="module")
def root(fresh):
    where = fresh()
    build(where, [*prose(120), record("fact", FACT, title="Harbours", key="fact")], cut(50))
    return where


@pytest.fixture
def engine(root):
    opened = Engine.open(root, Config(threads=2), ToyEncoder(), ToyReader())
    yield opened
    opened.close()


def test_a_search_gives_the_k_best_passages(engine):
    found = engine.search("Who is the harbour master of Lothair?", 5)
    assert found.passages[0].text == FACT
    assert (len(found), [r.rank for r in found.ranked]) == (5, [1, 2, 3, 4, 5])
    assert len(engine.search("river", 1_000)) == 121


def test_an_answer_cites_the_passage_it_rests_on(engine):
    answer = engine.ask("What is the harbour master of Lothair called?")
    assert "Brannoc Vey" in answer.answer
    assert [r.passage.key for r in answer.citations[0].block.ranked] == ["fact"]
    stages = [entry.name for entry in answer.query.ledger.entries]
    assert stages == ["encode", "retrieve", "scan", "feedback", "select", "pack", "generate"]


def test_what_is_written_is_what_runs(engine):
    assert repr(engine.path(engine.query("x"))).split(" >> ")[:2] == ["Retrieve(width=30,000)", "Rerank(keep=117)"]
    assert repr(engine.ranking(3)) == "Retrieve(width=30,000) >> Rerank(keep=3)"


def test_a_passage_is_explained_through_the_stages_up_to_the_one_that_lost_it(engine):
    best = engine.search(FACT, 1).passages[0].id
    fates = engine.explain(FACT, best)
    assert [(f.stage, f.kept) for f in fates] == [("retrieve", True), ("rerank", True), ("pack", True)]
    worst = engine.search(FACT, 121).passages[-1].id
    lost = next(f for f in engine.explain(FACT, worst) if not f.kept)
    assert (lost.stage, lost.rank) == ("rerank", 121)
    assert lost.margin < 0
    with pytest.raises(NoPassage):
        engine.explain(FACT, "0" * 32 + "-0")


def test_a_filter_holds_through_the_whole_path(engine):
    found = engine.search("harbour", 50, filter="topic = violin")
    assert {p.metadata["topic"] for p in found.passages} == {"violin"}
    assert len(found) == 24
    assert len(engine.search("harbour", filter="topic = nothing")) == 0
    assert engine.ask("harbour?", filter="topic = nothing").abstained
    with pytest.raises(BadFilter):
        engine.search("harbour", filter="topic =")


def test_one_snapshot_is_seen_until_it_is_refreshed(fresh):
    where = fresh()
    build(where, prose(10), cut(5))
    engine = Engine.open(where, Config(), ToyEncoder(), ToyReader())
    assert engine.refresh() is False
    gone = engine.search("unique3", 1).passages[0]
    remove(where, "key = k3")
    build(where, [record("new", FACT)])
    assert engine.search("unique3", 1).passages[0] == gone
    assert engine.refresh() is True
    assert gone.id not in [p.id for p in engine.search("unique3", 20).passages]
    assert engine.search(FACT, 1).passages[0].locator == "new"
    with pytest.raises(NoPassage):
        engine.passage(gone.id)
    engine.close()


def test_a_snapshot_goes_with_its_files_when_nobody_uses_it_after_a_refresh(fresh):
    where, old = fresh(), []
    build(where, prose(10), cut(5))
    engine = Engine.open(where, Config(), ToyEncoder(), ToyReader())
    with ThreadPoolExecutor(3) as pool:
        for number in range(5):
            list(pool.map(lambda n: engine.search(f"unique{n}", 1), range(6)))
            old.append(weakref.ref(engine.snapshot))
            held = engine.snapshot if number == 2 else None
            build(where, [record(f"new{number}", FACT)])
            assert engine.refresh()
            if held:
                assert len(held.read(held.rows_of(bytes.fromhex(held.read(np.array([0]))[0].record)))) == 1
    del held
    assert [one() for one in old] == [None] * 5
    files = Path("/proc/self/fd")
    if files.exists():
        inside = [path for path in map(os.path.realpath, files.iterdir()) if path.startswith(f"{where}{os.sep}")]
        assert len(inside) <= 4 * len(engine.snapshot.segments)
    engine.close()


class Slow(ToyEncoder):
    """Keeps the thread called `first` waiting in the middle of its refresh."""

    def __init__(self):
        self.there, self.go = threading.Event(), threading.Event()

    @property
    def fingerprint(self):
        if threading.current_thread().name == "first":
            self.there.set()
            self.go.wait(20)
        return "toy-1"


def test_of_two_refreshes_at_once_the_newest_commit_stays(fresh):
    where, encoder = fresh(), Slow()
    build(where, prose(10), cut(5))
    engine = Engine.open(where, Config(), encoder, ToyReader())
    build(where, [record("new", FACT)])
    threads = [threading.Thread(target=engine.refresh, name=name) for name in ("first", "second")]
    threads[0].start()
    assert encoder.there.wait(20)
    build(where, [record("newer", FACT)])
    threads[1].start()
    threads[1].join(1)
    encoder.go.set()
    for thread in threads:
        thread.join(20)
    assert engine.snapshot.manifest == manifests.read(Layout(where))
    engine.close()


def test_threads_share_an_engine_and_get_the_same(engine):
    questions = [topic.split()[i] for topic in TOPICS for i in range(4)]
    alone = [[(r.passage.id, r.score) for r in engine.search(q, 5).ranked] for q in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda q: [(r.passage.id, r.score) for r in engine.search(q, 5).ranked], questions))
    assert together == alone


def test_an_index_is_opened_with_the_encoder_it_was_built_with(root, tmp_path):
    with pytest.raises(WrongEncoder, match=r"was built with toy .*toy-1.* but toy .*toy-2"):
        Engine.open(root, encoder=Newer())
    with pytest.raises(NoIndex):
        Engine.open(tmp_path)
    named = Engine.open(root)
    assert named.encoder.name == "toy"
    named.close()


def test_effort_widens_the_search(engine):
    widths = {e: (engine.retrieve(e).config.width, engine.retrieve(e).config.scanned) for e in Effort}
    assert widths == {
        "low": (10_000, 1_000_000), "normal": (30_000, 2_000_000), "high": (30_000, 4_000_000),
        "max": (30_000, 8_000_000),
    }  # fmt: skip
    narrow = replace(engine.config, retrieve=RetrieveConfig(width=7))
    engine.config = narrow
    assert engine.retrieve(Effort.LOW).config.width == 7


def test_a_deadline_that_is_over_still_gives_the_best_so_far(engine):
    assert len(engine.search("river bridge", 10, deadline=0.0)) == 10


def test_an_empty_index_says_that_it_does_not_know(fresh):
    where = fresh()
    build(where, [])
    engine = Engine.open(where, encoder=ToyEncoder(), reader=ToyReader())
    assert len(engine.search("anything")) == 0
    assert engine.ask("anything?").abstained
    engine.close()


def test_a_stream_says_what_the_answer_says_and_returns_it_checked(engine):
    asked = "What is the harbour master of Lothair called?"
    stream, pieces = engine.stream(asked), []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as done:
            answer = done.value
            break
    assert (len(pieces) > 1, "".join(pieces), answer.text) == (True, engine.ask(asked).text, engine.ask(asked).text)
    assert [entry.name for entry in answer.query.ledger.entries][-2:] == ["pack", "generate"]


def test_a_question_that_is_withdrawn_stops_at_the_next_stage(engine):
    ledger = Ledger(heard=lambda entry, ended: ledger.stop.set() if entry.name == "retrieve" else None)
    with pytest.raises(Cancelled):
        engine.ask("What is the harbour master of Lothair called?", ledger=ledger)
    assert [entry.name for entry in ledger.entries] == ["encode", "retrieve"]


@pytest.mark.parametrize("nothing", ["", "  \n\t"])
def test_an_empty_question_is_refused_with_a_sentence(nothing, fresh):
    root = fresh()
    build(root, prose(5))
    engine = Engine.open(root, encoder=ToyEncoder(), reader=ToyReader())
    found = engine.search("river").passages[0].id
    for asked in (engine.search, engine.context, engine.ask, lambda text: engine.explain(text, found)):
        with pytest.raises(UsageError, match="The question is empty"):
            asked(nothing)
    engine.close()
