"""Documents of the client's own, ranked for a query: the request shape of Cohere's and Jina's rerankers."""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import APIRouter

from api import examples
from api.bodies import Json
from api.guard import Visiting
from api.schemas import Ranked
from cascade.engine import Engine
from cascade.ledger import Ledger

router = APIRouter(tags=["ranking"])


@router.post("/v1/rerank", responses=examples.RERANK)
async def rerank(asked: Ranked, visit: Visiting) -> Json:
    """Rank documents by the scorer, or where none is set by the cosine of an index's encoder (0 where it is less)."""
    index = visit.called(asked.model)
    visit.asks(asked.query)

    def work(engine: Engine, ledger: Ledger) -> Json:
        with ledger.stage("judge", len(asked.texts)) as entry:
            scores = _scores(engine, asked.query, asked.texts)
            order = np.argsort(-scores, kind="stable")[: asked.top_n].tolist()
            entry.given = len(order)
        results: list[dict[str, Any]] = [
            {"index": at, "relevance_score": round(float(scores[at]), 6), **_document(asked, at)} for at in order
        ]
        body = {"id": visit.request.state.request, "model": f"cascade/{index}", "results": results}
        return Json(body)

    return await visit.run(index, work)


def _scores(engine: Engine, query: str, texts: list[str]) -> Any:
    if engine.scorer is not None:
        return engine.scorer.score(query, texts)
    return np.clip(engine.encoder.encode_passages(texts) @ engine.encoder.encode_query(query), 0, 1)


def _document(asked: Ranked, at: int) -> dict[str, Any]:
    return {"document": {"text": asked.texts[at]}} if asked.return_documents else {}
