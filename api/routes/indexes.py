"""The indexes: which there are, what each is made of, and how it does."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api import examples
from api.bodies import Json
from api.guard import Visiting
from cascade import shapes
from cascade.engine import Engine
from cascade.index import manifest as manifests
from cascade.index.layout import Layout
from cascade.ledger import Ledger

router = APIRouter(tags=["indexes"])


@router.get("/indexes", responses=examples.INDEXES)
async def indexes(visit: Visiting) -> Json:
    """The indexes that are there for you, with their sizes. Opens none."""
    shelf = visit.house.shelf
    return Json({"indexes": [_outline(name, visit) for name in visit.names], "open": len(shelf.opened)})


@router.get("/indexes/{name}", responses=examples.STATUS)
async def status(name: str, visit: Visiting) -> Json:
    """What an index is made of: what `cascade status --json` prints, with its name in place of its folder."""
    index = visit.at(name)

    def work(engine: Engine, _: Ledger) -> Json:
        return Json({**shapes.status(engine.snapshot), "index": index})

    return await visit.run(index, work)


@router.get("/indexes/{name}/stats", responses=examples.STATS)
async def stats(name: str, visit: Visiting) -> Json:
    """An index in a few figures, without opening it."""
    return Json(_outline(visit.at(name), visit))


def _outline(name: str, visit: Visiting) -> dict[str, Any]:
    manifest = manifests.read(Layout(visit.house.shelf.path(name)))
    dead = sum(grave.rows for grave in manifest.graves)
    return {
        "name": name, "passages": sum(entry.passages for entry in manifest.segments) - dead, "deleted": dead,
        "segments": len(manifest.segments), "bytes": sum(entry.bytes for entry in manifest.segments),
        "encoder": manifest.built.encoder, "snapshot": manifest.commit, "created": manifest.created,
        "open": name in visit.house.shelf.opened,
    }  # fmt: skip
