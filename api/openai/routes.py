"""The routes under /v1. Each takes a request of OpenAI's API, has it answered and gives it OpenAI's shape."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from fastapi import APIRouter, Response

from api.bodies import Json
from api.guard import Visit, Visiting
from api.openai import examples, replies, responses, schemas
from api.openai.answering import ALONE, answering
from api.openai.pouring import poured
from api.openai.replies import Reply, Stream
from cascade.engine import Engine
from cascade.errors import UsageError
from cascade.ledger import Ledger

SMALL = 1 << 16
"""Bytes of a body that is parsed at once; a larger one would hold up every other request."""

router = APIRouter(prefix="/v1", tags=["openai"], responses=examples.ERRORS)

Whole = Callable[[Stream, str], dict[str, Any]]
Parts = Callable[[Stream, str], Iterator[dict[str, Any]]]


@router.get("/models", responses=examples.MODELS)
async def models(visit: Visiting) -> Json:
    """Each index as a model, `cascade/NAME`, and `cascade`, which answers from the request alone."""
    return Json({"object": "list", "data": [_model(name) for name in (*_named(visit), ALONE)]})


@router.get("/models/{name:path}", responses=examples.MODEL)
async def model(name: str, visit: Visiting) -> Json:
    """One model."""
    return Json(_model(ALONE if name == ALONE else f"cascade/{visit.at(name)}"))


@router.post("/chat/completions", openapi_extra=examples.CHAT, responses=examples.COMPLETION)
async def chat(visit: Visiting) -> Response:
    """An answer to a conversation, whole or in chunks."""
    asked = schemas.chat(await _body(visit))
    reply = Reply(replies.fresh("chatcmpl-"), asked.model)

    def whole(stream: Stream, home: str) -> dict[str, Any]:
        return replies.completion(reply, replies.whole(stream), home)

    def parts(stream: Stream, home: str) -> Iterator[dict[str, Any]]:
        return replies.chunks(reply, stream, home, asked.usage)

    return await _answered(visit, asked, whole, parts, named=False)


@router.post("/responses", openapi_extra=examples.RESPONSES, responses=examples.RESPONSE)
async def respond(visit: Visiting) -> Response:
    """An answer to a conversation, as a response or its events."""
    body = await _body(visit)
    asked = schemas.chat(responses.as_chat(body))
    reply = Reply(replies.fresh("resp_"), asked.model)

    def whole(stream: Stream, home: str) -> dict[str, Any]:
        return responses.response(reply, replies.whole(stream), home, body)

    def parts(stream: Stream, home: str) -> Iterator[dict[str, Any]]:
        return responses.events(reply, stream, home, body)

    return await _answered(visit, asked, whole, parts, named=True)


@router.post("/embeddings", openapi_extra=examples.EMBEDDINGS, responses=examples.VECTORS)
async def embeddings(visit: Visiting) -> Response:
    """The vectors of texts, by the encoder that an index was built with."""
    asked = schemas.embed(await _body(visit))
    return await visit.run(visit.at(asked.model), lambda engine, _: _embedded(asked, engine))


async def _answered(visit: Visit, asked: schemas.Chat, whole: Whole, parts: Parts, named: bool) -> Response:
    index = "" if asked.model == ALONE else visit.at(asked.model)
    deadline = visit.asks(schemas.spoken(asked.messages), asked.how.get("deadline"))

    def found(engine: Engine | None, ledger: Ledger) -> tuple[Stream, str]:
        how = {"ledger": ledger, "deadline": deadline}
        return answering(asked, engine, visit.house.prompts, visit.caller.id, **how)

    if not asked.stream:
        if index:
            return await visit.run(index, lambda engine, ledger: Json(whole(*found(engine, ledger))), deadline)
        return await visit.compute(lambda ledger: Json(whole(*found(None, ledger))), deadline)

    def events() -> Iterator[dict[str, Any]]:
        if not index:
            yield from parts(*found(None, visit.ledger))
            return
        with visit.house.shelf.lease(index) as engine:
            yield from parts(*found(engine, visit.ledger))
            visit.house.metrics.ledger(visit.ledger, not engine.corpus.missing)

    return await poured(visit, events, deadline, named)


def _embedded(asked: schemas.Embed, engine: Engine) -> Json:
    encoder = engine.encoder
    if asked.dimensions not in (None, encoder.dim):
        raise UsageError(f"{asked.model} has vectors of {encoder.dim} dimensions and no others. Leave dimensions out.")
    vectors = (
        np.stack([encoder.encode_query(text) for text in asked.texts])
        if asked.query
        else encoder.encode_passages(asked.texts)
    ).astype("<f4")
    rows = [base64.b64encode(row.tobytes()).decode() if asked.base64 else row.tolist() for row in vectors]
    read = sum(map(len, engine.eyes.vocabulary.encode(asked.texts)))
    return Json({
        "object": "list", "model": asked.model, "usage": {"prompt_tokens": read, "total_tokens": read},
        "data": [{"object": "embedding", "index": place, "embedding": row} for place, row in enumerate(rows)],
    })  # fmt: skip


async def _body(visit: Visit) -> dict[str, Any]:
    raw = await visit.request.body()
    return schemas.parsed(raw) if len(raw) <= SMALL else await asyncio.to_thread(schemas.parsed, raw)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "cascade"}


def _named(visit: Visit) -> list[str]:
    return [f"cascade/{name}" for name in visit.names]
