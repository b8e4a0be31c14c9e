"""Questions to an index: search, context, ask, explain. The index is named in the path, or in the body."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api import examples
from api.bodies import Json
from api.guard import Say, Visit, Visiting
from api.schemas import Ask, Explained, Packed, Search, Sought, Told
from cascade import shapes
from cascade.engine import Engine
from cascade.ledger import Ledger

router = APIRouter(tags=["questions"])


@router.post("/search", responses=examples.SEARCH)
async def search(asked: Search, visit: Visiting) -> Json:
    """The passages that answer best, with scores: what `cascade search --json` prints."""
    return await _search(visit, visit.called(asked.index), asked)


@router.post("/indexes/{name}/search", responses=examples.SEARCH)
async def search_in(name: str, asked: Sought, visit: Visiting) -> Json:
    """The passages that answer best, with scores: what `cascade search --json` prints."""
    return await _search(visit, visit.at(name), asked)


@router.post("/ask", responses=examples.ASK)
async def ask(asked: Ask, visit: Visiting) -> Response:
    """An answer with citations: what `cascade ask --json` prints."""
    return await _ask(visit, visit.called(asked.index), asked)


@router.post("/indexes/{name}/ask", responses=examples.ASK)
async def ask_in(name: str, asked: Told, visit: Visiting) -> Response:
    """An answer with citations: what `cascade ask --json` prints."""
    return await _ask(visit, visit.at(name), asked)


@router.post("/indexes/{name}/context", responses=examples.CONTEXT)
async def context(name: str, asked: Packed, visit: Visiting) -> Json:
    """The packed window alone, for a model of your own."""
    index = visit.at(name)
    how = {**asked.how, "deadline": visit.asks(asked.query, asked.deadline)}

    def work(engine: Engine, ledger: Ledger) -> Json:
        return Json(shapes.context(engine.context(asked.query, ledger=ledger, **how)))

    return await visit.run(index, work, how["deadline"], asked.query)


@router.post("/indexes/{name}/explain", responses=examples.EXPLAIN)
async def explain(name: str, asked: Explained, visit: Visiting) -> Json:
    """Where a passage is on its way to answering a question, and where it was lost, by what margin."""
    index = visit.at(name)
    how = {**asked.how, "deadline": visit.asks(asked.query, asked.deadline)}

    def work(engine: Engine, ledger: Ledger) -> Json:
        fates = engine.explain(asked.query, asked.passage, ledger=ledger, **how)
        return Json(shapes.explained(asked.query, asked.passage, fates))

    return await visit.run(index, work, how["deadline"], asked.query)


async def _search(visit: Visit, index: str, asked: Sought) -> Json:
    how = {**asked.how, "deadline": visit.asks(asked.query, asked.deadline)}

    def work(engine: Engine, ledger: Ledger) -> Json:
        return Json(shapes.ranking(engine.search(asked.query, asked.k, ledger=ledger, **how), asked.text))

    return await visit.run(index, work, how["deadline"], asked.query)


async def _ask(visit: Visit, index: str, asked: Told) -> Response:
    how = {**asked.how, "deadline": visit.asks(asked.question, asked.deadline)}
    if asked.stream:

        def tell(engine: Engine, ledger: Ledger, say: Say) -> None:
            stream = engine.stream(asked.question, ledger=ledger, **how)
            try:
                while True:
                    say("token", {"text": next(stream)})
            except StopIteration as done:
                answer = shapes.answer(done.value)
                say("citations", {name: answer[name] for name in ("citations", "unknown_citations")})
                say("answer", answer)

        return visit.stream(index, tell, how["deadline"])

    def work(engine: Engine, ledger: Ledger) -> Json:
        return Json(shapes.answer(engine.ask(asked.question, ledger=ledger, **how)))

    return await visit.run(index, work, how["deadline"], asked.question)
