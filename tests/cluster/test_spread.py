"""An index on several machines says what it says on one, and what it lacks when a machine is gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alike import NARROW, QUESTIONS, Spreading, agree, same, wait_for
from small import build, cut, prose
from threads import Thread, Threads

from cascade.engine import Engine
from cascade.errors import BadConfig, BadFilter, NoIndex, NoPassage, WrongEncoder
from cascade.models.minilm import MiniLM
from cascade.models.toy import ToyEncoder, ToyReader
from indexers.cluster.fleet import Form
from indexers.cluster.machines import Node
from indexers.cluster.opened import Way, opened
from indexers.remove import remove

QUICK = Form(shards=4, beat=0.05, silence=60.0)
TWICE = Form(shards=3, replicas=2, beat=0.05, silence=60.0)


@pytest.mark.parametrize("form", [Form(shards=1), QUICK, TWICE, Form(shards=20)], ids=str)
def test_shards_answer_as_one_machine_does(
    index: Path, alone: Engine, threads: Threads, spread: Spreading, form: Form
) -> None:  # fmt: skip
    agree(alone, spread(threads, index, form))


def test_contexts_answers_and_fates_are_those_of_one_machine(
    index: Path, alone: Engine, threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    many = spread(threads, index, QUICK)
    last = alone.search("glacier", k=117).passages[-1]
    for text, how in QUESTIONS:
        assert many.context(text, **how).text == alone.context(text, **how).text
        assert many.ask(text, **how).text == alone.ask(text, **how).text
        assert many.explain(text, last.id, **how) == alone.explain(text, last.id, **how)
    assert many.passage(last.id) == last
    assert many.around(last.id) == alone.around(last.id)
    assert many.record(last.record) == alone.record(last.record)
    assert len(many.corpus) == len(alone.snapshot)
    assert many.corpus.records == alone.corpus.records


def test_what_cannot_be_asked_is_refused_as_on_one_machine(index: Path, threads: Threads, spread: Spreading) -> None:
    many = spread(threads, index, QUICK)
    with pytest.raises(BadFilter):
        many.search("river", filter="number >")
    with pytest.raises(NoPassage):
        many.passage("00" * 16 + "-0")
    with pytest.raises(NoIndex):
        opened(threads, index.parent / "nowhere")
    with pytest.raises(WrongEncoder):
        opened(threads, index, Way(QUICK), encoder=MiniLM())
    with pytest.raises(BadConfig, match="5 replicas need as many nodes"):
        opened(threads, index, Way(Form(replicas=5)))
    agreed = many.search("river")
    assert agreed.complete


def test_an_empty_index_has_no_shards_and_answers_nothing(
    fresh: Callable[[], Path], threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    build(root, [])
    many = spread(threads, root, QUICK)
    assert not many.search("river").ranked
    build(root, prose(20))
    assert many.refresh()
    assert len(many.search("river")) == 10


def test_copies_lie_on_different_nodes_and_bytes_are_spread(index: Path, threads: Threads, spread: Spreading) -> None:
    spread(threads, index, TWICE)
    where = [process.node for process in threads.processes]
    assert len(where) == 6
    assert {where.count(node) for node in threads.up} == {1, 2}


def test_a_node_that_dies_is_answered_for_by_the_other_copies(
    index: Path, alone: Engine, threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    many = spread(threads, index, TWICE)
    threads.kill("node-1")
    agree(alone, many)
    wait_for(lambda: sum(process.alive for process in threads.processes) == 6)
    agree(alone, many)


def test_without_another_copy_a_shard_is_left_out_and_said_until_it_is_back(
    index: Path, alone: Engine, threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    many = spread(threads, index, QUICK)
    threads.full = True
    threads.kill("node-2")
    ranking = many.search("river bridge unique55", k=117)
    assert not ranking.complete
    (said,) = ranking.candidates.missing
    assert "passages are left out" in said
    assert ranking.ranked
    rows = np.array([one.row for one in ranking.ranked])
    assert list(ranking.passages) == alone.snapshot.read(rows)
    threads.full = False
    wait_for(lambda: many.search("river").complete)
    agree(alone, many)


class Slow(Threads):
    """A cluster that does not notice for a while that a node is gone: what is started there never answers."""

    def __init__(self, nodes: int) -> None:
        super().__init__(nodes)
        self.unnoticed: list[str] = []

    def nodes(self) -> tuple[Node, ...]:
        return (*(Node(name, 1 << 40) for name in self.unnoticed), *super().nodes())

    def kill(self, node: str) -> None:
        self.unnoticed.append(node)
        super().kill(node)

    def start(self, kind: Callable[..., object], given: Sequence[Any], node: str, lanes: int) -> Thread:
        made = super().start(kind, given, "node-0" if node in self.unnoticed else node, lanes)
        if node in self.unnoticed:
            made.node, made.delay = node, 600.0
        return made


@pytest.mark.parametrize("form", [QUICK, TWICE], ids=str)
def test_nothing_is_started_on_a_node_that_something_was_lost_from(
    index: Path, alone: Engine, spread: Spreading, form: Form
) -> None:  # fmt: skip
    machines = Slow(4)
    many = spread(machines, index, form)
    up = len(machines.processes)
    machines.kill("node-1")
    agree(alone, many) if form is TWICE else many.search("river")
    wait_for(lambda: sum(process.alive for process in machines.processes) == up)
    wait_for(lambda: many.search("river").complete)
    assert not any(process.alive for process in machines.processes if process.node == "node-1")
    agree(alone, many)
    machines.close()


def test_a_node_that_something_was_lost_from_is_taken_where_there_is_no_other(
    index: Path, alone: Engine, spread: Spreading
) -> None:  # fmt: skip
    machines = Threads(1)
    many = spread(machines, index, Form(shards=1, beat=0.05, silence=60.0))
    machines.processes[0].end()
    many.search("river")
    wait_for(lambda: many.search("river").complete)
    agree(alone, many)
    machines.close()


class Faulty(Threads):
    """A cluster that fails so many times when it is asked which nodes it has."""

    faults = 0

    def nodes(self) -> tuple[Node, ...]:
        if self.faults:
            self.faults -= 1
            raise RuntimeError("the cluster is out of its mind")
        return super().nodes()


def test_processes_are_looked_after_even_after_a_fault_that_nobody_foresaw(
    index: Path, alone: Engine, spread: Spreading, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    machines = Faulty(4)
    many = spread(machines, index, TWICE)
    machines.faults = 3
    machines.kill("node-1")
    wait_for(lambda: sum(process.alive for process in machines.processes) == 6)
    assert machines.faults == 0
    assert "out of its mind" in caplog.text
    agree(alone, many)
    machines.close()


def test_every_node_gone_is_said_and_nothing_is_made_up(index: Path, threads: Threads, spread: Spreading) -> None:
    many = spread(threads, index, QUICK)
    for node in list(threads.up):
        threads.kill(node)
    ranking = many.search("river")
    assert not ranking.complete
    assert not ranking.ranked
    assert len(ranking.candidates.missing) == 4


def test_a_commit_is_seen_after_a_refresh_and_not_before(
    fresh: Callable[[], Path], threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    build(root, prose(200), cut(50))
    many, old = spread(threads, root, QUICK), Engine.open(root, NARROW, reader=ToyReader())
    build(root, prose(300), cut(50))
    remove(root, "number < 20")
    agree(old, many)
    assert many.refresh()
    assert not many.refresh()
    new = Engine.open(root, NARROW, reader=ToyReader())
    agree(new, many)
    wait_for(lambda: all(len(process.call("commits").result()) == 1 for process in threads.processes))
    old.close()
    new.close()


def test_a_question_under_way_keeps_the_commit_it_began_with(
    fresh: Callable[[], Path], threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    build(root, prose(200), cut(50))
    many, old = spread(threads, root, QUICK), Engine.open(root, NARROW, reader=ToyReader())
    query = many.query("river bridge unique55")
    stages = many.ranking(117)
    build(root, prose(260), cut(50))
    assert many.refresh()
    same(old.search("river bridge unique55", k=117), stages.run(query))
    assert len(many.corpus) == 260
    old.close()


def test_damage_that_is_met_takes_what_it_takes_on_one_machine(
    index: Path, fresh: Callable[[], Path], threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    shutil.copytree(index, root)
    many = spread(threads, root, TWICE)
    path = sorted(root.glob("segments/*/tokens.u16"))[2]
    raw = bytearray(path.read_bytes())
    raw[100] ^= 255
    path.write_bytes(raw)
    alone = Engine.open(root, NARROW, reader=ToyReader())
    ranking = many.search("river bridge unique55", k=117)
    same(alone.search("river bridge unique55", k=117), ranking)
    assert "tokens.u16" in ranking.candidates.missing[0]
    alone.close()


def test_an_index_of_the_right_encoder_alone_is_opened(index: Path, threads: Threads) -> None:
    engine = opened(threads, index, Way(QUICK), encoder=ToyEncoder())
    assert engine.search("river").complete
    engine.close()
    assert not any(process.alive for process in threads.processes)
