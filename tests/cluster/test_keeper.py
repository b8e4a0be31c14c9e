"""Several servers share one fleet: each asks the shards, one process keeps them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alike import NARROW, Spreading, agree, wait_for
from small import build, cut, prose
from threads import Threads

from cascade.engine import Engine
from cascade.errors import Unreachable
from cascade.models.toy import ToyReader
from indexers.cluster import keeper
from indexers.cluster.fleet import Form

FORM = Form(shards=2, replicas=2, beat=0.05, silence=60.0)


def test_two_servers_ask_the_same_processes(index: Path, alone: Engine, threads: Threads, spread: Spreading) -> None:
    first, second = spread(threads, index, FORM, share=True), spread(threads, index, FORM, share=True)
    assert len(threads.processes) == 4
    agree(alone, first)
    agree(alone, second)
    first.close()
    agree(alone, second)


def test_a_node_that_dies_is_answered_for_in_all_servers(
    index: Path, alone: Engine, threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    servers = [spread(threads, index, FORM, share=True) for _ in range(2)]
    threads.kill(threads.processes[0].node)
    for server in servers:
        agree(alone, server)
    wait_for(lambda: sum(process.alive for process in threads.processes) == 4)
    for server in servers:
        agree(alone, server)


def test_a_shard_that_is_back_is_asked_again_by_all(index: Path, threads: Threads, spread: Spreading) -> None:
    servers = [spread(threads, index, Form(shards=4, beat=0.05, silence=60.0), share=True) for _ in range(2)]
    threads.full = True
    threads.kill("node-3")
    assert [server.search("river").complete for server in servers] == [False, False]
    threads.full = False
    wait_for(lambda: all(server.search("river").complete for server in servers))


def test_an_older_commit_stays_open_until_the_last_server_has_left_it(
    fresh: Callable[[], Path], threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    build(root, prose(100), cut(50))
    first, second = spread(threads, root, FORM, share=True), spread(threads, root, FORM, share=True)
    old = Engine.open(root, NARROW, reader=ToyReader())
    build(root, prose(130), cut(50))
    assert first.refresh()
    agree(old, second)
    assert second.refresh()
    assert len(second.corpus) == len(first.corpus) == 130
    wait_for(lambda: all(len(process.call("commits").result()) == 1 for process in threads.processes))
    old.close()


def test_a_server_that_gives_no_sign_holds_nothing_open(
    fresh: Callable[[], Path], threads: Threads, spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    build(root, prose(60), cut(30))
    staying = spread(threads, root, Form(shards=2, beat=0.05, silence=60.0, forgotten=0.3), share=True)
    threads.called[keeper.name(root)].call("crew", "somebody").result()
    build(root, prose(90), cut(30))
    assert staying.refresh()
    wait_for(lambda: all(len(process.call("commits").result()) == 1 for process in threads.processes))


def test_a_fleet_that_was_ended_is_said(index: Path, threads: Threads, spread: Spreading) -> None:
    server = spread(threads, index, FORM, share=True)
    keeper.end(threads, index, FORM)
    assert not any(process.alive for process in threads.processes)
    ranking = server.search("river")
    assert not ranking.complete
    assert not ranking.ranked
    with pytest.raises(Unreachable, match="Serve it anew"):
        server.corpus._fleet.crew()
