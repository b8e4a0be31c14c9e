"""The application: a house behind a gate. Made by a function, so that a test can have its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from api import problems
from api.examples import PROBLEMS
from api.gate import Gate
from api.house import House
from api.mcp.door import PATH, Door
from api.routes import ROUTERS
from api.shelf import Shelf
from cascade import __version__


def create(house: House | Shelf) -> FastAPI:
    """An app that serves a house, or a shelf as one with no keys. The caller opens the shelf and closes it."""
    mine = House(house) if isinstance(house, Shelf) else house
    app = FastAPI(
        title="Cascade", version=__version__, summary="Questions to a corpus of any size.", lifespan=_living,
        docs_url=None, redoc_url=None, responses=PROBLEMS,
    )  # fmt: skip
    app.state.house = mine
    for router in ROUTERS:
        app.include_router(router)
    door = app.state.mcp = Door()
    app.router.routes.append(Route(PATH, door))
    problems.install(app)
    app.add_middleware(Gate, house=mine)
    if mine.rules.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=mine.rules.origins, allow_methods=["*"], allow_headers=["*"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )  # fmt: skip
    return app


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    house: House = app.state.house
    keeping = asyncio.create_task(house.keep())
    try:
        yield
    finally:
        keeping.cancel()
        await app.state.mcp.close()
        await house.leave()
