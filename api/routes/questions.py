"""Questions to an index: search, context, ask, explain. The index is named in the body, or in the path."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.bodies import Json
from api.guard import Say, Visit, Visiting
from api.schemas import Ask, Search
from cascade import shapes
from cascade.engine import Engine
from cascade.ledger import Ledger

router = APIRouter(tags=["questions"])


@router.post("/search")
async def search(asked: Search, visit: Visiting) -> Json:
    """The passages that answer best, with scores: what `cascade search --json` prints."""
    return await _search(visit, visit.called(asked.index), asked)


@router.post("/ask")
async def ask(asked: Ask, visit: Visiting) -> Response:
    """An answer with citations: what `cascade ask --json` prints."""
    return await _ask(visit, visit.called(asked.index), asked)


async def _search(visit: Visit, index: str, asked: Search) -> Json:
    how = {**asked.how, "deadline": visit.asks(asked.query, asked.deadline)}

    def work(engine: Engine, ledger: Ledger) -> Json:
        return Json(shapes.ranking(engine.search(asked.query, asked.k, ledger=ledger, **how), asked.text))

    return await visit.run(index, work, how["deadline"])


async def _ask(visit: Visit, index: str, asked: Ask) -> Response:
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

    return await visit.run(index, work, how["deadline"])
