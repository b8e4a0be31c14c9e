"""The same question through every door: the same passages in the same order, with the same scores.

A door is a function from the place of an index, a question and how many to what it found. A new one is a line in DOORS.
"""

import asyncio
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import build, prose

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette's test client announces which HTTP library it will use
    from fastapi.testclient import TestClient

from api.app import create
from api.house import House
from api.shelf import Shelf
from cascade import Engine, shapes
from cascade.commands.ask import search as command
from cascade.config import Config

ASKED = ("a boat at the river bridge", "unique42", "What do volcano and basalt have in common?", "dividend audit bond")


@dataclass
class Place:
    """An index, and one server over it."""

    root: Path
    house: House
    client: TestClient


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("doors") / "topics"
    build(root, prose(300))
    with Shelf.open([root], Config(reader="toy")) as shelf:
        house = House(shelf)
        with TestClient(create(house)) as client:
            yield Place(root, house, client)


def library(place, query, k):
    engine = Engine.open(place.root)
    try:
        return [(one.passage.id, one.score, one.passage.text) for one in engine.search(query, k).ranked]
    finally:
        engine.close()


def cli(place, query, k):
    done = CliRunner().invoke(command, [str(place.root), query, "-k", str(k), "--json"])
    return shown(json.loads(done.stdout))


def rest(place, query, k):
    return shown(place.client.post("/search", json={"query": query, "k": k}).json())


def mcp(place, query, k):
    pytest.importorskip("mcp")
    from mcp.client.client import Client

    from api.mcp import local

    async def run():
        async with Client(local.server(place.house)) as client:
            return await client.call_tool("search", {"query": query, "k": k})

    return shown(asyncio.run(run()).structured_content)


def shown(body):
    """What a door printed, that was shaped by `cascade.shapes`."""
    return [(one["id"], one["score"], one["text"]) for one in body["passages"]]


DOORS = {
    "command line": cli,
    "REST": rest,
    "MCP": mcp,
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_gives_the_passages_and_scores_of_the_library(place, door):
    for query in ASKED:
        ours, theirs = library(place, query, 20), DOORS[door](place, query, 20)
        assert len(ours) == 20
        assert [(name, text) for name, _, text in theirs] == [(name, text) for name, _, text in ours]
        assert [score for _, score, _ in theirs] == pytest.approx([score for _, score, _ in ours], abs=1e-5)


def test_different_questions_give_different_passages_so_that_sameness_means_something(place):
    found = {tuple(name for name, _, _ in library(place, query, 5)) for query in ASKED}
    assert len(found) == len(ASKED)


def test_a_window_is_the_same_by_library_and_rest(place):
    engine = Engine.open(place.root, Config(reader="toy"))
    ours = shapes.context(engine.context(ASKED[0]))
    engine.close()
    theirs = place.client.post("/indexes/topics/context", json={"query": ASKED[0]}).json()
    assert (theirs["text"], theirs["tokens"]) == (ours["text"], ours["tokens"])


def test_an_answer_has_the_same_words_passages_and_scores_by_every_door(place):
    engine = Engine.open(place.root, Config(reader="toy"))
    for query in ASKED[:2]:
        ours = shapes.answer(engine.ask(query))
        message = {"role": "user", "content": query}
        chat = place.client.post("/v1/chat/completions", json={"model": "cascade/topics", "messages": [message]}).json()
        rest = place.client.post("/ask", json={"question": query}).json()
        assert ours["citations"]
        assert chat["choices"][0]["message"]["content"] == rest["answer"] == ours["answer"]
        for theirs in (chat["cascade"], rest):
            assert scoreless(theirs["citations"]) == scoreless(ours["citations"])
            assert scores(theirs["citations"]) == pytest.approx(scores(ours["citations"]), abs=1e-5)
    engine.close()


def scoreless(citations):
    return [{name: value for name, value in one.items() if name != "score"} for one in map(flat, citations)]


def scores(citations):
    return [one.get("score", 0.0) for one in map(flat, citations)]


def flat(citation):
    return {**citation, **citation["passage"]} | {"passage": citation["passage"]["id"]}
