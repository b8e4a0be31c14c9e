"""The server over a cluster: the same routes and answers, and a refusal where it has too much to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from alike import NARROW, spread_over
from api_served import TestClient
from click.testing import CliRunner
from threads import Threads

from api import problems
from api.app import create
from api.cli import serve
from api.shelf import Shelf
from cascade.errors import Crowded, Unreachable
from indexers.cluster.fleet import Form
from indexers.cluster.machines import Machines
from indexers.cluster.opened import opened

CONFIG = dataclasses.replace(NARROW, reader="toy")
FORM = Form(shards=3, beat=0.05, silence=60.0)


@pytest.fixture
def clients(index: Path, threads: Threads) -> Iterator[tuple[TestClient, TestClient]]:
    """A server of this machine, and one of a cluster."""

    def afar(root: Path, *_: object) -> object:
        return spread_over(threads, root, FORM)

    shelves = [Shelf.open([index], CONFIG), Shelf.open([index], CONFIG, opens=afar)]
    with TestClient(create(shelves[0])) as here, TestClient(create(shelves[1])) as there:
        yield here, there
    for shelf in shelves:
        shelf.close()


def test_routes_answer_as_on_one_machine(clients: tuple[TestClient, TestClient], index: Path) -> None:
    here, there = clients
    for path, body in (
        (f"/indexes/{index.name}/search", {"query": "river bridge unique55", "k": 50}),
        (f"/indexes/{index.name}/search", {"query": "glacier", "filter": "number > 500"}),
        (f"/indexes/{index.name}/ask", {"question": "violin concert"}),
    ):
        mine, theirs = here.post(path, json=body).json(), there.post(path, json=body).json()
        for one in (mine, theirs):
            one.pop("stages")
        assert mine == theirs
    for path in (f"/indexes/{index.name}", f"/indexes/{index.name}/records?filter=number%20%3C%2050"):
        assert there.get(path).json() == here.get(path).json()


def test_what_a_cluster_refuses_has_a_status_and_says_when_to_come_back() -> None:
    assert problems.status(Unreachable) == problems.status(Crowded) == 503
    assert problems.of(Crowded("Ask again in a moment.")).headers["Retry-After"] == "1"
    assert "Retry-After" not in problems.of(Unreachable("Serve it anew.")).headers


@pytest.mark.parametrize("said", ["0-2", "4-1", "many", "2-x"])
def test_numbers_of_servers_that_are_none_are_refused(index: Path, said: str) -> None:
    done = CliRunner().invoke(serve, [str(index), "--cluster", "local", "--servers", said])
    assert done.exit_code == 2
    assert "takes two numbers" in done.output


def test_a_shelf_opens_an_index_as_it_is_told(index: Path, threads: Threads) -> None:
    def afar(root: Path, config: object, encoder: object, reader: object) -> object:
        assert config == CONFIG
        machines: Machines = threads
        return opened(machines, root, config=CONFIG)

    with Shelf.open([index], CONFIG, opens=afar) as shelf, shelf.lease(index.name) as engine:
        assert len(engine.corpus) == len(engine.snapshot)
        assert engine.search("river").complete
