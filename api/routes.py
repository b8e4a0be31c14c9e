"""The routes. Each takes a request, calls the engine and gives a stable shape."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from api.schemas import Ask, Search
from api.shelf import Shelf
from cascade import __version__, shapes
from cascade.index.layout import FORMAT

router = APIRouter()


@router.get("/health")
def health(request: Request) -> dict[str, Any]:
    """Whether the server can answer, and which indexes it serves."""
    return {"status": "ok", "indexes": list(_shelf(request).names)}


@router.get("/version")
def version() -> dict[str, Any]:
    """The version of the program and of the index format it writes."""
    return {"version": __version__, "format": FORMAT}


@router.get("/v1/models")
def models(request: Request) -> dict[str, Any]:
    """Each index as a model, `cascade/NAME`, as OpenAI's clients list them."""
    found = [{"id": f"cascade/{name}", "object": "model", "owned_by": "cascade"} for name in _shelf(request).names]
    return {"object": "list", "data": found}


@router.post("/search")
def search(asked: Search, request: Request) -> dict[str, Any]:
    """The passages that answer best, with scores: what `cascade search --json` prints."""
    engine = _shelf(request).engine(asked.index)
    return shapes.ranking(engine.search(asked.query, asked.k, **asked.how), asked.text)


@router.post("/ask")
def ask(asked: Ask, request: Request) -> dict[str, Any]:
    """An answer with citations: what `cascade ask --json` prints."""
    return shapes.answer(_shelf(request).engine(asked.index).ask(asked.question, **asked.how))


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf
