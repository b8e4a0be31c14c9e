"""Calls to several shards: the first answer of any copy counts, and too many at once are refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from threads import Thread

from cascade.errors import BadFilter, Crowded, Unreachable
from indexers.cluster.asking import FEWEST, Asking, Call, Copy, Pace, Patience


class Echoes:
    """Says its name, with what it was given; or waits, or fails, as it is told."""

    def __init__(self, name: str) -> None:
        self.name, self.gate = name, threading.Event()

    def say(self, given: str) -> tuple[str, str]:
        return self.name, given

    def fail(self) -> None:
        raise BadFilter("no")

    def held(self) -> str:
        self.gate.wait(5)
        return self.name

    def free(self) -> None:
        self.gate.set()


class Copies:
    """Copies of shards, and which were said to be lost."""

    def __init__(self) -> None:
        self.all: list[Copy] = []
        self.gone: list[Copy] = []

    def add(self, shard: int, lanes: int = 4) -> Copy:
        number = len(self.all)
        self.all.append(Copy(number, shard, Thread(Echoes, (f"copy {number}",), "node", lanes)))
        return self.all[-1]

    def of(self, shard: int) -> list[Copy]:
        return [copy for copy in self.all if copy.shard == shard and copy not in self.gone]

    def asking(self, **how: float) -> Asking:
        return Asking(self.of, self.gone.append, Patience(**how))


@pytest.fixture
def copies() -> Iterator[Copies]:
    made = Copies()
    yield made
    for copy in made.all:
        copy.process.end()


def test_each_shard_answers_once(copies: Copies) -> None:
    for shard in (0, 1, 1, 2):
        copies.add(shard)
    answers = copies.asking().all({shard: Call("say", (f"to {shard}",)) for shard in (0, 1, 2)})
    assert {shard: said for shard, (_, said) in answers.items()} == {0: "to 0", 1: "to 1", 2: "to 2"}


def test_a_dead_copy_is_told_of_and_another_answers(copies: Copies) -> None:
    dead, other = copies.add(0), copies.add(0)
    dead.process.end()
    assert copies.asking().all({0: Call("say", ("x",))}) == {0: ("copy 1", "x")}
    assert copies.gone == [dead]
    assert other.busy == 0


def test_a_copy_that_dies_while_it_is_asked_is_replaced_by_another(copies: Copies) -> None:
    first, _ = copies.add(0), copies.add(0)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(copies.asking().all, {0: Call("held")})
        copies.all[1].process.call("free")
        while not first.busy:
            time.sleep(0.001)
        first.process.end()
        assert asked.result(5) == {0: "copy 1"}


def test_no_copy_left_is_said_with_the_shard(copies: Copies) -> None:
    copies.add(3).process.end()
    with pytest.raises(Unreachable, match="No process that holds shard 3") as raised:
        copies.asking().all({3: Call("say", ("x",))})
    assert raised.value.shard == 3
    with pytest.raises(Unreachable):
        copies.asking().all({9: Call("say", ("x",))})


def test_what_a_shard_raises_is_raised(copies: Copies) -> None:
    copies.add(0)
    with pytest.raises(BadFilter):
        copies.asking().all({0: Call("fail")})


def test_a_slow_copy_is_not_waited_for_where_another_is_quick(copies: Copies) -> None:
    slow, quick = copies.add(0), copies.add(0)
    asking = copies.asking(least=0.01)
    for _ in range(FEWEST):
        asking.all({0: Call("say", ("x",))})
    slow.process.delay = 3.0
    began = time.monotonic()
    assert asking.all({0: Call("say", ("y",))}) == {0: ("copy 1", "y")}
    assert time.monotonic() - began < 2
    assert asking.pace.hedges == 1
    assert copies.gone == []
    assert quick.busy == 0


def test_nothing_is_asked_twice_before_it_is_known_how_long_it_takes(copies: Copies) -> None:
    copies.add(0).process.delay = 0.2
    other = copies.add(0)
    asking = copies.asking(least=0.001)
    assert asking.all({0: Call("say", ("x",))}) == {0: ("copy 0", "x")}
    assert other.process.asked == 0


def test_of_all_calls_a_tenth_at_most_are_made_twice() -> None:
    pace = Pace(0.1)
    assert pace.may()
    assert not pace.may()
    for _ in range(30):
        pace.note("x", 0.1)
    assert [pace.may() for _ in range(4)] == [True, True, True, False]


def test_a_copy_that_never_answers_is_given_up(copies: Copies) -> None:
    silent = copies.add(0)
    copies.add(0)
    silent.process.delay = 60.0
    assert copies.asking(gone=0.1).all({0: Call("say", ("x",))}) == {0: ("copy 1", "x")}
    assert copies.gone == [silent]


def test_a_crowded_cluster_refuses_instead_of_queueing_without_end(copies: Copies) -> None:
    copy = copies.add(0)
    asking = copies.asking(most=2)
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(asking.all, {0: Call("held")}) for _ in range(2)]
        while copy.busy < 2:
            time.sleep(0.001)
        with pytest.raises(Crowded, match="Ask again in a moment"):
            asking.all({0: Call("say", ("x",))})
        copy.process.call("free")
        assert [one.result(5) for one in held] == [{0: "copy 0"}] * 2
    assert asking.all({0: Call("say", ("x",))}) == {0: ("copy 0", "x")}
