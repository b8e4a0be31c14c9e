"""The same on Ray: four nodes of one machine, killed while they are asked and while they build."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pytest
from alike import NARROW, QUESTIONS, Spreading, agree, same, spread_over, wait_for
from nodes import Nodes, four
from small import build, cut, prose, texts

from api.serving import Plan
from cascade import shapes
from cascade.data import Ranking
from cascade.engine import Engine
from cascade.errors import Unreachable
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from indexers.cluster import keeper, pool
from indexers.cluster.adding import Work, add
from indexers.cluster.fleet import Form
from indexers.cluster.opened import On, Way
from indexers.ingest import ingest
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions

pytest.importorskip("ray", reason="Ray is not installed: pip install 'cascade-retrieval[cluster]'")

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.*"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray.*"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TWICE = Form(shards=3, replicas=2, beat=0.2, silence=30.0)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """Four nodes."""
    with four() as made:
        yield made


@pytest.fixture(scope="module")
def many(nodes: Nodes, index: Path) -> Iterator[Engine]:
    """The index in three shards, two copies of each."""
    engine = spread_over(nodes.machines, index, TWICE)
    yield engine
    engine.close()


def test_four_nodes_answer_as_one_machine_does(many: Engine, alone: Engine) -> None:
    agree(alone, many)
    assert many.ask("river bridge unique55").text == alone.ask("river bridge unique55").text


def test_what_a_shard_raises_comes_back_as_it_was(many: Engine) -> None:
    with pytest.raises(Unreachable, match="open no more"):
        many.corpus._fleet.copies(0)[0].process.call("ask", 99, "facts").result(30)


def test_a_commit_is_seen_after_a_refresh_under_load(
    nodes: Nodes, fresh: Callable[[], Path], spread: Spreading
) -> None:  # fmt: skip
    root = fresh()
    build(root, prose(150), cut(40))
    many, old = spread(nodes.machines, root, Form(shards=2, beat=0.2, silence=30.0)), Engine.open(root, NARROW)
    with asked(many) as answers:
        build(root, prose(190), cut(40))
        wait_for(lambda: len(answers) > 2)
        assert many.refresh()
        now = len(answers)
        wait_for(lambda: len(answers) > now + 2)
    new = Engine.open(root, NARROW)
    ids = [tuple(each.passage.id for each in one.ranked) for one in answers]
    for one, found in zip(answers, ids, strict=True):
        known = [tuple(p.id for p in each.search(one.query.text, k=117).passages) for each in (old, new)]
        assert found in known
    assert ids[-1] == tuple(p.id for p in new.search(answers[-1].query.text, k=117).passages)
    old.close()
    new.close()


def test_a_node_killed_under_load_gives_no_wrong_answer(many: Engine, alone: Engine, nodes: Nodes) -> None:
    held = [copy.process.node for shard in many.corpus.shards for copy in many.corpus._fleet.copies(shard)]
    victim = next(name for name in nodes.workers if name in held)
    replaced = len(many.corpus._fleet.replaced)
    with asked(many) as answers:
        wait_for(lambda: len(answers) > 3)
        nodes.kill(victim)
        wait_for(lambda: len(many.corpus._fleet.replaced) >= replaced + held.count(victim))
        now = len(answers)
        wait_for(lambda: len(answers) > now + 3)
    for one in answers:
        if one.complete:
            same(alone.search(one.query.text, k=117), one)
    assert answers[-1].complete
    agree(alone, many)
    nodes.add()


def test_a_process_that_hangs_is_left_out_of_a_question_in_its_time(
    nodes: Nodes, index: Path, alone: Engine, spread: Spreading
) -> None:  # fmt: skip
    many = spread(nodes.machines, index, Form(shards=4, beat=0.2, silence=120.0))
    assert many.search("river bridge unique55").complete
    pid = nodes.pid(many.corpus._fleet.copies(0)[0].process)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        ranking = many.search("river bridge unique55", k=117, deadline=20.0)
        assert 10.0 <= time.monotonic() - began < 20.0
    finally:
        os.kill(pid, signal.SIGCONT)
    (named,) = ranking.candidates.missing
    (waited,) = [entry for entry in ranking.query.ledger.entries if entry.name == "waited"]
    assert waited.notes["left_out"] == [named]
    assert list(ranking.passages) == alone.snapshot.read(np.array([one.row for one in ranking.ranked]))
    wait_for(lambda: many.search("river", deadline=60.0).complete)
    agree(alone, many)


def test_a_node_killed_while_it_builds_leaves_the_same_index(
    nodes: Nodes, fresh: Callable[[], Path], tmp_path: Path
) -> None:  # fmt: skip
    path, root, one = tmp_path / "a.jsonl", fresh(), fresh()
    rows = [{"_id": each.key, "title": each.title, "text": each.text} for each in prose(300)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    victim = nodes.workers[0]

    def told(what: str, done: int, total: int) -> None:
        if what == "building parts" and done == 3 and victim in nodes.workers:
            nodes.kill(victim)

    specs = [(str(path), SourceOptions())]
    report = add(nodes.machines, root, specs, ToyEncoder(), Work(workers=4, size=6_000), told)
    add_one = ingested(one, path)
    assert victim not in nodes.workers
    assert report.records == 300
    assert held(root) == held(one) == add_one
    again = add(nodes.machines, root, specs, ToyEncoder(), Work(workers=4, size=6_000))
    assert (again.records, again.unchanged) == (0, 300)
    nodes.add()


def test_servers_share_a_fleet_by_its_name(
    nodes: Nodes, index: Path, alone: Engine, spread: Spreading
) -> None:  # fmt: skip
    form = Form(shards=2, beat=0.2, silence=30.0)
    first, second = (spread(nodes.machines, index, form, share=True) for _ in range(2))
    for text, how in QUESTIONS[:3]:
        same(alone.search(text, k=117, **how), first.search(text, k=117, **how))
        same(alone.search(text, k=117, **how), second.search(text, k=117, **how))
    mine, theirs = (one.corpus._fleet.copies(0)[0].process for one in (first, second))
    assert mine._handle._actor_id == theirs._handle._actor_id
    keeper.end(nodes.machines, index, form)


def test_several_servers_answer_over_http_as_one_machine_does(nodes: Nodes, index: Path, alone: Engine) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    on = On("auto", Way(Form(shards=2, beat=0.2, silence=30.0), share=True))
    plan = Plan((index,), replace(NARROW, reader="toy"), opens=on)
    on.serve(plan, "127.0.0.1", port, (2, 2), 8)
    for text, how in QUESTIONS[:3]:
        body = json.dumps({"query": text, "k": 50}).encode()
        request = Request(
            f"http://127.0.0.1:{port}/indexes/{index.name}/search", body, {"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=120) as response:
            found = json.loads(response.read())["passages"]
        assert found == shapes.ranking(alone.search(text, k=50, **how))["passages"]
    on.end([index])


def test_the_cluster_that_this_process_is_connected_to_is_taken(nodes: Nodes) -> None:
    assert len(nodes.machines.nodes()) == 4
    assert pool.connect("auto").nodes() == nodes.machines.nodes()


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}", "127.0.0.1:99999", "nonsense"])
def test_no_cluster_is_said(address: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        said = address.format(port=free.getsockname()[1])
        code = "import sys; from indexers.cluster.pool import connect; connect(sys.argv[1])"
        done = subprocess.run(
            [sys.executable, "-c", code, said], capture_output=True, text=True, check=False, timeout=120
        )
    assert f"Unreachable: No cluster answers at {said} (" in done.stderr
    assert "Start one with `ray start --head`, or name another." in done.stderr


class asked:  # noqa: N801 - reads as a sentence
    """Asks an engine the same questions over and over, as long as this lasts; what it answered."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.answers, self.stop = engine, list[Ranking](), threading.Event()
        self.failed: list[BaseException] = []
        self.thread = threading.Thread(target=self._ask)

    def __enter__(self) -> list[Ranking]:
        self.thread.start()
        return self.answers

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        assert not self.failed, self.failed

    def _ask(self) -> None:
        while not self.stop.is_set():
            for text in ("river bridge unique55", "violin concert", "glacier"):
                try:
                    self.answers.append(self.engine.search(text, k=117))
                except Exception as error:  # noqa: BLE001 - the test looks at all of them
                    self.failed.append(error)
                    return
                time.sleep(0.01)


def held(root: Path) -> dict[str, str]:
    """The text of each passage, by the locator of its record."""
    snapshot = Snapshot(root)
    found = texts(snapshot)
    assert snapshot.verify() == []
    snapshot.close()
    return found


def ingested(root: Path, path: Path) -> dict[str, str]:
    """What one machine makes of a file."""
    ingest(root, [open_source(str(path))], ToyEncoder())
    return held(root)
