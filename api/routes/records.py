"""The records of an index: added as JSON, as a stream of lines or as files; read; deleted. What is added is a job's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile

from api import examples, uploads
from api.bodies import Json
from api.guard import Visit, Visiting
from api.jobs import Job, Target
from api.keys import Right
from api.refusals import BadRequest, TooLarge
from api.schemas import Added, Deleted, Named
from cascade import shapes
from cascade.engine import Engine
from cascade.errors import NoPassage
from cascade.index.filters import quoted
from cascade.index.reading import records_in_order
from cascade.ledger import Ledger
from indexers.records import Source
from indexers.remove import remove

router = APIRouter(tags=["records"])

Wait = Annotated[float, Query(ge=0, le=60, allow_inf_nan=False, description="Seconds to wait for the job to end.")]
Label = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[\w.:@ -]+$", description="Whose records.")]
Beside = Annotated[int, Query(ge=0, le=200, description="How many passages of the same record on this side.")]
CHUNK = 1 << 20


@router.post("/indexes/{name}/records", responses=examples.JOB)
async def add(name: str, added: Added, visit: Visiting, wait: Wait = 30.0) -> Json:
    """Add records, or change those of the same source and id. A job that ends within `wait` is told with its end."""
    index = visit.at(name, Right.WRITE)
    return await _begun(visit, index, uploads.Rows(added.source, added.rows), wait)


@router.post("/indexes/{name}/records/stream", responses=examples.JOB, openapi_extra=examples.LINES)
async def stream(name: str, request: Request, visit: Visiting, source: Label = "stream", wait: Wait = 0.0) -> Json:
    """Add a stream of lines, each a JSON object with a `text`, and perhaps `_id`, `title`, `time` and metadata."""
    index = visit.at(name, Right.WRITE)
    job, folder = visit.house.jobs.spool()
    try:
        await _kept(folder / "0", request.stream())
        return await _begun(visit, index, uploads.files(source, [("records.jsonl", folder / "0")]), wait, job)
    except BaseException:
        visit.house.jobs.drop(job)
        raise


@router.post("/indexes/{name}/records/upload", responses=examples.JOB, openapi_extra=examples.FORM)
async def upload(name: str, request: Request, visit: Visiting, source: Label = "upload", wait: Wait = 0.0) -> Json:
    """Add files of any kind that `cascade add` reads, sent as a form. The same name again replaces what it held."""
    index = visit.at(name, Right.WRITE)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise BadRequest("Send the files as multipart/form-data, each in a field called `files`.")
    most = visit.house.limits.files
    job, folder = visit.house.jobs.spool()
    try:
        async with request.form(max_files=most + 1, max_fields=10) as form:
            found = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
            if not found:
                raise BadRequest("There is no file in the form. Send each in a field called `files`.")
            if len(found) > most:
                raise TooLarge(f"More than the {most} files that are taken at once came. Send fewer at once.")
            for number, one in enumerate(found):
                await _kept(folder / str(number), _pieces(one))
        named = [(one.filename or "", folder / str(number)) for number, one in enumerate(found)]
        return await _begun(visit, index, uploads.files(source, named), wait, job)
    except BaseException:
        visit.house.jobs.drop(job)
        raise


@router.get("/indexes/{name}/records", responses=examples.RECORDS)
async def listed(name: str, visit: Visiting, which: Annotated[Named, Query()]) -> Json:
    """Records by a filter, in the order of their ids, with their whole texts."""
    index = visit.at(name)

    def work(engine: Engine, _: Ledger) -> Json:
        found = list(islice(records_in_order(engine.snapshot, which.filter), which.limit + 1))
        return Json({"records": found[: which.limit], "more": len(found) > which.limit})

    return await visit.run(index, work)


@router.get("/indexes/{name}/records/{record}", responses=examples.RECORD)
async def read(name: str, record: str, visit: Visiting) -> Json:
    """One record with its whole text, by its id."""
    index = visit.at(name)

    def work(engine: Engine, _: Ledger) -> Json:
        found = next(records_in_order(engine.snapshot, f"record = {quoted(_id(record))}"), None)
        if found is None:
            raise NoPassage(f"There is no record {record[:40]!r} in {index} (it may have been deleted).")
        return Json(found)

    return await visit.run(index, work)


@router.get("/indexes/{name}/passages/{passage}", responses=examples.PASSAGE)
async def passage(name: str, passage: str, visit: Visiting) -> Json:
    """One passage, by the id that every result names it by."""
    index = visit.at(name)
    return await visit.run(index, lambda engine, _: Json(shapes.passage(engine.passage(passage))))


@router.get("/indexes/{name}/passages/{passage}/around", responses=examples.AROUND)
async def around(name: str, passage: str, visit: Visiting, before: Beside = 2, after: Beside = 2) -> Json:
    """A passage with its neighbours in its record, as one text with the place of each."""
    index = visit.at(name)

    def work(engine: Engine, _: Ledger) -> Json:
        return Json(shapes.excerpt(engine.around(passage, before, after), passage))

    return await visit.run(index, work)


@router.delete("/indexes/{name}/records/{record}", responses=examples.DELETED)
async def delete(name: str, record: str, visit: Visiting) -> Json:
    """Delete a record: it is gone from every answer at once."""
    index = visit.at(name, Right.WRITE)
    body = await _deleted(visit, index, f"record = {quoted(_id(record))}", False)
    if not body["records"]:
        raise NoPassage(f"There is no record {record[:40]!r} in {index} (it may have been deleted).")
    return Json(body)


@router.post("/indexes/{name}/records/delete", responses=examples.DELETED)
async def delete_by(name: str, which: Deleted, visit: Visiting) -> Json:
    """Delete every record that matches a filter; with `dry_run`, only count them."""
    index = visit.at(name, Right.WRITE)
    return Json(await _deleted(visit, index, which.filter, which.dry_run))


async def _deleted(visit: Visit, index: str, filter_: str, dry: bool) -> dict[str, Any]:
    shelf = visit.house.shelf

    def work(_: Ledger) -> dict[str, Any]:
        passages, records = remove(shelf.path(index), filter_, dry)
        shelf.renew(index)
        return {"passages": passages, "records": records, "dry_run": dry}

    return await visit.compute(work)


async def _begun(visit: Visit, index: str, source: Source, wait: float, job: str = "") -> Json:
    """Begin a job, and wait a while for its end: 200 where it has ended, 202 where it goes on."""
    jobs, shelf = visit.house.jobs, visit.house.shelf
    target = Target(
        index, shelf.path(index), lambda: shelf.engine(index).encoder, lambda: shelf.renew(index)
    )  # fmt: skip
    made: Job = jobs.begin(target, visit.caller.id, source, job)
    end, pause = time.monotonic() + wait, 0.01
    while not made.over and time.monotonic() < end:
        await asyncio.sleep(pause)
        made, pause = jobs.find(made.id), min(0.25, pause * 1.5)
    return Json(made.shown(), 200 if made.over else 202)


async def _kept(path: Path, pieces: AsyncIterator[bytes]) -> None:
    """Write what comes to a file of ours."""
    with path.open("xb") as out:
        async for piece in pieces:
            await asyncio.to_thread(out.write, piece) if len(piece) >= CHUNK else out.write(piece)


async def _pieces(sent: UploadFile) -> AsyncIterator[bytes]:
    while piece := await sent.read(CHUNK):
        yield piece


def _id(record: str) -> str:
    """A record's id as a filter takes it; of anything else, nothing that could match."""
    return record if len(record) == 32 and record.isalnum() else "none"
