"""A shard that hangs is waited for as long as a question has time for it, and then left out of that question alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from alike import NARROW, agree, same, wait_for
from small import build, cut, prose
from test_asking import Copies
from threads import Thread, Threads

from cascade.data import Effort, Ranking
from cascade.engine import Engine
from cascade.errors import Overdue, Unreachable
from cascade.models.toy import ToyReader
from indexers.cluster.asking import Call, Patience
from indexers.cluster.fleet import Form
from indexers.cluster.opened import Way, opened

FORM = Form(shards=4, beat=0.05, silence=60.0)
QUICK = Patience(grace=0.05)
LONG = 600.0
"""Seconds that a process hangs: longer than any test."""


@pytest.fixture
def copies() -> Iterator[Copies]:
    made = Copies()
    yield made
    for copy in made.all:
        copy.process.end()


@pytest.fixture
def many(index: Path, threads: Threads) -> Iterator[Engine]:
    """Four shards, one copy of each."""
    engine = opened(threads, index, Way(FORM, QUICK), NARROW, reader=ToyReader())
    yield engine
    engine.close()


def hung(many: Engine, shard: int = 0) -> Thread:
    """Have the first copy of a shard hang: it gives signs of life, but no answer."""
    process: Thread = many.corpus._fleet.copies(shard)[0].process
    process.delay = LONG
    return process


def said(ranking: Ranking) -> list[str]:
    """What the ledger says was left out."""
    return [each for entry in ranking.query.ledger.entries for each in entry.notes.get("left_out", [])]


def test_half_of_the_time_is_waited_and_the_shard_named(copies: Copies) -> None:
    copies.add(0)
    silent = copies.add(1)
    silent.process.delay = LONG
    began = time.monotonic()
    with pytest.raises(Overdue, match="shards 1") as raised:
        copies.asking(grace=0.01).all({shard: Call("say", ("x",)) for shard in (0, 1)}, lambda: 0.4)
    assert 0.2 <= time.monotonic() - began < 0.4
    assert raised.value.shards == (1,)
    assert (copies.gone, silent.busy, len(silent.owed)) == ([], 1, 1)


def test_a_question_whose_time_is_over_waits_a_moment_all_the_same(copies: Copies) -> None:
    copies.add(0)
    asking = copies.asking(grace=5.0)
    for left in (0.0, -1.0, float("-inf")):
        assert asking.all({0: Call("say", ("x",))}, lambda left=left: left) == {0: ("copy 0", "x")}


def test_another_copy_is_asked_before_a_shard_is_left_out(copies: Copies) -> None:
    copies.add(0).process.delay = LONG
    copies.add(0)
    assert copies.asking().all({0: Call("say", ("x",))}, lambda: 2.0) == {0: ("copy 1", "x")}


def test_what_owes_many_answers_is_not_waited_for_until_it_has_given_them(copies: Copies) -> None:
    silent = copies.add(0)
    asking = copies.asking(grace=0.02, owed=2)
    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(asking.all, {0: Call("held")}, lambda: 0.0) for _ in range(2)]:
            with pytest.raises(Overdue):
                one.result(5)
    began = time.monotonic()
    with pytest.raises(Overdue):
        asking.all({0: Call("say", ("x",))}, lambda: LONG)
    assert time.monotonic() - began < LONG / 4
    assert asking.all({0: Call("say", ("no deadline",))}) == {0: ("copy 0", "no deadline")}
    silent.process.call("free")
    wait_for(lambda: not silent.owed)
    assert asking.all({0: Call("say", ("y",))}, lambda: LONG) == {0: ("copy 0", "y")}


def test_what_owes_an_answer_for_too_long_is_dead_though_nobody_waits(copies: Copies) -> None:
    silent = copies.add(0)
    silent.process.delay = LONG
    asking = copies.asking(grace=0.01, gone=0.1)
    with pytest.raises(Overdue):
        asking.all({0: Call("say", ("x",))}, lambda: 0.0)
    time.sleep(0.1)
    with pytest.raises(Unreachable, match="No process that holds shard 0"):
        asking.all({0: Call("say", ("y",))}, lambda: 0.0)
    assert copies.gone == [silent]


def test_a_hung_shard_is_left_out_of_an_answer_in_time_and_named_in_the_ledger(many: Engine, alone: Engine) -> None:
    process = hung(many)
    left_out = many.corpus._whole.facts[0].live
    began = time.monotonic()
    ranking = many.search("river bridge unique55", k=117, deadline=3.0)
    assert time.monotonic() - began < 3.0
    (named,) = ranking.candidates.missing
    assert named == (
        f"{left_out:,} passages are left out: the process that holds them did not answer in the time of the question."
    )
    assert not ranking.complete
    assert said(ranking) == [named]
    (waited,) = [entry for entry in ranking.query.ledger.entries if entry.name == "waited"]
    assert 1_500 <= waited.ms < 3_000
    assert waited.notes["late"]
    assert ranking.ranked
    assert list(ranking.passages) == alone.snapshot.read(np.array([one.row for one in ranking.ranked]))
    process.delay = 0.0


def test_what_is_left_is_ranked_as_if_the_shard_were_gone(many: Engine, threads: Threads) -> None:
    process = hung(many)
    late = many.search("river bridge unique55", k=117, deadline=3.0)
    threads.full = True
    threads.kill(process.node)
    gone = many.search("river bridge unique55", k=117)
    assert [one.row for one in late.ranked] == [one.row for one in gone.ranked]
    assert late.passages == gone.passages


def test_other_questions_are_asked_of_the_shard_all_the_same(many: Engine, alone: Engine) -> None:
    process = hung(many)
    assert not many.search("river", deadline=0.2).complete
    assert many.corpus.shards == (0, 1, 2, 3)
    process.delay = 0.1
    wait_for(lambda: many.search("river", deadline=60.0).complete)
    same(alone.search("river", k=50), many.search("river", k=50, deadline=600.0))


def test_all_shards_hung_leave_nothing_and_say_so(many: Engine) -> None:
    for shard in range(4):
        hung(many, shard)
    ranking = many.search("river", deadline=0.4)
    assert not ranking.ranked
    assert len(ranking.candidates.missing) == len(said(ranking)) == 4


def test_an_answer_its_follow_ups_and_its_stream_come_in_time(many: Engine) -> None:
    process = hung(many, 1)
    for how in ({}, {"effort": Effort.HIGH}):
        answer = many.ask("river bridge unique55", deadline=3.0, **how)
        assert answer.context.ranking.candidates.missing
        assert answer.context.passages
    pieces = many.stream("river bridge unique55", deadline=3.0)
    assert "".join(pieces)
    assert many.context("violin", deadline=1.0).ranking.candidates.missing
    process.delay = 0.0


def test_the_fate_of_a_passage_that_is_not_answered_for_is_not_made_up(many: Engine, alone: Engine) -> None:
    passage = alone.search("glacier", k=1).passages[0]
    shard, _ = many.corpus._rows.one(many.corpus.find(passage.id))
    process = hung(many, shard)
    with pytest.raises(Unreachable, match="did not answer in time"):
        many.explain("glacier", passage.id, deadline=1.0)
    process.delay = 0.0


def test_a_hung_shard_of_an_index_beside_is_left_out_too(many: Engine, alone: Engine) -> None:
    process = hung(many)
    answer = alone.ask("river bridge unique55", beside=[many], deadline=2.0)
    assert answer.context.ranking.candidates.missing
    process.delay = 0.0


def test_a_shard_that_hangs_for_good_is_replaced_though_all_who_asked_gave_up(
    index: Path, alone: Engine, threads: Threads
) -> None:  # fmt: skip
    engine = opened(threads, index, Way(FORM, Patience(grace=0.05, gone=0.5)), NARROW, reader=ToyReader())
    process = hung(engine)
    assert not engine.search("river", deadline=0.2).complete
    wait_for(lambda: engine.search("river", deadline=0.4).complete)
    assert not process.alive
    agree(alone, engine)
    engine.close()


def test_a_commit_is_let_go_by_who_asked_it_for_one_question(index: Path, threads: Threads, tmp_path: Path) -> None:
    root = tmp_path / "index"
    build(root, prose(60), cut(30))
    engine = opened(threads, root, Way(FORM, QUICK), NARROW, reader=ToyReader())
    process = hung(engine)
    late = engine.search("river", deadline=0.2)
    process.delay = 0.0
    build(root, prose(90), cut(30))
    assert engine.refresh()
    wait_for(lambda: all(len(each.call("commits").result()) == 1 for each in threads.processes))
    assert not late.complete
    engine.close()
