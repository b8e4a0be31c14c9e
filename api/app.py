"""The application: routes over a shelf of indexes. Made by a function, so that a test can have its own."""

from __future__ import annotations

from fastapi import FastAPI

from api import problems
from api.routes import router
from api.shelf import Shelf
from cascade import __version__


def create(shelf: Shelf) -> FastAPI:
    """An app that serves these indexes. The caller opens and closes them."""
    app = FastAPI(title="Cascade", version=__version__, summary="Questions to a corpus of any size.")
    app.state.shelf = shelf
    app.include_router(router)
    problems.install(app)
    return app
