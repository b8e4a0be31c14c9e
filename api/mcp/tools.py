"""The four tools: search, read, ask, explain. Each takes its arguments, asks the engine, and gives a stable shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from api.guard import Visit
from api.mcp import wording
from api.mcp.arguments import Arguments, Ask, Asking, Explain, Read, Search, taken
from api.mcp.wording import Shape
from cascade import shapes
from cascade.engine import Engine
from cascade.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what a model is told of it, what it takes, what it does, and its result in words."""

    name: str
    title: str
    told: str
    takes: type[Arguments]
    does: Callable[[Visit, str, Any], Awaitable[Shape]]
    words: Callable[[Shape], str]

    async def call(self, visit: Visit, given: dict[str, Any] | None) -> tuple[Shape, str]:
        """The result as a shape and in words. Raises BadRequest, UnknownName, and whatever the engine raises."""
        asked = taken(self.takes, given)
        found = await self.does(visit, visit.called(asked.index), asked)
        return found, self.words(found)


async def _search(visit: Visit, index: str, asked: Search) -> Shape:
    def work(engine: Engine, ledger: Ledger, deadline: float) -> Shape:
        found = engine.search(asked.query, asked.k, ledger=ledger, deadline=deadline, **asked.how)
        return shapes.ranking(found)

    return await _asked(visit, index, asked, asked.query, work)


async def _ask(visit: Visit, index: str, asked: Ask) -> Shape:
    def work(engine: Engine, ledger: Ledger, deadline: float) -> Shape:
        return shapes.answer(engine.ask(asked.question, ledger=ledger, deadline=deadline, **asked.how))

    return await _asked(visit, index, asked, asked.question, work)


async def _explain(visit: Visit, index: str, asked: Explain) -> Shape:
    def work(engine: Engine, ledger: Ledger, deadline: float) -> Shape:
        fates = engine.explain(asked.query, asked.passage, ledger=ledger, deadline=deadline, **asked.how)
        return shapes.explained(asked.query, asked.passage, fates)

    return await _asked(visit, index, asked, asked.query, work)


async def _read(visit: Visit, index: str, asked: Read) -> Shape:
    def work(engine: Engine, _: Ledger) -> Shape:
        return shapes.excerpt(engine.around(asked.passage, asked.before, asked.after), asked.passage)

    return await visit.run(index, work)


async def _asked(
    visit: Visit, index: str, asked: Asking, question: str, work: Callable[[Engine, Ledger, float], Shape]
) -> Shape:
    deadline = visit.asks(question, asked.deadline)
    return await visit.run(index, lambda engine, ledger: work(engine, ledger, deadline), deadline)


TOOLS = (
    Tool(
        "search", "Search the corpus",
        "Find the passages of a large body of documents that bear on a question, best first. Use it whenever the "
        "documents may know something that you do not. Returns each passage's text, where it is from, its relevance "
        "(0 to 1) and its id. When a passage seems cut off, call `read` with its id; when nothing fits, search again "
        "in other words, or with effort high.",
        Search, _search, wording.search,
    ),
    Tool(
        "read", "Read around a passage",
        "Read the text before and after a passage that `search` or `ask` gave, in one piece, in the order of its "
        "document. Use it when a passage needs its surroundings to be understood.",
        Read, _read, wording.read,
    ),
    Tool(
        "ask", "Ask the corpus",
        "Get a short answer from the documents, with citations, written by the server's own reader. It says so when "
        "the documents do not contain the answer. For anything that needs judgement, use `search` and read yourself.",
        Ask, _ask, wording.ask,
    ),
    Tool(
        "explain", "Explain a result",
        "Tell why a passage is or is not among what a question finds: at which stage it was lost, and by what margin. "
        "Use it when a passage that should have been found was not.",
        Explain, _explain, wording.explain,
    ),
)  # fmt: skip
"""In the order in which a model reads of them."""

BY_NAME = {tool.name: tool for tool in TOOLS}
