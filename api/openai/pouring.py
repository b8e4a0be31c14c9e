"""A stream of events whose first decides the status: what fails at once is an error, what fails later is an event.

Knows visits and bytes; knows nothing of what the events say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

from starlette.responses import StreamingResponse

from api import problems
from api.bodies import encoded
from api.guard import Visit
from cascade.errors import Cancelled

Said = dict[str, object]


async def poured(visit: Visit, make: Callable[[], Iterator[Said]], deadline: float, named: bool) -> StreamingResponse:
    """Make events in the pool and send each as it comes. `named`: with their types, as the Responses API has them.

    Raises what failed before the first. The client's leaving stops the work.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[Said | None] = asyncio.Queue()

    def work() -> None:
        for event in make():
            loop.call_soon_threadsafe(told.put_nowait, event)

    doing = visit.house.pool.submit(work, visit.ledger, deadline)
    doing.add_done_callback(lambda _: loop.call_soon_threadsafe(told.put_nowait, None))
    first = await _first(visit, told)
    if first is None and (error := doing.exception()):
        raise error

    async def lines() -> AsyncIterator[bytes]:
        try:
            event = first
            while event is not None:
                yield _line(event, named)
                event = await told.get()
            if error := doing.exception():
                failed = problems.openai(problems.body(error))
                yield _line({"type": "error", **failed["error"]} if named else failed, named)
            if not named:
                yield b"data: [DONE]\n\n"
        finally:
            visit.ledger.stop.set()

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _first(visit: Visit, told: asyncio.Queue[Said | None]) -> Said | None:
    """The first event, or None where there is none. Raises Cancelled when the client leaves before it."""
    coming, gone = asyncio.ensure_future(told.get()), asyncio.ensure_future(visit.gone())
    try:
        await asyncio.wait({coming, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            visit.ledger.stop.set()
            raise Cancelled("The client has gone.")
        return coming.result()
    finally:
        coming.cancel()
        gone.cancel()


def _line(event: Said, named: bool) -> bytes:
    name = f"event: {event['type']}\n".encode() if named else b""
    return name + b"data: " + encoded(event) + b"\n\n"
