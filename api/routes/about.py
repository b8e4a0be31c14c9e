"""What the server is and how it does: health, readiness, version, metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.bodies import Json
from api.guard import Visiting
from api.keys import Right
from cascade import __version__
from cascade.index.layout import FORMAT

router = APIRouter(tags=["about"])


@router.get("/health")
async def health(visit: Visiting) -> dict[str, Any]:
    """Whether the server runs, and which indexes it serves to you."""
    return {"status": "ok", "indexes": list(visit.names)}


@router.get("/ready", responses={503: {"description": "Not now: it is full, or stopping."}})
async def ready(visit: Visiting) -> Json:
    """Whether a question would be taken now. Indexes and models are opened by the first question that needs them."""
    house = visit.house
    full = house.pool.full
    shown = [name for name in visit.names if name in house.shelf.opened]
    return Json({"ready": not full, "open": shown, "held": house.pool.held}, 503 if full else 200)


@router.get("/version")
async def version() -> dict[str, Any]:
    """The version of the program and of the index format it writes."""
    return {"version": __version__, "format": FORMAT}


@router.get("/metrics", response_class=Response)
async def metrics(visit: Visiting) -> Response:
    """Figures for Prometheus. With keys, for one that may admin."""
    visit.allow(Right.ADMIN)
    return Response(visit.house.metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")
