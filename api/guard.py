"""From a request to who asks and what is there for them: the one way in which routes reach an index.

    visit: Visit = Depends(guard.visit)      who asks, with a ledger that counts from now
    await visit.run(index, work)             work(engine, ledger) in the pool; stopped when the client leaves
    visit.stream(index, work)                the same as server-sent events

Knows callers, the shelf and the pool; knows nothing of what is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from starlette.responses import StreamingResponse

from api import problems
from api.bodies import event
from api.house import House
from api.keys import Key, Right
from api.refusals import Forbidden
from cascade.engine import Engine
from cascade.errors import Cancelled, CascadeError, NoIndex, UnknownName
from cascade.ledger import Entry, Ledger

T = TypeVar("T")
Say = Callable[[str, Any], None]
"""Sends one event: its name, and what it says."""


class Visit:
    """One request: who asks, and the ledger of what is done for them. Its clock runs from the request's arrival."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.house: House = request.app.state.house
        self.caller: Key = request.state.caller
        self.ledger = request.state.ledger = Ledger()

    @property
    def names(self) -> tuple[str, ...]:
        """The indexes that are there for this caller."""
        return tuple(name for name in self.house.shelf.names if self.caller.sees(name))

    def called(self, index: str, right: Right = Right.READ) -> str:
        """The full name of an index, noted for the audit. Raises UnknownName where it is not there for this caller,
        for whatever reason; Forbidden where the caller sees it and may not do this."""
        name = self.house.shelf.called(index, self.names)
        self.request.state.index = name
        self.allow(right)
        return name

    def at(self, index: str, right: Right = Right.READ) -> str:
        """As `called`, of an index named in the path: what is not there is not found. Raises NoIndex, Forbidden."""
        try:
            return self.called(index or " ", right)
        except UnknownName as error:
            raise NoIndex(str(error)) from None

    def allow(self, right: Right) -> None:
        """Raise Forbidden unless the caller has this right."""
        if not self.caller.may(right):
            raise Forbidden(f"This key may {self.caller.right}; for this it would have to be one that may {right}.")

    def asks(self, question: str, deadline: float | None = None) -> float:
        """Note what is asked, for an audit that wants it; the deadline, or the longest there is."""
        self.request.state.question = question
        return min(deadline or self.house.limits.longest, self.house.limits.longest)

    async def run(
        self, index: str, work: Callable[[Engine, Ledger], T], deadline: float | None = None, query: str = ""
    ) -> T:
        """Do work on an index, by its full name, in the pool. Raises Busy, and Cancelled once the client has gone.

        `query`: what will be encoded for it; where several wait, they are encoded together.
        """
        with self.house.shelf.expecting(index, query):
            return await self.compute(lambda ledger: self.on(index, work, ledger), deadline)

    async def compute(self, work: Callable[[Ledger], T], deadline: float | None = None) -> T:
        """Do work of any kind in the pool; stopped when the client leaves."""
        doing = asyncio.ensure_future(self.house.pool.run(lambda: work(self.ledger), self.ledger, deadline))
        gone = asyncio.ensure_future(self.gone())
        try:
            await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise Cancelled("The client has gone.")
            return doing.result()
        finally:
            if not doing.done():
                self.ledger.stop.set()
                doing.cancel()
            gone.cancel()

    def stream(
        self, index: str, work: Callable[[Engine, Ledger, Say], None], deadline: float | None = None
    ) -> StreamingResponse:  # fmt: skip
        """Do work on an index and send what it says as events, `stage` events among them as stages begin and end.

        Raises Busy at once; what goes wrong later is an event `error` with a problem. The client's leaving stops it.
        """
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()

        def say(name: str, content: Any) -> None:
            loop.call_soon_threadsafe(told.put_nowait, (name, content))

        def heard(entry: Entry, ended: bool) -> None:
            say("stage", {"state": "end" if ended else "begin", **entry.as_json()})

        self.ledger.heard = heard
        def work_on(engine: Engine, ledger: Ledger) -> None:
            work(engine, ledger, say)

        doing = self.house.pool.submit(lambda: self.on(index, work_on, self.ledger), self.ledger, deadline)
        doing.add_done_callback(lambda _: loop.call_soon_threadsafe(told.put_nowait, None))

        async def events() -> AsyncIterator[bytes]:
            try:
                while (one := await told.get()) is not None:
                    yield event(*one)
                if error := doing.exception():
                    yield event("error", problems.body(error))
                else:
                    yield event("done", {})
            finally:
                self.ledger.stop.set()

        return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    def on(self, index: str, work: Callable[[Engine, Ledger], T], ledger: Ledger) -> T:
        """Do work on an index in this very thread, and note what it cost."""
        with self.house.shelf.lease(index) as engine:
            try:
                return work(engine, ledger)
            except CascadeError as error:  # where an index lies is nobody's business but the server's
                said = str(error).replace(str(self.house.shelf.path(index)), index)
                error.args = (said, *error.args[1:])
                raise
            finally:
                self.house.metrics.ledger(ledger, not engine.corpus.missing)

    async def gone(self) -> None:
        """Return when the client has gone."""
        while (await self.request.receive())["type"] != "http.disconnect":
            pass


async def visit(request: Request) -> Visit:
    """The visit that a request is."""
    return Visit(request)


Visiting = Annotated[Visit, Depends(visit)]
"""What a route asks for."""
